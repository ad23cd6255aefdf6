/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linear address-space separation (SDM 3A, "Linear-Address-Space Separation").
 *
 * While CR4.LASS is set, bit 63 of an address tells whose it is, before any table is
 * looked at.  User mode may use the lower half only.  A supervisor may fetch from the
 * upper half only; its data accesses to the lower half are refused while SMAP is set
 * and AC clear, those that are implicit whatever AC is.  What is refused is #GP(0), of
 * the stack #SS(0).
 */
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

ONLY_ON(x86_64);

/* The word under test in either half; a descriptor, in the LDT if that is there. */
static u64 *page;
#define LOWER		((u64)SPACE_FREE + 8)
#define UPPER		(UPPER_HALF + BIT(40) + 8)
#define USER_DATA	0x00cff3000000ffffull	/* marked as accessed */
#define SELECTOR	0x0f

#define WITH_HALVES()							\
	WITH_SPLIT_SPACE()						\
		SCOPE(upper_scope, halves_enter)

/* In the lower half it is user mode's page, in the upper one the supervisor's. */
static void halves_enter(struct upper_scope *scope)
{
	page = pages_alloc_zeroed(1);
	page_map((void *)LOWER - 8, (uintptr_t)page, PTE_P | PTE_W | PTE_U);
	upper_enter(scope);
	page_map((void *)UPPER - 8, (uintptr_t)page, PTE_P | PTE_W);
}

/* What an access comes to in each half; @smap: with SMAP set and AC clear. */
static const struct row {
	enum touch_kind kind;
	bool user;
	struct fault lower, lower_smap, lower_ac, upper;
} rows[] = {
	{ TOUCH_READ, true, AS_NONE, AS_NONE, AS_NONE, AS_GP(0) },
	{ TOUCH_WRITE, true, AS_NONE, AS_NONE, AS_NONE, AS_GP(0) },
	{ TOUCH_RMW, true, AS_NONE, AS_NONE, AS_NONE, AS_GP(0) },
	{ TOUCH_PUSH, true, AS_NONE, AS_NONE, AS_NONE, AS_SS(0) },
	{ TOUCH_FETCH, true, AS_NONE, AS_NONE, AS_NONE, AS_GP(0) },
	{ TOUCH_READ, false, AS_NONE, AS_GP(0), AS_NONE, AS_NONE },
	{ TOUCH_WRITE, false, AS_NONE, AS_GP(0), AS_NONE, AS_NONE },
	{ TOUCH_RMW, false, AS_NONE, AS_GP(0), AS_NONE, AS_NONE },
	{ TOUCH_PUSH, false, AS_NONE, AS_SS(0), AS_NONE, AS_NONE },
	{ TOUCH_FETCH, false, AS_GP(0), AS_GP(0), AS_GP(0), AS_NONE },
	{ TOUCH_SEGMENT, false, AS_NONE, AS_GP(0), AS_GP(0), AS_NONE },
	{ TOUCH_SEGMENT, true, AS_NONE, AS_GP(0), AS_GP(0), AS_NONE },
};

static struct fault access(const struct row *row, u64 address,
			   unsigned long cr4, unsigned long flags)
{
	struct touch how = {
		.kind = row->kind, .user = row->user, .flags = flags,
		.address = (void *)address,
		.value = row->kind == TOUCH_SEGMENT ? SELECTOR : 0,
	};
	struct fault fault;

	if (row->kind == TOUCH_FETCH)
		touch_target(&page[1]);
	else
		page[1] = USER_DATA;
	WITH_LDT((void *)(address - 8))
		fault = touch_upper(&how, cr4);
	return fault;
}

#define for_each_row(row)						\
	for_each(row, rows) SUBTEST("%s, CPL %d", touch_names[row->kind],	\
				    row->user ? 3 : 0)

TEST(lower, "the lower half is user mode's, as far as SMAP is on",
     REQUIRES(CPU_LASS, CPU_SMAP))
{
	WITH_HALVES()
		for_each_row(row) {
			EXPECT_FAULT(row->lower, access(row, LOWER, CR4_LASS, 0));
			EXPECT_FAULT(row->lower_smap,
				     access(row, LOWER, CR4_LASS | CR4_SMAP, 0));
			EXPECT_FAULT(row->lower_ac,
				     access(row, LOWER, CR4_LASS | CR4_SMAP, RFLAGS_AC));
		}
}

TEST(upper, "the upper half is the supervisor's", REQUIRES(CPU_LASS, CPU_SMAP))
{
	WITH_HALVES()
		for_each_row(row) {
			EXPECT_FAULT(row->upper, access(row, UPPER, CR4_LASS, 0));
			EXPECT_FAULT(row->upper,
				     access(row, UPPER, CR4_LASS | CR4_SMAP, 0));
			EXPECT_FAULT(row->upper, access(row, UPPER, CR4_LASS, RFLAGS_AC));
		}
}

TEST(no_walk, "an access that LASS refuses looks up no page: it is never #PF",
     REQUIRES(CPU_LASS))
{
	static const struct row read = { .kind = TOUCH_READ, .user = true };
	static const struct row fetch = { .kind = TOUCH_FETCH };
	u64 nowhere = BIT(41) + 8;

	WITH_HALVES() {
		EXPECT_FAULT(FAULT_GP(0),
			     access(&read, UPPER_HALF + nowhere, CR4_LASS, 0));
		EXPECT_FAULT(FAULT_PF(PF_U), access(&read, UPPER_HALF + nowhere, 0, 0));
		EXPECT_FAULT(FAULT_GP(0), access(&fetch, nowhere, CR4_LASS, 0));
		EXPECT_FAULT(FAULT_PF(0), access(&fetch, nowhere, 0, 0));
	}
}

TEST(off, "LASS clear: the tables decide", REQUIRES(CPU_LASS))
{
	WITH_HALVES()
		for_each_row(row) {
			bool walks_as_user = row->user && row->kind != TOUCH_SEGMENT;
			u32 code = PF_P | PF_U;

			if (row->kind != TOUCH_READ && row->kind != TOUCH_FETCH)
				code |= PF_W;
			EXPECT_FAULT(FAULT_NONE, access(row, LOWER, 0, 0));
			EXPECT_FAULT(walks_as_user ? FAULT_PF(code) : FAULT_NONE,
				     access(row, UPPER, 0, 0));
		}
}
