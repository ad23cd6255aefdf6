/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Large pages that change, are split and joined (SDM 3A 4.10.2.3 and 4.10.4.1), and
 * accesses over the border of two pages (SDM 3A 4.7 and 6.15, #PF).
 */
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

#define AT		((u8 *)SPACE_FREE)
#define ALL_RIGHTS	(PTE_P | PTE_W | PTE_U)

/* Of one large page: its first and last small ones, and some between. */
static const unsigned int parts[] = { 0, 1, 77, 255, 511 };

static struct {
	u8 *at[2];		/* two large pages of memory */
	u64 size;
	void *entry;
} large;

static void large_make(void)
{
	struct space space = space_current();

	large.size = BIT(paging_shift(space.mode, 2));
	large.entry = space_entry(&space, AT, 2);
	for (unsigned int n = 0; n < 2; n++) {
		large.at[n] = pages_alloc_aligned(large.size / PAGE_SIZE, large.size);
		for_each(part, parts)
			*(u32 *)(large.at[n] + *part * PAGE_SIZE) = *part + 0x1000 * n;
	}
}

static void large_map(unsigned int n, u64 flags)
{
	pte_write(large.entry, (uintptr_t)large.at[n] | PTE_PS | flags);
}

static volatile u32 *part_of(unsigned int part)
{
	return (volatile u32 *)(AT + part * PAGE_SIZE);
}

static void parts_expect(unsigned int n)
{
	for_each(part, parts)
		EXPECT_EQ(*part_of(*part), *part + 0x1000 * n);
}

TEST(large_moved, "one INVLPG forgets a large page, however it is remembered")
{
	WITH_SPLIT_SPACE() {
		large_make();
		for (unsigned int i = 0; i < 6; i++) {
			large_map(i % 2, ALL_RIGHTS);
			tlb_flush_page(AT + parts[i % ARRAY_SIZE(parts)] * PAGE_SIZE + 8);
			parts_expect(i % 2);
		}
		pte_write(large.entry, 0);
	}
}

TEST(large_lowered, "one INVLPG ends rights that a large page had, in all of its parts")
{
	WITH_SPLIT_SPACE() {
		large_make();
		for_each(invalidated, parts) SUBTEST("INVLPG in part %u", *invalidated) {
			large_map(0, ALL_RIGHTS);
			tlb_flush_page(AT);
			for_each(part, parts)
				EXPECT_FAULT(FAULT_NONE,
					     touch_at(TOUCH_WRITE, part_of(*part),
						      .user = true, .value = *part));
			large_map(0, ALL_RIGHTS & ~PTE_W);
			tlb_flush_page(AT + *invalidated * PAGE_SIZE);
			for_each(part, parts)
				EXPECT_FAULT(FAULT_PF_AT(part_of(*part),
							 PF_P | PF_W | PF_U),
					     touch_at(TOUCH_WRITE, part_of(*part),
						      .user = true));
		}
		pte_write(large.entry, 0);
	}
}

TEST(large_split, "a large page split into small ones is followed, and one joined again")
{
	struct space space;

	WITH_SPLIT_SPACE() {
		space = space_current();
		large_make();
		for (unsigned int i = 0; i < 3; i++) {
			large_map(0, ALL_RIGHTS);
			tlb_flush();
			parts_expect(0);
			/* Equal small pages, and then one that is not. */
			space_entry(&space, AT, 1);
			tlb_flush();
			parts_expect(0);
			page_map((void *)part_of(77),
				 (uintptr_t)large.at[1] + 77 * PAGE_SIZE, ALL_RIGHTS);
			EXPECT_EQ(*part_of(77), 77 + 0x1000);
			EXPECT_EQ(*part_of(1), 1);
			EXPECT_EQ(*part_of(255), 255);
			large_map(1, ALL_RIGHTS);
			tlb_flush();
			parts_expect(1);
		}
		pte_write(large.entry, 0);
	}
}

TEST(large_dirty, "A and D of a large page are in its one entry")
{
	WITH_SPLIT_SPACE() {
		large_make();
		for_each(part, parts) SUBTEST("part %u", *part) {
			large_map(0, ALL_RIGHTS);
			tlb_flush_page(AT);
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, part_of(*part)));
			EXPECT_EQ(pte_read(large.entry) & (PTE_A | PTE_D), PTE_A);
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_WRITE, part_of(*part)));
			EXPECT_EQ(pte_read(large.entry) & (PTE_A | PTE_D),
				  PTE_A | PTE_D);
		}
		pte_write(large.entry, 0);
	}
}

/* What the second of two pages may lack, and for whom. */
static const struct straddle {
	const char *text;
	u64 clear;
	enum touch_kind kind;
	bool user;
	u32 error;
} straddles[] = {
	{ "absent, read",	  PTE_P, TOUCH_READ,  false, 0 },
	{ "absent, write",	  PTE_P, TOUCH_WRITE, false, PF_W },
	{ "absent, rmw",	  PTE_P, TOUCH_RMW,   false, PF_W },
	{ "absent, user read",	  PTE_P, TOUCH_READ,  true,  PF_U },
	{ "absent, user write",	  PTE_P, TOUCH_WRITE, true,  PF_U | PF_W },
	{ "absent, user rmw",	  PTE_P, TOUCH_RMW,   true,  PF_U | PF_W },
	{ "absent, fetch",	  PTE_P, TOUCH_FETCH, false, 0 },
	{ "absent, user fetch",	  PTE_P, TOUCH_FETCH, true,  PF_U },
	{ "read-only, write",	  PTE_W, TOUCH_WRITE, false, PF_P | PF_W },
	{ "read-only, rmw",	  PTE_W, TOUCH_RMW,   false, PF_P | PF_W },
	{ "read-only, user write", PTE_W, TOUCH_WRITE, true, PF_P | PF_W | PF_U },
	{ "supervisor's, user read", PTE_U, TOUCH_READ, true, PF_P | PF_U },
	{ "supervisor's, user write", PTE_U, TOUCH_WRITE, true, PF_P | PF_W | PF_U },
	{ "supervisor's, user fetch", PTE_U, TOUCH_FETCH, true, PF_P | PF_U },
};

static void straddle(const struct straddle *s, bool forced)
{
	u8 *border = AT + PAGE_SIZE, *start;
	u32 *memory = pages_alloc_zeroed(2), *last = memory + PAGE_SIZE / 4 - 1;

	/* Two bytes of four are here, of code one of two. */
	start = border - (s->kind == TOUCH_FETCH ? 1 : 2);
	*last = 0x0f000000;		/* UD2 is 0f 0b */
	last[1] = 0x0b;
	page_map(AT, (uintptr_t)memory, ALL_RIGHTS);
	page_map(border, (uintptr_t)memory + PAGE_SIZE, ALL_RIGHTS);
	EXPECT_FAULT(FAULT_NONE, touch_at(s->kind == TOUCH_FETCH ? TOUCH_FETCH :
					  TOUCH_READ, start, .user = s->user));
	WITH_PTE(border, 0, s->clear)
		EXPECT_FAULT(FAULT_PF_AT(border, s->error),
			     touch_at(s->kind, start, .user = s->user,
				      .forced = forced, .value = ~0u));
	/* Nothing is written where half of it cannot be. */
	EXPECT_EQ(*last, 0x0f000000);
	EXPECT_EQ(last[1], 0x0b);
	if (s->kind == TOUCH_FETCH)
		return;
	EXPECT_FAULT(FAULT_NONE, touch_at(s->kind, start, .user = s->user,
					  .forced = forced, .value = ~0u));
	EXPECT_EQ(*last, s->kind == TOUCH_READ ? 0x0f000000 : 0xffff0000);
}

TEST(straddle, "an access over a border faults at the second page, and writes nothing")
{
	WITH_SPLIT_SPACE()
		WITH_CR4(0, CR4_SMEP | CR4_SMAP)
			for_each(s, straddles) SUBTEST("%s", s->text)
				straddle(s, false);
}

TEST(straddle_forced, "the emulator's access over a border faults at the second page",
     DEVICE(DEVICE_FEP))
{
	WITH_SPLIT_SPACE()
		WITH_CR4(0, CR4_SMEP | CR4_SMAP)
			for_each(s, straddles) SUBTEST("%s", s->text) {
				if (s->kind != TOUCH_FETCH)
					straddle(s, true);
			}
}
