/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI as images are promised it (PCI Local Bus 3.0: 3.2.2.3.2, "Software Generation of
 * Configuration Transactions"; 6.2.5.1, "Address Maps"; 6.8, "Message Signaled
 * Interrupts"): configuration by two ports, BARs that firmware has assigned, and two
 * devices of QEMU's (its docs/specs/pci-testdev and edu).
 */
#include <apic.h>
#include <edu.h>
#include <irq.h>
#include <memory.h>
#include <pci.h>
#include <scope.h>
#include <test.h>

#define ADDRESS		0xcf8
#define DATA		0xcfc
#define ENABLE		BIT(31)
#define CLASS		0x08
#define HOST_BRIDGE	0x0600		/* base class and subclass */
#define INTERRUPT	0x3c
#define COMMAND_IO	BIT(0)
#define COMMAND_MEMORY	BIT(1)
#define BAR_IO		BIT(0)
#define BAR_IO_FLAGS	3u		/* what of a BAR is no address */
#define BAR_MEMORY_FLAGS 15u
#define MSI_ENABLE	BIT(16)		/* in the capability's first word */
#define MSI_64BIT	BIT(23)
#define VECTOR		0x40

/* Written with ones, a BAR has zeros below its size. */
static u32 bar_size(unsigned int devfn, unsigned int n)
{
	u32 old = pci_read(devfn, PCI_BAR(n)), mask;

	pci_write(devfn, PCI_BAR(n), ~0u);
	mask = pci_read(devfn, PCI_BAR(n)) &
		~(old & BAR_IO ? BAR_IO_FLAGS : BAR_MEMORY_FLAGS);
	pci_write(devfn, PCI_BAR(n), old);
	return -mask;
}

TEST(mechanism1, "port 0xcf8 keeps an address; what has it is read at 0xcfc to 0xcff")
{
	u32 id;

	out32(ADDRESS, ENABLE);
	if (in32(ADDRESS) != ENABLE)
		return skip("no PCI");
	id = in32(DATA);
	EXPECT(id != 0xffffffff);
	EXPECT_EQ(in16(DATA + 2), id >> 16);
	EXPECT_EQ(in8(DATA + 1), id >> 8 & 0xff);
	/* With an offset in the address, as in the port: the sum counts. */
	out32(ADDRESS, ENABLE | 2);
	EXPECT_EQ(in16(DATA), id >> 16);
	EXPECT_EQ(pci_read(0, CLASS) >> 16, HOST_BRIDGE);
	/* Where no device is, and without the enable bit, all ones. */
	EXPECT_EQ(pci_read(0xff, PCI_ID), 0xffffffff);
	out32(ADDRESS, 0);
	EXPECT_EQ(in32(DATA), 0xffffffff);
}

/*
 * pci-testdev has a header at the beginning of each BAR. Who writes a test's number to
 * it finds where to write what, and how often that was done so far.
 */
enum header {
	TEST_NUMBER = 0,	/* reads as the test's number of both BARs' tests */
	WIDTH = 1,
	OFFSET = 4,
	DATA_EXPECTED = 8,
	COUNT = 12,
	NAME = 16,		/* begins with the BAR's kind; empty: no test */
};

/* Its tests, the same in both BARs: how the host learns of a write. */
enum { NO_EVENTFD, WILDCARD, DATAMATCH, TESTS };
#define NO_TEST		0xff
#define WILDCARD_DATA	0xce		/* any other would do there */
#define TEST_DATA	0xfa
#define MEMORY_OFFSET	2048		/* of test 0; the others are behind it */
#define PORT_OFFSET	128

static volatile u8 *testdev_memory;
static u16 testdev_port;

static unsigned int testdev_find(void)
{
	unsigned int devfn = pci_find(0x1b36, 0x0005);

	testdev_memory = (u8 *)pci_bar(devfn, 0);
	testdev_port = pci_bar(devfn, 1);
	return devfn;
}

TEST(bars, "BARs are assigned, decoded, and can be sized", DEVICE(DEVICE_PCI_TESTDEV))
{
	unsigned int devfn = testdev_find();
	u32 memory = pci_read(devfn, PCI_BAR(0)), port = pci_read(devfn, PCI_BAR(1));

	EXPECT_EQ(memory & BAR_MEMORY_FLAGS, 0);	/* 32 bits, not prefetchable */
	/* Between RAM and the I/O APIC. */
	EXPECT(memory >= 0xc0000000 && memory < IOAPIC_BASE);
	EXPECT_EQ(port & BAR_IO_FLAGS, BAR_IO);
	EXPECT_EQ(pci_read(devfn, PCI_COMMAND) & (COMMAND_IO | COMMAND_MEMORY),
		  COMMAND_IO | COMMAND_MEMORY);
	EXPECT_EQ(bar_size(devfn, 0), 4096);
	EXPECT_EQ(bar_size(devfn, 1) & 0xffff, 256);
	EXPECT_EQ(bar_size(devfn, 2), 0);
	EXPECT_EQ(pci_read(devfn, PCI_BAR(0)), memory);
	EXPECT_EQ(pci_read(devfn, PCI_BAR(1)), port);
}

static u32 header(bool io, enum header offset, unsigned int size)
{
	if (io)
		return size == 1 ? in8(testdev_port + offset) : in32(testdev_port + offset);
	return size == 1 ? testdev_memory[offset] :
		*(volatile u32 *)(testdev_memory + offset);
}

static void register_write(bool io, unsigned int offset, u8 value)
{
	if (io)
		out8(testdev_port + offset, value);
	else
		testdev_memory[offset] = value;
}

static void testdev_test(bool io, unsigned int n)
{
	u32 offset, data, count;

	register_write(io, TEST_NUMBER, n);
	EXPECT_EQ(header(io, TEST_NUMBER, 1), io ? TESTS + n : n);
	EXPECT_EQ(header(io, WIDTH, 1), 1);
	EXPECT_EQ(header(io, COUNT, 4), 0);
	offset = header(io, OFFSET, 4);
	data = header(io, DATA_EXPECTED, 4) & 0xff;
	EXPECT_EQ(offset, io ? PORT_OFFSET + TESTS + n : MEMORY_OFFSET + n);
	EXPECT_EQ(data, n == WILDCARD ? WILDCARD_DATA : TEST_DATA);
	EXPECT(header(io, NAME, 1) >= 'a');
	for (unsigned int i = 0; i < 5; i++)
		register_write(io, offset, data);
	/* This one is not what the test is for, but for the wildcard. */
	register_write(io, offset, ~data);
	count = header(io, COUNT, 4);
	/* QEMU does not look at what the eventfds got. */
	if (n == NO_EVENTFD)
		EXPECT_EQ(count, 5);
	else
		EXPECT(count <= (n == WILDCARD ? 6 : 5));
}

TEST(testdev, "the tests of pci-testdev count writes", DEVICE(DEVICE_PCI_TESTDEV))
{
	testdev_find();
	for (unsigned int io = 0; io < 2; io++) {
		for (unsigned int n = 0; n < TESTS; n++)
			SUBTEST("%s %u", io ? "port" : "memory", n)
				testdev_test(io, n);
		register_write(io, TEST_NUMBER, NO_TEST);
		EXPECT_EQ(header(io, TEST_NUMBER, 1), 0);
		EXPECT_EQ(header(io, NAME, 1), 0);
	}
}

#define ELSEWHERE	0xe8000000ul	/* addresses that no device has */

TEST(moved, "a BAR goes where it is put, and nowhere without decoding",
     DEVICE(DEVICE_PCI_TESTDEV))
{
	unsigned int devfn = testdev_find();
	u32 old = pci_read(devfn, PCI_BAR(0)), command = pci_read(devfn, PCI_COMMAND);
	volatile u8 *old_place = testdev_memory, *new_place = (u8 *)ELSEWHERE;

	old_place[TEST_NUMBER] = NO_EVENTFD;
	pci_write(devfn, PCI_BAR(0), ELSEWHERE);
	EXPECT_EQ(new_place[NAME], 'm');
	new_place[MEMORY_OFFSET] = TEST_DATA;
	EXPECT(old_place[NAME] != 'm');
	pci_write(devfn, PCI_COMMAND, command & ~COMMAND_MEMORY);
	EXPECT(new_place[NAME] != 'm');
	pci_write(devfn, PCI_BAR(0), old);
	pci_write(devfn, PCI_COMMAND, command);
	/* Back, it has counted the write at its other place. */
	EXPECT_EQ(old_place[NAME], 'm');
	EXPECT_EQ(*(volatile u32 *)(old_place + COUNT), 1);
	old_place[TEST_NUMBER] = NO_TEST;
}

TEST(edu_registers, "edu: identity, liveness, factorial")
{
	if (!edu_find())
		return;
	/* Bits 23:16 are a minor version. */
	EXPECT_EQ(edu_read(EDU_ID) & 0xff00ffff, 0x010000ed);
	edu_write(EDU_LIVENESS, 0x12345678);
	EXPECT_EQ(edu_read(EDU_LIVENESS), ~0x12345678u);
	edu_write(EDU_FACTORIAL, 10);
	EXPECT(edu_done(EDU_STATUS, 1));
	EXPECT_EQ(edu_read(EDU_FACTORIAL), 3628800);
	EXPECT_EQ(bar_size(edu_devfn(), 0), 1 << 20);
}

TEST(edu_dma, "edu: what DMA takes from RAM, DMA brings back")
{
	volatile u32 *page;

	if (!edu_find())
		return;
	page = pages_alloc(1);
	for (u32 i = 0; i < 1024; i++)
		page[i] = i * 0x01010101;
	/* The lower half goes to the device; words 1 to 255 of it come back above. */
	EXPECT(edu_dma((uintptr_t)page, EDU_BUFFER, 2048, 0));
	EXPECT(edu_dma(EDU_BUFFER + 4, (uintptr_t)page + 2048 + 4, 1020, EDU_TO_RAM));
	EXPECT_EQ(page[512], 512 * 0x01010101u);
	EXPECT_EQ(page[513], 1 * 0x01010101u);
	EXPECT_EQ(page[767], 255 * 0x01010101u);
	EXPECT_EQ(page[768], 768 * 0x01010101u);
}

TEST(edu_intx, "edu: INTA# arrives at the IOAPIC's input that 0x3c names",
     REQUIRES(CPU_APIC))
{
	u32 line, count = 0;

	if (!edu_find())
		return;
	line = pci_read(edu_devfn(), INTERRUPT);
	EXPECT_EQ(line >> 8 & 0xff, 1);		/* INTA# */
	line &= 0xff;
	REQUIRE(line < 24);
	apic_enable();
	ioapic_route(line, VECTOR | IOAPIC_LEVEL, apic_id());
	WITH_IRQ(VECTOR, edu_interrupt, &count) {
		edu_write(EDU_RAISE, 4);
		EXPECT_TAKEN(&count, 1);
		EXPECT_EQ(edu_read(EDU_PENDING), 0);
	}
	ioapic_route(line, IOAPIC_MASKED, 0);
}

TEST(edu_msi, "edu: one MSI for each time that it is told", REQUIRES(CPU_APIC))
{
	unsigned int msi;
	u32 count = 0;

	if (!edu_find())
		return;
	msi = edu_msi();
	REQUIRE(msi);
	apic_enable();
	EXPECT(pci_read(edu_devfn(), msi) & MSI_64BIT);
	pci_write(edu_devfn(), msi + 4, 0xfee00000 | apic_id() << 12);
	pci_write(edu_devfn(), msi + 8, 0);
	pci_write(edu_devfn(), msi + 12, VECTOR);
	pci_write(edu_devfn(), msi, pci_read(edu_devfn(), msi) | MSI_ENABLE);
	WITH_IRQ(VECTOR, edu_interrupt, &count)
		for (u32 i = 1; i <= 3; i++) {
			count = 0;
			edu_write(EDU_RAISE, i);
			EXPECT_TAKEN(&count, 1);
		}
	pci_write(edu_devfn(), msi, pci_read(edu_devfn(), msi) & ~MSI_ENABLE);
}
