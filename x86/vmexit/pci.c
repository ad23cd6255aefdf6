/* SPDX-License-Identifier: BSD-2-Clause */
/* Writes to pci-testdev: to user space, or to an eventfd with and without a value. */
#include <asm/cpu.h>
#include <clock.h>
#include <cost.h>
#include <pci.h>

/* pci-testdev's header, in either BAR (QEMU's docs/specs/pci-testdev). */
struct testdev_header {
	u8 test, width, pad[2];
	u32 offset, data, count;
	char name[];
};

static const char *const testdev_names[] = {
	"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"
};

#define WAITS		1000

/* An eventfd may be consumed by another thread of the VMM: give it time. */
static bool counted(u32 (*count)(void))
{
	for (unsigned int i = 0; i < WAITS && !count(); i++)
		delay_us(100);
	return count();
}

static volatile struct testdev_header *memory_header;
static u16 io_header;

static u32 memory_count(void)
{
	return memory_header->count;
}

static u32 io_count(void)
{
	return in32(io_header + offsetof(struct testdev_header, count));
}

static uintptr_t testdev_address;
static u8 testdev_data;

static void write_memory_bar(void)
{
	*(volatile u8 *)testdev_address = testdev_data;
}

static void write_io_bar(void)
{
	out8(testdev_address, testdev_data);
}

TEST(pci_mem, "pci-testdev's memory BAR", DEVICE(DEVICE_PCI_TESTDEV))
{
	volatile struct testdev_header *header = memory_header = (void *)
		pci_bar(pci_find(0x1b36, 0x0005), 0);

	for_each(name, testdev_names) SUBTEST("%s", *name) {
		header->test = name - testdev_names;
		testdev_address = (uintptr_t)header + header->offset;
		testdev_data = header->data;
		cost_measure("pci_mem", write_memory_bar);
		EXPECT(counted(memory_count));
	}
}

TEST(pci_io, "pci-testdev's I/O BAR", DEVICE(DEVICE_PCI_TESTDEV))
{
	u16 port = io_header = pci_bar(pci_find(0x1b36, 0x0005), 1);

	for_each(name, testdev_names) SUBTEST("%s", *name) {
		out8(port + offsetof(struct testdev_header, test),
		     name - testdev_names);
		testdev_address = port +
			in32(port + offsetof(struct testdev_header, offset));
		testdev_data = in32(port + offsetof(struct testdev_header, data));
		cost_measure("pci_io", write_io_bar);
		EXPECT(counted(io_count));
	}
}
