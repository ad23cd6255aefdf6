/* SPDX-License-Identifier: BSD-2-Clause */
/* pc-testdev: latches, interrupt lines, a page flush, and device memory. */
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>

#include "vmm/machine.h"

#define LINES	24

static uint8_t latch[4], byte_latch[4];
static uint8_t memory[0x10000];

static uint64_t bytes_read(const uint8_t *from, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, from, size);
	return value;
}

static uint64_t latch_read(uint64_t offset, unsigned int size)
{
	return bytes_read(latch + offset, size);
}

static void latch_write(uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy(latch + offset, &value, size);
}

static uint64_t byte_latch_read(uint64_t offset, unsigned int size)
{
	return bytes_read(byte_latch + offset, size);
}

static void byte_latch_write(uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy(byte_latch + offset, &value, size);
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
	struct kvm_irq_level level = {
		.irq = offset, .level = (value & 0xff) != 0,
	};

	(void)size;
	must(ioctl(machine.vm, KVM_IRQ_LINE, &level), "KVM_IRQ_LINE");
}

static uint64_t memory_read(uint64_t offset, unsigned int size)
{
	return bytes_read(memory + offset, size);
}

static void memory_write(uint64_t offset, unsigned int size, uint64_t value)
{
	memcpy(memory + offset, &value, size);
}

static const struct device testdev_device = {
	.name = "pc-testdev",
	.ranges = {
		{ BUS_PORT, 0xe0, 4, latch_read, latch_write },
		{ BUS_PORT, 0xe4, 4, NULL, flush_write },
		{ BUS_PORT, 0xe8, 1, byte_latch_read, byte_latch_write },
		{ BUS_PORT, 0x2000, LINES, NULL, line_write },
		{ BUS_MEMORY, 0xff000000, sizeof(memory), memory_read,
		  memory_write },
	},
};
DEVICE_REGISTER(testdev_device);
