/* SPDX-License-Identifier: BSD-2-Clause */
/* pc-testdev: latches, interrupt lines, a page flush, and device memory. */
#include <string.h>
#include <sys/mman.h>

#include "vmm/machine.h"
#include "vmm/x86/irq.h"

static struct {
	uint8_t latch[4];
	uint8_t memory[0x10000];
} testdev;

static uint64_t bytes_read(const uint8_t *from, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

static uint64_t latch_read(uint64_t offset, unsigned int size)
{
	return bytes_read(testdev.latch + offset, size);
}

static void latch_write(uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy(testdev.latch + offset, &value, size);
}

/* The same latch; its second byte is out of reach, as the debug console has that port. */
static uint64_t high_read(uint64_t offset, unsigned int size)
{
	return latch_read(offset + 2, size);
}

static void high_write(uint64_t offset, unsigned int size, uint64_t value)
{
	latch_write(offset + 2, size, value);
}

/* The host loses its mapping of the page; what is in it stays. */
static void flush_write(uint64_t offset, unsigned int size, uint64_t value)
{
	void *page = ram_at(value & ~0xfffull, 4096);

	(void)offset;
	(void)size;
	if (!page)
		return;
	mprotect(page, 4096, PROT_NONE);
	mprotect(page, 4096, PROT_READ | PROT_WRITE);
}

static void line_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	irq_line(IRQ_FROM_TESTDEV, offset, value & 0xff);
}

static uint64_t memory_read(uint64_t offset, unsigned int size)
{
	return bytes_read(testdev.memory + offset, size);
}

static void memory_write(uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy(testdev.memory + offset, &value, size);
}

static struct device testdev_device = {
	.name = "pc-testdev",
	.text = "QEMU's device for unit tests",
	.ranges = {
		{ BUS_PORT, 0xe0, 4, latch_read, latch_write, 0,
		  "latch, accesses of any size" },
		{ BUS_PORT, 0xe4, 4, NULL, flush_write, 0,
		  "the host forgets its mapping of the page at this address" },
		/* The byte between is the debug console's port. */
		{ BUS_PORT, 0xe8, 1, latch_read, latch_write, 1,
		  "the same latch, in bytes only" },
		{ BUS_PORT, 0xea, 2, high_read, high_write, 1, "its upper half" },
		{ BUS_PORT, 0x2000, IRQ_LINES, NULL, line_write, 0,
		  "interrupt line n: low byte 0 lowers, others raise" },
		{ BUS_MEMORY, 0xff000000, sizeof(testdev.memory), memory_read,
		  memory_write, 0, "bytes that the device keeps" },
	},
	.state = DEVICE_STATE(2, testdev),
};
DEVICE_REGISTER(testdev_device);
