/* SPDX-License-Identifier: BSD-2-Clause */
/* fw_cfg (QEMU's docs/specs/fw_cfg): selector and data ports, DMA, directory. */
#include <byteswap.h>
#include <stdio.h>
#include <string.h>

#include "vmm/machine.h"
#include "vmm/x86/platform.h"

#define ITEM_SIGNATURE	0x00
#define ITEM_ID		0x01
#define ITEM_RAM_SIZE	0x03
#define ITEM_CPUS	0x05
#define ITEM_MAX_CPUS	0x0f
#define ITEM_DIRECTORY	0x19
#define ITEM_FILES	0x20
#define ID_PORTS	1u
#define ID_DMA		2u

#define DATA		1		/* offsets of the ports */
#define DMA_SIGNATURE	0x51454d5520434647ull	/* "QEMU CFG" */
#define DMA_ERROR	0x01u		/* in a descriptor's control word */
#define DMA_READ	0x02u
#define DMA_SKIP	0x04u
#define DMA_SELECT	0x08u
#define DMA_WRITE	0x10u

#define NAME_SIZE	56
#define ITEM_MAX	256		/* bytes of the longest item */

/* Numbers in directory and descriptors are big-endian. */
struct file_entry {
	uint32_t size;
	uint16_t select, reserved;
	char name[NAME_SIZE];
};

struct dma_descriptor {
	uint32_t control, length;
	uint64_t address;
};

/* As e820 would have it; the layout is that of the BIOS's table. */
struct e820_entry {
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

static struct {
	uint32_t item, offset;
	uint64_t descriptor;		/* its address, of which the first half came */
} selected;

static unsigned int put(uint8_t *bytes, const void *from, unsigned int size)
{
	memcpy(bytes, from, size);
	return size;
}

/* "etc/e820": RAM, from the bottom up. */
static unsigned int e820(uint8_t *bytes)
{
	struct e820_entry map[2] = {
		{ 0, ram_below_4g(), 1 }, { 1ull << 32, ram_above_4g(), 1 },
	};

	return put(bytes, map, ram_above_4g() ? sizeof(map) : sizeof(map[0]));
}

/* "etc/system-states": bit 7 says that S3, S4 (not) and S5 are there. */
static unsigned int system_states(uint8_t *bytes)
{
	static const uint8_t states[6] = { 128, 0, 0, 129, 2, 128 };

	return put(bytes, states, sizeof(states));
}

static const struct {
	const char *name;
	unsigned int (*get)(uint8_t *bytes);
} files[] = {
	{ "etc/e820", e820 },
	{ "etc/system-states", system_states },
};

#define FILES	(sizeof(files) / sizeof(*files))

static unsigned int directory(uint8_t *bytes)
{
	uint32_t count = bswap_32(FILES);
	unsigned int size = put(bytes, &count, sizeof(count));
	uint8_t file[ITEM_MAX];

	_Static_assert(4 + FILES * sizeof(struct file_entry) <= ITEM_MAX, "directory");
	for (unsigned int i = 0; i < FILES; i++) {
		struct file_entry entry = {
			.size = bswap_32(files[i].get(file)),
			.select = bswap_16(ITEM_FILES + i),
		};

		snprintf(entry.name, sizeof(entry.name), "%s", files[i].name);
		size += put(bytes + size, &entry, sizeof(entry));
	}
	return size;
}

/* An item's bytes; returns how many.  Those unknown have none. */
static unsigned int item_get(uint32_t item, uint8_t *bytes)
{
	uint64_t memory = machine.config->memory;
	uint32_t id = ID_PORTS | ID_DMA;
	uint16_t cpus = machine.config->cpus;

	switch (item) {
	case ITEM_SIGNATURE:
		return put(bytes, "QEMU", 4);
	case ITEM_ID:
		return put(bytes, &id, sizeof(id));
	case ITEM_RAM_SIZE:
		return put(bytes, &memory, sizeof(memory));
	case ITEM_CPUS:
	case ITEM_MAX_CPUS:
		return put(bytes, &cpus, sizeof(cpus));
	case ITEM_DIRECTORY:
		return directory(bytes);
	}
	if (item >= ITEM_FILES && item < ITEM_FILES + FILES)
		return files[item - ITEM_FILES].get(bytes);
	return 0;
}

/* The next @size bytes of the selected item; zeros behind its end. */
static void item_read(uint8_t *to, unsigned int size)
{
	uint8_t bytes[ITEM_MAX];
	unsigned int length = item_get(selected.item, bytes);

	memset(to, 0, size);
	if (selected.offset < length) {
		unsigned int left = length - selected.offset;

		memcpy(to, bytes + selected.offset, left < size ? left : size);
	}
	/* It stays at the end, rather than coming round. */
	selected.offset += selected.offset < length ? size : 0;
}

static void item_select(uint16_t item)
{
	selected.item = item;
	selected.offset = 0;
}

/* Copies @length bytes of the item to the guest; false if it has no RAM there. */
static bool dma_copy(gpa_t to, uint32_t length)
{
	uint8_t chunk[ITEM_MAX];

	/* Nothing but an item's own bytes is worth a copy; the rest are zeros. */
	while (length) {
		uint32_t n = length < sizeof(chunk) ? length : sizeof(chunk);

		if (!ram_at(to, n))
			return false;
		item_read(chunk, n);
		ram_write(to, chunk, n);
		to += n;
		length -= n;
	}
	return true;
}

static void dma_run(gpa_t at)
{
	struct dma_descriptor d;
	const void *ram = ram_at(at, sizeof(d));
	uint32_t control, length;
	bool good = true;

	if (!ram)
		return;
	memcpy(&d, ram, sizeof(d));
	control = bswap_32(d.control);
	length = bswap_32(d.length);
	if (control & DMA_SELECT)
		item_select(control >> 16);
	/* No item may be written; reading goes before skipping, as on QEMU. */
	if (control & DMA_READ)
		good = dma_copy(bswap_64(d.address), length);
	else if (control & DMA_WRITE)
		good = false;
	else if (control & DMA_SKIP)
		selected.offset += length < ITEM_MAX ? length : ITEM_MAX;
	control = good ? 0 : bswap_32(DMA_ERROR);
	ram_write(at, &control, sizeof(control));
}

static uint64_t ports_read(uint64_t offset, unsigned int size)
{
	uint8_t byte = 0;

	if (offset == DATA && size == 1)
		item_read(&byte, 1);
	return byte;
}

static void ports_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (!offset && size == 2)
		item_select(value);
}

static uint64_t dma_read(uint64_t offset, unsigned int size)
{
	(void)size;
	return bswap_64(DMA_SIGNATURE) >> 8 * offset;
}

/* The address in two halves, the high one first; the low one starts it. */
static void dma_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (size != 4)
		return;
	if (!offset) {
		selected.descriptor = (uint64_t)bswap_32(value) << 32;
		return;
	}
	dma_run(selected.descriptor | bswap_32(value));
	selected.descriptor = 0;
}

static struct device fwcfg_device = {
	.name = "fw_cfg",
	.text = "what the machine is made of, for firmware",
	.ranges = {
		{ BUS_PORT, 0x510, 2, ports_read, ports_write, 0,
		  "selector (16 bits); data (8 bits at 0x511)" },
		{ BUS_PORT, 0x514, 8, dma_read, dma_write, 0,
		  "address of a DMA descriptor, big-endian" },
	},
	.state = DEVICE_STATE(1, selected),
};
DEVICE_REGISTER(fwcfg_device);
