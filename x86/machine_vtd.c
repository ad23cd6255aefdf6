/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An IOMMU as a machine offers it: Intel VT-d on a Q35, with edu behind it
 * (Virtualization Technology for Directed I/O).  Each TEST leaves it switched off.
 */
#include <apic.h>
#include <clock.h>
#include <edu.h>
#include <irq.h>
#include <memory.h>
#include <pci.h>
#include <scope.h>
#include <test.h>

#define VTD		0xfed90000u
#define REG_CAP		0x08
#define REG_ECAP	0x10
#define REG_GCMD	0x18
#define REG_GSTS	0x1c
#define REG_RTADDR	0x20
#define REG_FSTS	0x34
#define REG_IQH		0x80
#define REG_IQT		0x88
#define REG_IQA		0x90
#define REG_IRTA	0xb8
#define TRANSLATION	BIT(31)
#define ROOT_SET	BIT(30)
#define QUEUE		BIT(26)
#define REMAPPING	BIT(25)
#define TABLE_SET	BIT(24)
#define PENDING_FAULT	BIT(1)
#define RECORD_VALID		BIT(31)		/* of a record's last word */
#define RECORD_READ	BIT(30)
#define NO_READ		6		/* fault reasons */
#define NO_WRITE	5
#define VECTOR		0x40

static u64 *root, *context, *level[3], *queue, *interrupts;
static u32 tail;

static u32 read32(u32 reg)
{
	return *(volatile u32 *)(uintptr_t)(VTD + reg);
}

static void write32(u32 reg, u32 value)
{
	*(volatile u32 *)(uintptr_t)(VTD + reg) = value;
}

static u64 read64(u32 reg)
{
	return read32(reg) | (u64)read32(reg + 4) << 32;
}

static void write64(u32 reg, u64 value)
{
	write32(reg, value);
	write32(reg + 4, value >> 32);
}

static bool vtd_find(void)
{
	if (!edu_find())
		return false;
	if (!read32(0) || read32(0) == 0xffffffff)
		return skip("no VT-d"), false;
	return true;
}

static bool status_becomes(u32 bit, bool set)
{
	for (unsigned int i = 0; i < 10000; i++) {
		if (!(read32(REG_GSTS) & bit) == !set)
			return true;
		delay_us(10);
	}
	return false;
}

/* One bit at a time, the others as they are (10.4.4). */
static void command(u32 bit, bool set)
{
	u32 status = read32(REG_GSTS) & ~(ROOT_SET | TABLE_SET);

	write32(REG_GCMD, set ? status | bit : status & ~bit);
	if (!(bit & (ROOT_SET | TABLE_SET)) || set)
		EXPECT(status_becomes(bit, set));
}

static void invalidate(u64 low, u64 high)
{
	volatile u32 *done = (u32 *)(queue + 256);

	*done = 0;
	queue[tail / 8] = low;
	queue[tail / 8 + 1] = high;
	queue[tail / 8 + 2] = 0x25 | 1ull << 32;	/* wait, write 1 */
	queue[tail / 8 + 3] = (uintptr_t)done;
	tail += 32;
	write64(REG_IQT, tail);
	for (unsigned int i = 0; i < 10000 && !*done; i++)
		delay_us(10);
	EXPECT_EQ(*done, 1);
	EXPECT_EQ(read64(REG_IQH), tail);
}

static void vtd_begin(void)
{
	u64 **const pages[] = {
		&root, &context, &level[0], &level[1], &level[2], &queue,
	};

	for_each(page, pages)
		**page = pages_alloc_zeroed(1);
	interrupts = pages_alloc_aligned(256, 1 << 20);	/* 65536 entries */
	memset(interrupts, 0, 4096);
	tail = 0;
	root[0] = (uintptr_t)context | 1;
	context[2 * edu_devfn()] = (uintptr_t)level[2] | 1;
	context[2 * edu_devfn() + 1] = (u64)edu_devfn() << 8 | 1;	/* 39 bits */
	level[2][0] = (uintptr_t)level[1] | 3;
	level[1][0] = (uintptr_t)level[0] | 3;
	write64(REG_IQA, (uintptr_t)queue);
	write64(REG_IQT, 0);
	command(QUEUE, true);
	write64(REG_RTADDR, (uintptr_t)root);
	command(ROOT_SET, true);
	write64(REG_IRTA, (uintptr_t)interrupts | 0xf);
	invalidate(0x11, 0);		/* all contexts */
	invalidate(0x12, 0);		/* all translations */
}

static void vtd_end(void)
{
	command(TRANSLATION, false);
	command(REMAPPING, false);
	command(QUEUE, false);
}

TEST(capabilities, "39 bits by three levels, large pages, a queue")
{
	u64 cap, ecap;

	if (!vtd_find())
		return;
	cap = read64(REG_CAP);
	ecap = read64(REG_ECAP);
	EXPECT(cap & BIT(9));
	EXPECT_EQ(cap >> 34 & 3, 3);
	EXPECT((cap >> 16 & 0x3f) >= 38);
	EXPECT(ecap & BIT(1));
	EXPECT_EQ(read32(REG_FSTS), 0);
}

TEST(translated, "a device's accesses go where its tables lead")
{
	volatile u32 *page, *other;

	if (!vtd_find())
		return;
	vtd_begin();
	page = pages_alloc_zeroed(2);
	other = page + 1024;
	/* Neighbours in the device's eyes, exchanged in memory. */
	level[0][0] = (uintptr_t)other | 3;
	level[0][1] = (uintptr_t)page | 3;
	command(TRANSLATION, true);
	other[1023] = 0x12345678;
	page[0] = 0x9abcdef0;
	edu_dma(4092, EDU_BUFFER, 8, 0);
	edu_dma(EDU_BUFFER, 0, 8, EDU_TO_RAM);
	EXPECT_EQ(other[0], 0x12345678);
	EXPECT_EQ(other[1], 0x9abcdef0);
	EXPECT_EQ(read32(REG_FSTS), 0);
	vtd_end();
}

TEST(large, "a 2 MiB entry is one")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	vtd_begin();
	page = pages_alloc_zeroed(1);
	level[1][1] = ((uintptr_t)page & ~0x1fffffull) | BIT(7) | 3;
	command(TRANSLATION, true);
	page[5] = 0xcafe;
	edu_dma((2 << 20) + ((uintptr_t)page & 0x1fffff) + 20, EDU_BUFFER, 4, 0);
	edu_dma(EDU_BUFFER, (2 << 20) + ((uintptr_t)page & 0x1fffff), 4, EDU_TO_RAM);
	EXPECT_EQ(page[0], 0xcafe);
	vtd_end();
}

static void fault_expect(u32 reason, bool read, u64 address)
{
	u32 record = (read64(REG_CAP) >> 24 & 0x3ff) * 16 + (read32(REG_FSTS) >> 8 & 0xff) * 16;

	EXPECT(read32(REG_FSTS) & PENDING_FAULT);
	EXPECT_EQ(read32(record + 12) & RECORD_VALID, RECORD_VALID);
	EXPECT_EQ(read32(record + 12) & RECORD_READ, read ? RECORD_READ : 0);
	EXPECT_EQ(read32(record + 12) & 0xff, reason);
	EXPECT_EQ(read32(record + 8) & 0xffff, edu_devfn());
	EXPECT_EQ(read64(record), address);
	write32(record + 12, RECORD_VALID);
	write32(REG_FSTS, 0x7d);
	EXPECT_EQ(read32(REG_FSTS) & PENDING_FAULT, 0);
}

TEST(faults, "what the tables forbid does not happen, and is recorded")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	vtd_begin();
	page = pages_alloc_zeroed(1);
	level[0][0] = (uintptr_t)page | 1;
	level[0][1] = (uintptr_t)page | 2;
	command(TRANSLATION, true);
	edu_dma(EDU_BUFFER, 0, 4, EDU_TO_RAM);
	fault_expect(NO_WRITE, false, 0);
	edu_dma(4096, EDU_BUFFER, 4, 0);
	fault_expect(NO_READ, true, 4096);
	edu_dma(8192, EDU_BUFFER, 4, 0);
	fault_expect(NO_READ, true, 8192);
	EXPECT_EQ(page[0], 0);
	vtd_end();
}

/* An entry for a fixed interrupt at this CPU, from one source. */
static void entry_set(unsigned int n, u16 source)
{
	interrupts[2 * n] = 1 | VECTOR << 16 | (u64)apic_id() << 40;
	interrupts[2 * n + 1] = source | 1 << 18;
	invalidate(0x4, 0);
}

static bool remapping_begin(void)
{
	if (!vtd_find())
		return false;
	if (!(read64(REG_ECAP) & BIT(3)))
		return skip("no interrupt remapping"), false;
	vtd_begin();
	apic_enable();
	command(TABLE_SET, true);
	command(REMAPPING, true);
	return true;
}

TEST(msi, "a message names an entry, which is for its sender only", REQUIRES(CPU_APIC))
{
	volatile u32 count = 0;
	unsigned int msi;

	if (!remapping_begin())
		return;
	msi = edu_msi();
	REQUIRE(msi);
	pci_write(edu_devfn(), msi + 4, 0xfee00010 | 7 << 5);	/* entry 7 */
	pci_write(edu_devfn(), msi + 8, 0);
	pci_write(edu_devfn(), msi + 12, 0);
	pci_write(edu_devfn(), msi, pci_read(edu_devfn(), msi) | BIT(16));
	WITH_IRQ(VECTOR, edu_interrupt, (void *)&count) {
		entry_set(7, edu_devfn());
		edu_write(EDU_RAISE, 1);
		irq_wait(&count, 1);
		EXPECT_EQ(count, 1);
		entry_set(7, edu_devfn() + 8);
		edu_write(EDU_RAISE, 2);
		irq_let_in();
		EXPECT_EQ(count, 1);
	}
	edu_write(EDU_ACK, 2);
	pci_write(edu_devfn(), msi, pci_read(edu_devfn(), msi) & ~BIT(16));
	vtd_end();
}

#define IOAPIC_SENDER	0xff00

TEST(ioapic, "an IOAPIC's entry names one of the table", REQUIRES(CPU_APIC))
{
	volatile u32 count = 0;
	unsigned int line;

	if (!remapping_begin())
		return;
	line = pci_read(edu_devfn(), 0x3c) & 0xff;
	entry_set(9, IOAPIC_SENDER);
	/* Remappable format: the index above, the vector of no meaning. */
	ioapic_write(IOAPIC_REG_ENTRY + 2 * line + 1, 9 << 17 | BIT(16));
	ioapic_write(IOAPIC_REG_ENTRY + 2 * line, VECTOR);
	WITH_IRQ(VECTOR, edu_interrupt, (void *)&count) {
		edu_write(EDU_RAISE, 1);
		irq_wait(&count, 1);
		EXPECT_EQ(count, 1);
	}
	ioapic_route(line, IOAPIC_MASKED, 0);
	vtd_end();
}
