/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * edu (QEMU's docs/specs/edu): a device that does DMA and raises interrupts when
 * it is told to.  What takes QEMU's a while is done here when it is asked for.
 */
#include <string.h>

#include "base/range.h"
#include "vmm/machine.h"
#include "vmm/pci.h"

#define REG_ID		0x00
#define REG_LIVENESS	0x04
#define REG_FACTORIAL	0x08
#define REG_STATUS	0x20
#define REG_INTERRUPTS	0x24
#define REG_RAISE	0x60
#define REG_ACKNOWLEDGE	0x64
#define REG_SOURCE	0x80
#define REG_TARGET	0x88
#define REG_COUNT	0x90
#define REG_COMMAND	0x98

#define ID		0x010000edu
#define STATUS_IRQ	0x80u		/* interrupt when a factorial is done */
#define DMA_START	(1u << 0)
#define DMA_TO_RAM	(1u << 1)
#define DMA_IRQ		(1u << 2)
#define INTERRUPT_FACTORIAL	0x001u
#define INTERRUPT_DMA		0x100u
#define DMA_MASK	0x0fffffffull	/* it has 28 address lines */
#define BUFFER		0x40000u
#define BUFFER_SIZE	4096u

static struct {
	uint64_t source, target, count, command;
	uint32_t liveness, factorial, status, interrupts;
	uint8_t buffer[BUFFER_SIZE];
} edu;

static struct pci_function edu_function;

static void interrupts_raise(uint32_t interrupts)
{
	edu.interrupts |= interrupts;
	if (edu.interrupts)
		pci_interrupt(&edu_function, true);
}

static void interrupts_acknowledge(uint32_t interrupts)
{
	edu.interrupts &= ~interrupts;
	if (!edu.interrupts)
		pci_interrupt(&edu_function, false);
}

static void dma_run(void)
{
	bool to_ram = edu.command & DMA_TO_RAM;
	uint64_t inside = (to_ram ? edu.source : edu.target) - BUFFER;
	uint8_t *buffer = edu.buffer + inside;

	/* A transfer that does not fit into the buffer does not happen. */
	if (range_contains((struct range){ 0, BUFFER_SIZE }, inside, edu.count)) {
		if (to_ram)
			pci_dma_write(&edu_function, edu.target & DMA_MASK,
				      buffer, edu.count);
		else
			pci_dma_read(&edu_function, edu.source & DMA_MASK,
				     buffer, edu.count);
	}
	edu.command &= ~(uint64_t)DMA_START;
	if (edu.command & DMA_IRQ)
		interrupts_raise(INTERRUPT_DMA);
}

static void factorial_set(uint32_t n)
{
	/* From 34! on there are more than 32 factors of two. */
	for (edu.factorial = 1; n > 1 && edu.factorial; n--)
		edu.factorial *= n;
	if (edu.status & STATUS_IRQ)
		interrupts_raise(INTERRUPT_FACTORIAL);
}

static uint64_t *wide_register(uint64_t offset)
{
	switch (offset & ~7ull) {
	case REG_SOURCE:
		return &edu.source;
	case REG_TARGET:
		return &edu.target;
	case REG_COUNT:
		return &edu.count;
	case REG_COMMAND:
		return &edu.command;
	default:
		return NULL;
	}
}

/* Below 0x80 registers are 32 bits wide; from there on either half is taken too. */
static bool access_valid(uint64_t offset, unsigned int size)
{
	if (offset < REG_SOURCE)
		return size == 4 && !(offset & 3);
	return (size == 4 || size == 8) && !(offset & (size - 1));
}

static uint64_t edu_read(uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	if (!access_valid(offset, size))
		return ~0ull;
	switch (offset) {
	case REG_ID:
		return ID;
	case REG_LIVENESS:
		return edu.liveness;
	case REG_FACTORIAL:
		return edu.factorial;
	case REG_STATUS:
		return edu.status;
	case REG_INTERRUPTS:
		return edu.interrupts;
	}
	if (wide_register(offset))
		memcpy(&value, (uint8_t *)wide_register(offset) + (offset & 7), size);
	return wide_register(offset) ? value : ~0ull;
}

static void edu_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (!access_valid(offset, size))
		return;
	switch (offset) {
	case REG_LIVENESS:
		edu.liveness = ~value;
		break;
	case REG_FACTORIAL:
		factorial_set(value);
		break;
	case REG_STATUS:
		edu.status = value & STATUS_IRQ;
		break;
	case REG_RAISE:
		interrupts_raise(value);
		break;
	case REG_ACKNOWLEDGE:
		interrupts_acknowledge(value);
		break;
	}
	if (wide_register(offset))
		memcpy((uint8_t *)wide_register(offset) + (offset & 7), &value, size);
	if (offset == REG_COMMAND && value & DMA_START)
		dma_run();
}

static struct device edu_device = {
	.name = "edu",
	.text = "PCI device with DMA, INTA# and an MSI on demand",
	.optional = true,
	.state = DEVICE_STATE(1, edu),
};
DEVICE_REGISTER(edu_device);

static struct pci_function edu_function = {
	.device = &edu_device,
	.devfn = PCI_DEVFN(2, 0),
	.id = { 0x1234, 0x11e8 },
	.subsystem = { 0x1af4, 0x1100 },
	.class = 0x00ff0010,
	.interrupt = true,
	.msi = true,
	.bars = { { BUS_MEMORY, 0, 1 << 20, edu_read, edu_write, 0, "BAR 0" } },
};
PCI_REGISTER(edu_function);
