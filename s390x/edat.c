/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the enhanced-DAT facilities add to tables (SA22-7832, chapter 3): protection in
 * region-table entries, and frames of 1 MiB and 2 GiB.
 */
#include <asm/page.h>
#include <paging.h>
#include <prefix.h>
#include <scope.h>
#include <sclp.h>
#include <test.h>

#define MIB		0x100000ul
#define GIB2		0x80000000ul
/* Not protected by a key, nor by low addresses: by DAT. */
#define TEID_WHY	0x8c
#define TEID_WHY_DAT	0x04

static u8 *const spare = (u8 *)PAGES_SPARE;

static u64 *page_there(void)
{
	u64 *page = pages_alloc_zeroed(1);

	page_map(spare, (uintptr_t)page, PAGE_DATA);
	return page;
}

static void protected_check(void)
{
	struct fault fault = try_store(spare + 8);

	EXPECT_FAULT(FAULT_AT(PGM_PROTECTION, spare, TEID_STORE), fault);
	EXPECT_EQ(fault.teid & TEID_WHY, TEID_WHY_DAT);
	EXPECT_EQ(fault.teid & TEID_ASCE, 0);
	EXPECT_FAULT(FAULT_NONE, try_load(spare));
}

TEST(off, "without EDAT, pages and segments are protected, and nothing else is new")
{
	volatile u64 *page = page_there();

	SUBTEST("page")
		WITH_PTE(spare, PTE_PROTECT, 0)
			protected_check();
	SUBTEST("segment")
		WITH_ENTRY(segment_at(spare), DAT_PROTECT, 0)
			protected_check();
	SUBTEST("a segment's format control is ignored")
		WITH_ENTRY(segment_at(spare), DAT_FRAME, 0) {
			*(volatile u64 *)spare = 0x1234;
			EXPECT_EQ(*page, 0x1234);
		}
	SUBTEST("a region's protection is ignored")
		WITH_ENTRY(region_at(spare), DAT_PROTECT, 0)
			EXPECT_FAULT(FAULT_NONE, try_store(spare));
}

TEST(edat1_protection, "with EDAT-1, regions are protected, too", REQUIRES(CPU_EDAT1))
{
	page_there();
	WITH_CR0(CR0_EDAT, 0) {
		SUBTEST("page")
			WITH_PTE(spare, PTE_PROTECT, 0)
				protected_check();
		SUBTEST("segment")
			WITH_ENTRY(segment_at(spare), DAT_PROTECT, 0)
				protected_check();
		SUBTEST("region third")
			WITH_ENTRY(region_at(spare), DAT_PROTECT, 0)
				protected_check();
	}
}

TEST(edat1_frames, "with EDAT-1, a segment is a frame of 1 MiB", REQUIRES(CPU_EDAT1))
{
	u8 *frame = pages_alloc_aligned(MIB / PAGE_SIZE, MIB);
	struct lowcore *area = prefix_area();
	u64 *segment;
	u8 seen;

	page_there();
	segment = segment_at(spare);
	frame[0] = 1;
	frame[MIB - 1] = 2;
	WITH_CR0(CR0_EDAT, 0) {
		WITH_ENTRY(segment, (uintptr_t)frame | DAT_FRAME, ~((uintptr_t)frame | DAT_FRAME)) {
			EXPECT_EQ(spare[0], 1);
			EXPECT_EQ(spare[MIB - 1], 2);
			spare[MIB / 2] = 3;
			EXPECT_EQ(frame[MIB / 2], 3);
			SUBTEST("protected") {
				WITH_ENTRY(segment, DAT_PROTECT, 0)
					protected_check();
			}
		}
		/* Its addresses are absolute: 0 stays where it is. */
		area->status_psw.mask = 0x77;
		lowcore.status_psw.mask = 0x55;
		WITH_ENTRY(segment, DAT_FRAME, ~(u64)DAT_FRAME)
			SUBTEST("prefixing is not applied") {
				prefix_write((uintptr_t)area);
				seen = spare[offsetof(struct lowcore, status_psw) + 7];
				prefix_write(0);
				EXPECT_EQ(seen, 0x55);
			}
	}
}

TEST(edat2_frames, "with EDAT-2, a region is a frame of 2 GiB", REQUIRES(CPU_EDAT2))
{
	static u64 marker;
	u64 memory = sclp_memory();
	u64 *region;

	page_there();
	region = region_at(spare);
	marker = 0xfeed;
	WITH_CR0(CR0_EDAT, 0)
		WITH_ENTRY(region, DAT_FRAME | DAT_TYPE_THIRD << DAT_TYPE_SHIFT,
			   ~(u64)(DAT_FRAME | DAT_TYPE_THIRD << DAT_TYPE_SHIFT)) {
			EXPECT_EQ(*(volatile u64 *)(spare + (uintptr_t)&marker), 0xfeed);
			SUBTEST("beyond memory") {
				if (memory >= GIB2)
					skip("all of 2 GiB is memory");
				else
					EXPECT_FAULT(FAULT(PGM_ADDRESSING),
						     try_load(spare + memory));
			}
			SUBTEST("protected")
				WITH_ENTRY(region, DAT_PROTECT, 0)
					protected_check();
		}
}

TEST(edat2_absent, "without EDAT-2, a region's format control is ignored",
     REQUIRES(CPU_EDAT1), LACKS(CPU_EDAT2))
{
	volatile u64 *page = page_there();

	WITH_CR0(CR0_EDAT, 0)
		WITH_ENTRY(region_at(spare), DAT_FRAME, 0) {
			*(volatile u64 *)spare = 0x4321;
			EXPECT_EQ(*page, 0x4321);
		}
}
