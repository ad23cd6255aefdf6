/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI bus 0: configuration mechanism 1 (PCI 3.0, 3.2.2.3.2), the host bridge,
 * and what all functions have in common.
 */
#include <string.h>

#include "base/range.h"
#include "vmm/machine.h"
#include "vmm/pci.h"
#include "vmm/x86/iommu.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/reset.h"

#define CONFIG_ENABLE	0x80000000u
#define CONFIG_SIZE	256u
#define FUNCTIONS	8	/* at most; a state's size must not vary */
#define MEMORY_END	0xfec00000u	/* BARs are handed out below */
#define IO_BASE		0xc000u

#define COMMAND		0x04
#define COMMAND_IO	(1u << 0)
#define COMMAND_MEMORY	(1u << 1)
#define COMMAND_MASTER	(1u << 2)
#define COMMAND_NO_INTX	(1u << 10)
#define STATUS		0x06
#define STATUS_INTX	(1u << 3)
#define STATUS_CAPS	(1u << 4)
#define BAR(n)		(0x10 + 4 * (n))
#define CAPABILITIES	0x34
#define INTERRUPT_LINE	0x3c
#define INTERRUPT_PIN	0x3d
#define MSI		0x40	/* the only capability: 64-bit, one vector */
#define MSI_ENABLE	(1u << 0)
#define MSI_64		(1u << 7)

static struct {
	uint32_t address;
	uint32_t wanted;	/* a bit for each function: its INTA# */
	uint8_t config[FUNCTIONS][CONFIG_SIZE];
} pci;

static struct pci_function *functions[FUNCTIONS];
static uint8_t writable[FUNCTIONS][CONFIG_SIZE];
static unsigned int count;
static uint32_t memory_next, io_next;
static struct device pci_device;
static struct pci_function host_bridge;

static uint32_t get(const uint8_t *at, unsigned int size)
{
	uint32_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static void put(uint8_t *at, uint32_t value, unsigned int size)
{
	memcpy(at, &value, size);
}

static unsigned int function_index(const struct pci_function *f)
{
	return (f->config - pci.config[0]) / CONFIG_SIZE;
}

/* As PCs wire them: slots take turns at four lines, which share two inputs. */
static unsigned int function_line(const struct pci_function *f)
{
	return (f->devfn >> 3) & 2 ? 11 : 10;
}

gpa_t pci_bar(const struct pci_function *f, unsigned int n)
{
	uint32_t command = get(f->config + COMMAND, 2);
	uint32_t bar = get(f->config + BAR(n), 4);

	if (f->bars[n].space == BUS_PORT)
		return command & COMMAND_IO ? bar & ~3u : BUS_NOWHERE;
	return command & COMMAND_MEMORY ? bar & ~15u : BUS_NOWHERE;
}

bool pci_bus_master(const struct pci_function *f)
{
	return get(f->config + COMMAND, 2) & COMMAND_MASTER;
}

static bool msi_enabled(const struct pci_function *f)
{
	return f->msi && get(f->config + MSI + 2, 2) & MSI_ENABLE;
}

/* All lines as the functions' wishes and commands are. */
static void lines_update(void)
{
	bool high[2] = { false, false };

	for (unsigned int i = 0; i < count; i++) {
		struct pci_function *f = functions[i];
		uint32_t status = get(f->config + STATUS, 2) & ~STATUS_INTX;
		bool wanted = pci.wanted >> i & 1;

		put(f->config + STATUS, status | (wanted ? STATUS_INTX : 0), 2);
		if (wanted && !msi_enabled(f) &&
		    !(get(f->config + COMMAND, 2) & COMMAND_NO_INTX))
			high[function_line(f) - 10] = true;
	}
	irq_line(IRQ_FROM_PCI, 10, high[0]);
	irq_line(IRQ_FROM_PCI, 11, high[1]);
}

void pci_interrupt(struct pci_function *f, bool wanted)
{
	uint32_t bit = 1u << function_index(f);

	pthread_mutex_lock(&pci_device.lock);
	pci.wanted = wanted ? pci.wanted | bit : pci.wanted & ~bit;
	if (!msi_enabled(f))
		lines_update();
	else if (wanted && pci_bus_master(f))
		iommu_msi(f->devfn, get(f->config + MSI + 4, 4) |
			  (uint64_t)get(f->config + MSI + 8, 4) << 32,
			  get(f->config + MSI + 12, 2));
	pthread_mutex_unlock(&pci_device.lock);
}

static void bars_update(struct pci_function *f)
{
	for (unsigned int n = 0; n < PCI_BARS; n++) {
		gpa_t old = f->base[n];

		if (f->bars[n].space == BUS_NONE || pci_bar(f, n) == old)
			continue;
		f->base[n] = pci_bar(f, n);
		bus_move(f->bus_id[n], f->base[n]);
		if (f->moved)
			f->moved(n, old);
	}
}

static void bar_add(struct pci_function *f, unsigned int n)
{
	struct bus_range *bar = &f->bars[n];
	bool io = bar->space == BUS_PORT;

	if (io) {
		bar->base = (io_next + bar->size - 1) & ~(bar->size - 1);
		io_next = bar->base + bar->size;
	} else {
		bar->base = (memory_next - bar->size) & ~(bar->size - 1);
		memory_next = bar->base;
	}
	put(f->config + BAR(n), bar->base | io, 4);
	put(f->writable + BAR(n), ~(bar->size - 1), 4);
	f->base[n] = bar->base;
	f->bus_id[n] = bus_add(f->device, bar);
}

static void function_add(struct pci_function *f)
{
	if (count == FUNCTIONS)
		machine_end(NULL, VM_END_ERROR, 0, "more than %d PCI functions",
			    FUNCTIONS);
	f->config = pci.config[count];
	f->writable = writable[count];
	functions[count++] = f;
	put(f->config, f->id[0] | (uint32_t)f->id[1] << 16, 4);
	put(f->config + 0x08, f->class, 4);
	put(f->config + 0x2c, f->subsystem[0] | (uint32_t)f->subsystem[1] << 16, 4);
	put(f->writable + COMMAND, COMMAND_MASTER | COMMAND_NO_INTX, 2);
	put(f->writable + 0x0c, 0xffff, 2);	/* cache line size, latency */
	put(f->writable + INTERRUPT_LINE, 0xff, 1);
	for (unsigned int n = 0; n < PCI_BARS; n++) {
		uint32_t decode = f->bars[n].space == BUS_PORT ? COMMAND_IO :
			COMMAND_MEMORY;

		if (f->bars[n].space == BUS_NONE)
			continue;
		bar_add(f, n);
		f->config[COMMAND] |= decode;
		f->writable[COMMAND] |= decode;
	}
	if (f->interrupt) {
		f->config[INTERRUPT_PIN] = 1;
		f->config[INTERRUPT_LINE] = function_line(f);
	}
	if (!f->msi)
		return;
	f->config[STATUS] |= STATUS_CAPS;
	f->config[CAPABILITIES] = MSI;
	put(f->config + MSI, 0x05 | MSI_64 << 16, 4);
	put(f->writable + MSI + 2, MSI_ENABLE, 2);
	put(f->writable + MSI + 4, ~3u, 4);
	put(f->writable + MSI + 8, ~0u, 4);
	put(f->writable + MSI + 12, 0xffff, 2);
}

static void pci_init(void)
{
	/* The host bridge is what tells one chip set from another. */
	if (machine.config->platform.q35)
		host_bridge.id[1] = 0x29c0;
	memory_next = MEMORY_END;
	io_next = IO_BASE;
	for_each_pci_function(f)
		if (f->device->there)
			function_add(f);
}

static void pci_restore(void)
{
	for (unsigned int i = 0; i < count; i++)
		bars_update(functions[i]);
}

/* The function that the address register names, or NULL. */
static struct pci_function *config_selected(void)
{
	for (unsigned int i = 0; i < count; i++)
		if ((pci.address & 0x80ffff00) ==
		    (CONFIG_ENABLE | (uint32_t)functions[i]->devfn << 8))
			return functions[i];
	return NULL;
}

/* A byte at 0xcf9 is the reset control register, not the address. */
static uint64_t address_read(uint64_t offset, unsigned int size)
{
	if (offset == 1 && size == 1)
		return reset_control_read();
	return pci.address >> 8 * offset;
}

static void address_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (!offset && size == 4)
		pci.address = value;
	else if (offset == 1 && size == 1)
		reset_control_write(value);
}

/* The byte offset may sit in the address, in the data port, or in both. */
static unsigned int config_offset(uint64_t offset)
{
	return (pci.address & 0xff) | offset;
}

static uint64_t data_read(uint64_t offset, unsigned int size)
{
	const struct pci_function *f = config_selected();
	unsigned int at = config_offset(offset);

	if (!f || at + size > CONFIG_SIZE)
		return ~0ull;
	return get(f->config + at, size);
}

static void data_write(uint64_t offset, unsigned int size, uint64_t value)
{
	struct pci_function *f = config_selected();
	unsigned int at = config_offset(offset);
	uint32_t mask;

	if (!f || at + size > CONFIG_SIZE)
		return;
	mask = get(f->writable + at, size);
	put(f->config + at, (get(f->config + at, size) & ~mask) | (value & mask),
	    size);
	bars_update(f);
	lines_update();
}

static bool dma(const struct pci_function *f, uint64_t address, uint8_t *data,
		size_t size, bool write)
{
	while (size) {
		size_t piece = 4096 - (address & 4095);
		const void *ram;
		gpa_t gpa;

		piece = piece < size ? piece : size;
		if (!pci_bus_master(f) ||
		    !iommu_translate(f->devfn, address, write, &gpa))
			return false;
		ram = ram_at(gpa, piece);
		if (!ram)
			return false;
		if (write)
			ram_write(gpa, data, piece);
		else
			memcpy(data, ram, piece);
		address += piece;
		data += piece;
		size -= piece;
	}
	return true;
}

bool pci_dma_read(const struct pci_function *f, uint64_t address, void *data,
		  size_t size)
{
	return dma(f, address, data, size, false);
}

bool pci_dma_write(const struct pci_function *f, uint64_t address,
		   const void *data, size_t size)
{
	return dma(f, address, (uint8_t *)(uintptr_t)data, size, true);
}

static struct device pci_device = {
	.name = "pci",
	.text = "PCI bus 0, configuration mechanism 1",
	.init = pci_init,
	.ranges = {
		{ BUS_PORT, 0xcf8, 4, address_read, address_write, 0,
		  "configuration address; bytes at 0xcf9: reset control" },
		{ BUS_PORT, 0xcfc, 4, data_read, data_write, 4,
		  "configuration data" },
	},
	.state = DEVICE_STATE(1, pci),
	.restore = pci_restore,
};
DEVICE_REGISTER(pci_device);

static struct pci_function host_bridge = {
	.device = &pci_device,
	.devfn = PCI_DEVFN(0, 0),
	.id = { 0x8086, 0x1237 },
	.subsystem = { 0x1af4, 0x1100 },
	.class = 0x06000002,
};
PCI_REGISTER(host_bridge);
