/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA through Intel's IOMMU (Virtualization Technology for Directed I/O: remapping
 * tables, register descriptions), with edu behind it; its interrupts are in
 * intel-iommu/interrupts.c.  Each TEST leaves it switched off.
 */
#include <clock.h>
#include <edu.h>
#include <memory.h>
#include <test.h>
#include <vtd.h>

#define NO_READ		6		/* fault reasons */
#define NO_WRITE	5

TEST(capabilities, "39 bits by three levels, large pages, a queue")
{
	u64 cap, ecap;

	if (!vtd_find())
		return;
	cap = vtd_read64(VTD_CAP);
	ecap = vtd_read64(VTD_ECAP);
	EXPECT(cap & BIT(9));
	EXPECT_EQ(cap >> 34 & 3, 3);
	EXPECT((cap >> 16 & 0x3f) >= 38);
	EXPECT(ecap & BIT(1));
	EXPECT_EQ(vtd_read(VTD_FSTS), 0);
}

static const struct {
	const char *name;
	u32 bit;
} switches[] = {
	{ "queued invalidation", VTD_QUEUE },
	{ "DMA remapping", VTD_TRANSLATION },
	{ "interrupt remapping", VTD_REMAPPING },
};

TEST(status, "GSTS shows what GCMD switches, one by one, and which tables are set")
{
	u32 tables = VTD_ROOT_SET | VTD_TABLE_SET, on = 0;

	if (!vtd_find())
		return;
	vtd_begin();
	vtd_command(VTD_TABLE_SET, true);
	vtd_command(VTD_QUEUE, false);
	EXPECT_EQ(vtd_read(VTD_GSTS), tables);
	for_each(row, switches) SUBTEST("%s on", row->name) {
		vtd_command(row->bit, true);
		on |= row->bit;
		EXPECT_EQ(vtd_read(VTD_GSTS), tables | on);
	}
	vtd_end();
	EXPECT_EQ(vtd_read(VTD_GSTS), tables);
	EXPECT_EQ(vtd_read(VTD_FSTS), 0);
}

TEST(untranslated, "with its tables set and translation off, addresses are physical")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	vtd_begin();
	page = pages_alloc_zeroed(1);
	page[0] = 0x600dda7a;
	edu_dma((uintptr_t)page, EDU_BUFFER, 4, 0);
	edu_dma(EDU_BUFFER, (uintptr_t)page + 4, 4, EDU_TO_RAM);
	EXPECT_EQ(page[1], 0x600dda7a);
	vtd_end();
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
	vtd.level[0][0] = (uintptr_t)other | VTD_READ_WRITE;
	vtd.level[0][1] = (uintptr_t)page | VTD_READ_WRITE;
	vtd_command(VTD_TRANSLATION, true);
	other[1023] = 0x12345678;
	page[0] = 0x9abcdef0;
	edu_dma(4092, EDU_BUFFER, 8, 0);
	edu_dma(EDU_BUFFER, 0, 8, EDU_TO_RAM);
	EXPECT_EQ(other[0], 0x12345678);
	EXPECT_EQ(other[1], 0x9abcdef0);
	EXPECT_EQ(vtd_read(VTD_FSTS), 0);
	vtd_end();
}

TEST(large, "an entry for 2 MiB translates all of them")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	vtd_begin();
	page = pages_alloc_zeroed(1);
	vtd.level[1][1] = ((uintptr_t)page & ~0x1fffffull) | VTD_LARGE | VTD_READ_WRITE;
	vtd_command(VTD_TRANSLATION, true);
	page[5] = 0xcafe;
	edu_dma((2 << 20) + ((uintptr_t)page & 0x1fffff) + 20, EDU_BUFFER, 4, 0);
	edu_dma(EDU_BUFFER, (2 << 20) + ((uintptr_t)page & 0x1fffff), 4, EDU_TO_RAM);
	EXPECT_EQ(page[0], 0xcafe);
	vtd_end();
}

TEST(huge, "an entry for 1 GiB translates all of it")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	if (!(vtd_read64(VTD_CAP) & BIT(35)))
		return skip("no entries of 1 GiB");
	vtd_begin();
	page = pages_alloc_zeroed(1);
	/* edu's addresses have 28 bits: memory below that at the same place. */
	vtd.level[2][0] = ((uintptr_t)page & ~0x3fffffffull) | VTD_LARGE | VTD_READ_WRITE;
	vtd_command(VTD_TRANSLATION, true);
	page[3] = 0xf00d;
	edu_dma(((uintptr_t)page & 0x3fffffff) + 12, EDU_BUFFER, 4, 0);
	edu_dma(EDU_BUFFER, (uintptr_t)page & 0x3fffffff, 4, EDU_TO_RAM);
	EXPECT_EQ(page[0], 0xf00d);
	EXPECT_EQ(vtd_read(VTD_FSTS), 0);
	vtd_end();
}

TEST(invalidated, "what the tables say after an invalidation is what counts")
{
	volatile u32 *pages;

	if (!vtd_find())
		return;
	vtd_begin();
	pages = pages_alloc_zeroed(4);
	vtd_command(VTD_TRANSLATION, true);
	for (u32 n = 0; n < 4; n++) {
		volatile u32 *page = pages + n * 1024;

		page[0] = 0x1000 + n;
		vtd.level[0][0] = (uintptr_t)page | VTD_READ_WRITE;
		vtd_invalidate(0x12, 0);
		edu_dma(0, EDU_BUFFER, 4, 0);
		edu_dma(EDU_BUFFER, 4, 4, EDU_TO_RAM);
		EXPECT_EQ(page[1], 0x1000 + n);
	}
	vtd_end();
}

/* Fault reasons ("Fault Reason Encodings") */
static const struct {
	const char *name;
	u32 reason;
	bool no_root, no_context;
} absent[] = {
	{ "no root entry", 1, true, false },
	{ "no context entry", 2, false, true },
};

TEST(absent, "a device without entries reaches nothing")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	for_each(row, absent) SUBTEST("%s", row->name) {
		vtd_begin();
		page = pages_alloc_zeroed(1);
		vtd.level[0][0] = (uintptr_t)page | VTD_READ_WRITE;
		if (row->no_root)
			vtd.root[0] = 0;
		if (row->no_context)
			vtd.context[2 * edu_devfn()] = 0;
		vtd_invalidate(0x11, 0);
		vtd_invalidate(0x12, 0);
		vtd_command(VTD_TRANSLATION, true);
		edu_dma(EDU_BUFFER, 0, 4, EDU_TO_RAM);
		vtd_fault_expect(row->reason, 0, 0);
		EXPECT_EQ(page[0], 0);
		vtd_end();
	}
}

TEST(faults, "what the tables forbid does not happen, and is recorded")
{
	volatile u32 *page;

	if (!vtd_find())
		return;
	vtd_begin();
	page = pages_alloc_zeroed(1);
	vtd.level[0][0] = (uintptr_t)page | 1;
	vtd.level[0][1] = (uintptr_t)page | 2;
	vtd_command(VTD_TRANSLATION, true);
	edu_dma(EDU_BUFFER, 0, 4, EDU_TO_RAM);
	vtd_fault_expect(NO_WRITE, 0, 0);
	edu_dma(4096, EDU_BUFFER, 4, 0);
	vtd_fault_expect(NO_READ, VTD_RECORD_READ, 4096);
	edu_dma(8192, EDU_BUFFER, 4, 0);
	vtd_fault_expect(NO_READ, VTD_RECORD_READ, 8192);
	EXPECT_EQ(page[0], 0);
	vtd_end();
}
