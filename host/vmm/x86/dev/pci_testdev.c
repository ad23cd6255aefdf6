/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * pci-testdev (QEMU's docs/specs/pci-testdev): writes that a device handles,
 * and writes that only signal an eventfd, for comparing what they cost.
 */
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/machine.h"
#include "vmm/pci.h"

#define TESTS		3
#define WILDCARD	1		/* any byte counts */
#define DATA_MATCH	2

static const char *const test_names[TESTS] = {
	"no-eventfd", "wildcard-eventfd", "datamatch-eventfd"
};

static struct {
	int32_t selected;	/* -1: none */
	uint32_t count;		/* matching writes */
} bars[PCI_BARS] = { { -1, 0 }, { -1, 0 } };

static const uint32_t first_register[PCI_BARS] = { 2048, 128 + 3 };

/* What KVM was told; .fd is -1 where it was told nothing. */
static struct kvm_ioeventfd events[PCI_BARS] = { { .fd = -1 }, { .fd = -1 } };
static struct pci_function testdev;

static uint8_t test_data(int test)
{
	return test == WILDCARD ? 0xce : 0xfa;
}

static void events_count(unsigned int n)
{
	uint64_t more;

	if (events[n].fd >= 0 &&
	    read(events[n].fd, &more, sizeof(more)) == sizeof(more))
		bars[n].count += more;
}

static void event_assign(unsigned int n)
{
	if (events[n].fd >= 0)
		must(ioctl(machine.vm, KVM_IOEVENTFD, &events[n]),
		     "KVM_IOEVENTFD");
}

static void event_end(unsigned int n)
{
	if (events[n].fd < 0)
		return;
	events[n].flags |= KVM_IOEVENTFD_FLAG_DEASSIGN;
	event_assign(n);
	events_count(n);
	close(events[n].fd);
	events[n].fd = -1;
}

/* The selected test's event, where its BAR is decoded. */
static void event_begin(unsigned int n)
{
	int test = bars[n].selected;

	if (test <= 0 || testdev.base[n] == BUS_NOWHERE)
		return;
	events[n] = (struct kvm_ioeventfd){
		.addr = testdev.base[n] + first_register[n] + test,
		.len = 1, .datamatch = test_data(test),
		.fd = must(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC), "eventfd"),
	};
	if (testdev.bars[n].space == BUS_PORT)
		events[n].flags |= KVM_IOEVENTFD_FLAG_PIO;
	if (test == DATA_MATCH)
		events[n].flags |= KVM_IOEVENTFD_FLAG_DATAMATCH;
	event_assign(n);
}

static void test_select(unsigned int n, unsigned int test)
{
	event_end(n);
	bars[n].selected = test < TESTS ? (int)test : -1;
	bars[n].count = 0;
	event_begin(n);
}

static uint64_t header_read(unsigned int n, uint64_t offset, unsigned int size)
{
	uint8_t header[64] = { 0 };
	uint32_t at = first_register[n] + bars[n].selected, data;
	uint64_t value = 0;

	if (bars[n].selected < 0 || offset + size > sizeof(header))
		return 0;
	events_count(n);
	data = test_data(bars[n].selected);
	/* Those of BAR 1 count on. */
	header[0] = TESTS * n + bars[n].selected;
	header[1] = 1;
	memcpy(header + 4, &at, 4);
	memcpy(header + 8, &data, 4);
	memcpy(header + 12, &bars[n].count, 4);
	snprintf((char *)header + 16, sizeof(header) - 16, "%s/%s",
		 testdev.bars[n].space == BUS_PORT ? "portio" : "mmio",
		 test_names[bars[n].selected]);
	memcpy(&value, header + offset, size);
	return value;
}

/* What no eventfd took. */
static void bar_write(unsigned int n, uint64_t offset, unsigned int size,
		      uint64_t value)
{
	int test = bars[n].selected;

	if (!offset)
		test_select(n, value & 0xff);
	else if (test >= 0 && offset == first_register[n] + (unsigned int)test &&
		 (test == WILDCARD || (size == 1 && value == test_data(test))))
		bars[n].count++;
}

static uint64_t memory_read(uint64_t offset, unsigned int size)
{
	return header_read(0, offset, size);
}

static void memory_write(uint64_t offset, unsigned int size, uint64_t value)
{
	bar_write(0, offset, size, value);
}

static uint64_t io_read(uint64_t offset, unsigned int size)
{
	return header_read(1, offset, size);
}

static void io_write(uint64_t offset, unsigned int size, uint64_t value)
{
	bar_write(1, offset, size, value);
}

static void testdev_moved(unsigned int n, gpa_t old)
{
	(void)old;
	pthread_mutex_lock(&testdev.device->lock);
	event_end(n);
	event_begin(n);
	pthread_mutex_unlock(&testdev.device->lock);
}

static void testdev_save(void)
{
	for (unsigned int n = 0; n < PCI_BARS; n++)
		events_count(n);
}

static void testdev_attach(void)
{
	for (unsigned int n = 0; n < PCI_BARS; n++)
		event_assign(n);
}

static void testdev_restore(void)
{
	for (unsigned int n = 0; n < PCI_BARS; n++) {
		uint32_t count = bars[n].count;

		event_end(n);
		bars[n].count = count;
		event_begin(n);
	}
}

static struct device testdev_device = {
	.name = "pci-testdev",
	.text = "writes that end in a device or in an eventfd, to compare",
	.state = DEVICE_STATE(1, bars),
	.save = testdev_save,
	.attach = testdev_attach,
	.restore = testdev_restore,
};
DEVICE_REGISTER(testdev_device);

static struct pci_function testdev = {
	.device = &testdev_device,
	.devfn = PCI_DEVFN(1, 0),
	.id = { 0x1b36, 0x0005 },
	.subsystem = { 0x1af4, 0x1100 },
	.class = 0x00ff0000,
	.bars = {
		{ BUS_MEMORY, 0, 4096, memory_read, memory_write, 0, "BAR 0" },
		{ BUS_PORT, 0, 256, io_read, io_write, 0, "BAR 1" },
	},
	.moved = testdev_moved,
};
PCI_REGISTER(testdev);
