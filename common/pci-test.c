/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The PCI bus and QEMU's pci-testdev (docs/specs/pci-testdev.rst of QEMU): each BAR has
 * a header that selects a test, and says where to write what, and counts those writes.
 */
#include <pci.h>
#include <test.h>

ONLY_ON(x86_64, i386, arm64, arm, riscv64, riscv32);

#define VENDOR		0x1b36
#define DEVICE_ID	0x0005

/* The header, as offsets. */
#define TEST_SELECT	0	/* byte: which test */
#define TEST_WIDTH	1	/* byte: of an access */
#define TEST_OFFSET	4	/* where to write, from the BAR */
#define TEST_DATA	8	/* what */
#define TEST_COUNT	12	/* writes so far; tests that do not count have 0 */
#define TEST_NAME	16	/* text */

#define TESTS		3
#define NO_EVENTFD	0	/* of them, the one whose writes always reach the device */
#define WRITES		16

TEST(bus, "functions have an identity, and BARs that do not overlap",
     DEVICE(DEVICE_PCI_TESTDEV))
{
	u64 starts[64], ends[64];
	u32 count = 0;

	for (unsigned int fn = 0; fn < PCI_FUNCTIONS; fn++) {
		u32 id = pci_read(fn, PCI_ID);

		/* PCI 3.0, 6.1: no function has this vendor; that of no function is it. */
		if ((id & 0xffff) == 0xffff)
			continue;
		EXPECT(id & 0xffff);
		for (unsigned int n = 0; n < PCI_BARS && count < 64; n++) {
			u64 size = pci_bar_size(fn, n);

			if (!size || pci_bar_is_io(fn, n) || !pci_bar(fn, n))
				continue;
			EXPECT_EQ(size & (size - 1), 0);
			EXPECT_EQ(pci_bar(fn, n) & (size - 1), 0);
			starts[count] = pci_bar(fn, n);
			ends[count] = starts[count] + size;
			for (u32 i = 0; i < count; i++)
				EXPECT(ends[count] <= starts[i] || ends[i] <= starts[count]);
			count++;
			n += pci_bar_is_64(fn, n);
		}
	}
	EXPECT(count);
}

static unsigned int devfn, bar;

static u32 header(u32 offset, unsigned int width)
{
	return pci_bar_read(devfn, bar, offset, width);
}

static void check_test(u8 number)
{
	unsigned int width;
	u32 offset, data, count;
	char name[32];

	pci_bar_write(devfn, bar, TEST_SELECT, 1, number);
	for (unsigned int i = 0; i < sizeof(name); i++)
		name[i] = header(TEST_NAME + i, 1);
	name[sizeof(name) - 1] = 0;
	SUBTEST("BAR %u: %s", bar, name) {
		width = header(TEST_WIDTH, 1);
		offset = header(TEST_OFFSET, 4);
		data = header(TEST_DATA, 4);
		EXPECT_EQ(header(TEST_COUNT, 4), 0);
		EXPECT(width == 1 || width == 2 || width == 4);
		for (u32 i = 0; i < WRITES; i++)
			pci_bar_write(devfn, bar, offset, width, data);
		count = header(TEST_COUNT, 4);
		/* A write that only signals an event is not counted by all. */
		if (number == NO_EVENTFD || count)
			EXPECT_EQ(count, WRITES);
	}
}

TEST(testdev, "pci-testdev counts what is written to its BARs",
     DEVICE(DEVICE_PCI_TESTDEV))
{
	devfn = pci_find(VENDOR, DEVICE_ID);
	for (bar = 0; bar < 2; bar++) {
		REQUIRE(pci_bar(devfn, bar));
		for (u8 number = 0; number < TESTS; number++)
			check_test(number);
	}
}
