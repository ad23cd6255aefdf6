/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI: configuration mechanism 1, a host bridge at 00.0, and pci-testdev at 01.0
 * (QEMU's docs/specs/pci-testdev).  No firmware runs: BARs are assigned.
 */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/machine.h"

#define CONFIG_ENABLE	0x80000000u
#define TESTDEV_MEMORY	0xfebf0000u
#define TESTDEV_IO	0xc000u
#define MEMORY_SIZE	4096u
#define IO_SIZE		256u
#define TESTS		3

static uint32_t address;
static uint8_t bridge[256], testdev[256];

/* One BAR of pci-testdev: its header, and the events of its tests. */
struct bar {
	uint32_t base, first;	/* offset of test 0's register */
	unsigned int flags;	/* KVM_IOEVENTFD_FLAG_PIO or 0 */
	int selected;		/* -1: none */
	uint32_t count;
	int event;		/* eventfd of the selected test, or -1 */
};

static struct bar bars[2] = {
	{ TESTDEV_MEMORY, 2048, 0, -1, 0, -1 },
	{ TESTDEV_IO, 128 + 3, KVM_IOEVENTFD_FLAG_PIO, -1, 0, -1 },
};

static const char *const test_names[TESTS] = {
	"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"
};

static uint8_t test_data(int test)
{
	return test == 2 ? 0xfa : 0xce;
}

static void event_assign(struct bar *bar, unsigned int more)
{
	struct kvm_ioeventfd event = {
		.addr = bar->base + bar->first + bar->selected,
		.len = 1, .fd = bar->event, .flags = bar->flags | more,
		.datamatch = test_data(bar->selected),
	};

	if (bar->selected == 2)
		event.flags |= KVM_IOEVENTFD_FLAG_DATAMATCH;
	must(ioctl(machine.vm, KVM_IOEVENTFD, &event), "KVM_IOEVENTFD");
}

static void test_select(struct bar *bar, unsigned int test)
{
	if (bar->event >= 0) {
		event_assign(bar, KVM_IOEVENTFD_FLAG_DEASSIGN);
		close(bar->event);
		bar->event = -1;
	}
	bar->selected = test < TESTS ? (int)test : -1;
	bar->count = 0;
	if (bar->selected > 0) {
		bar->event = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC),
				  "eventfd");
		event_assign(bar, 0);
	}
}

static uint64_t header_read(struct bar *bar, uint64_t offset, unsigned int size)
{
	uint8_t header[64] = { 0 };
	uint32_t at = bar->first + bar->selected, data;
	uint64_t value = 0, events;

	if (bar->selected < 0 || offset + size > sizeof(header))
		return 0;
	if (bar->event >= 0 &&
	    read(bar->event, &events, sizeof(events)) == sizeof(events))
		bar->count += events;
	data = test_data(bar->selected);
	header[0] = bar->selected;
	header[1] = 1;
	memcpy(header + 4, &at, 4);
	memcpy(header + 8, &data, 4);
	memcpy(header + 12, &bar->count, 4);
	snprintf((char *)header + 16, sizeof(header) - 16, "%s",
		 test_names[bar->selected]);
	memcpy(&value, header + offset, size);
	return value;
}

static void bar_write(struct bar *bar, uint64_t offset, uint64_t value)
{
	if (!offset)
		test_select(bar, value & 0xff);
	else if (bar->selected >= 0 &&
		 offset == bar->first + (unsigned int)bar->selected &&
		 (uint8_t)value == test_data(bar->selected))
		bar->count++;
}

static uint64_t memory_read(uint64_t offset, unsigned int size)
{
	return header_read(&bars[0], offset, size);
}

static void memory_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	bar_write(&bars[0], offset, value);
}

static uint64_t io_read(uint64_t offset, unsigned int size)
{
	return header_read(&bars[1], offset, size);
}

static void io_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	bar_write(&bars[1], offset, value);
}

static void put(uint8_t *config, unsigned int at, uint32_t value)
{
	memcpy(config + at, &value, sizeof(value));
}

static void pci_init(void)
{
	put(bridge, 0x00, 0x12378086);		/* 440FX */
	put(bridge, 0x08, 0x06000002);		/* host bridge */
	put(testdev, 0x00, 0x00051b36);
	put(testdev, 0x04, 0x00000003);		/* I/O and memory decode */
	put(testdev, 0x08, 0x00ff0000);
	put(testdev, 0x10, TESTDEV_MEMORY);
	put(testdev, 0x14, TESTDEV_IO | 1);
	put(testdev, 0x2c, 0x11001af4);
}

/* The function that the address register names, or NULL. */
static uint8_t *config_selected(void)
{
	if (!(address & CONFIG_ENABLE))
		return NULL;
	switch (address >> 8 & 0xffff) {
	case 0x00:
		return bridge;
	case 0x08:
		return testdev;
	default:
		return NULL;
	}
}

static uint64_t address_read(uint64_t offset, unsigned int size)
{
	uint64_t value = address >> 8 * offset;

	(void)size;
	return value;
}

static void address_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (!offset && size == 4)
		address = value;
}

/* The byte offset may sit in the address, in the data port, or in both. */
static unsigned int config_offset(uint64_t offset)
{
	return (address & 0xff) | offset;
}

static uint64_t data_read(uint64_t offset, unsigned int size)
{
	const uint8_t *config = config_selected();
	unsigned int at = config_offset(offset);
	uint64_t value = 0;

	if (!config || at + size > 256)
		return ~0ull;
	memcpy(&value, config + at, size);
	return value;
}

/* A BAR keeps the bits above its size, so that it can be sized. */
static void bar_config(unsigned int n, uint32_t value)
{
	uint32_t size = n ? IO_SIZE : MEMORY_SIZE;

	put(testdev, 0x10 + 4 * n, (value & ~(size - 1)) | (n ? 1 : 0));
}

static void data_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint8_t *config = config_selected();
	unsigned int at = config_offset(offset);

	if (!config || at + size > 256)
		return;
	if (config == testdev && size == 4 && (at == 0x10 || at == 0x14))
		bar_config((at - 0x10) / 4, value);
	else if (at == 0x04 || at == 0x3c)	/* command, interrupt line */
		memcpy(config + at, &value, size < 2 ? size : 2);
}

static struct device pci_device = {
	.name = "pci",
	.text = "PCI host bridge and pci-testdev",
	.init = pci_init,
	.ranges = {
		{ BUS_PORT, 0xcf8, 4, address_read, address_write, 0,
		  "configuration address" },
		{ BUS_PORT, 0xcfc, 4, data_read, data_write, 0,
		  "configuration data" },
		{ BUS_MEMORY, TESTDEV_MEMORY, MEMORY_SIZE, memory_read,
		  memory_write, 0, "pci-testdev BAR 0" },
		{ BUS_PORT, TESTDEV_IO, IO_SIZE, io_read, io_write, 0,
		  "pci-testdev BAR 1" },
	},
};
DEVICE_REGISTER(pci_device);
