/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Supervisor-mode execution prevention (SDM 3A 4.6.1).
 *
 * While CR4.SMEP is set, a supervisor may not fetch from pages that user mode may
 * access.  Data accesses, user mode and supervisor pages are not concerned; a page is
 * the supervisor's as soon as one entry on its way has U clear.
 */
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

#define WITH_SMEP(set)							\
	WITH_SPLIT_SPACE()						\
		WITH_CR4((set) ? CR4_SMEP : 0, (set) ? 0 : CR4_SMEP)

static u8 *target(void *at)
{
	touch_target(page);
	return at;
}

TEST(on, "SMEP set: a supervisor's fetch from a user page is #PF", REQUIRES(CPU_SMEP))
{
	u8 *at = target(user_alias(page));

	WITH_SMEP(true) {
		tlb_flush_page(at);
		EXPECT_FAULT(FAULT_PF_AT(at, PF_P | PF_I), touch_at(TOUCH_FETCH, at));
		/* And once the TLB holds the page, for data and for user mode's code. */
		EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, at));
		EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_FETCH, at, .user = true));
		EXPECT_FAULT(FAULT_PF_AT(at, PF_P | PF_I), touch_at(TOUCH_FETCH, at));
		/* AC is about data. */
		EXPECT_FAULT(FAULT_PF_AT(at, PF_P | PF_I),
			     touch_at(TOUCH_FETCH, at, .flags = RFLAGS_AC));
	}
}

TEST(others, "SMEP set: nothing else is concerned", REQUIRES(CPU_SMEP))
{
	u8 *at = target(user_alias(page));

	WITH_SMEP(true) {
		SUBTEST("data of a user page") {
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, at));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_RMW, at + 64));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_WRITE, at + 64));
		}
		SUBTEST("user mode")
			EXPECT_FAULT(FAULT_NONE,
				     touch_at(TOUCH_FETCH, at, .user = true));
		SUBTEST("a supervisor page")
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_FETCH, page));
	}
}

TEST(tables, "a page under a table without U is the supervisor's", REQUIRES(CPU_SMEP))
{
	u8 *at = target((u8 *)SPACE_FREE);
	struct fault stopped = FAULT_PF_AT(at, PF_P | PF_I);

	WITH_SMEP(true) {
		page_map(at, (uintptr_t)page, PTE_P | PTE_W | PTE_U);
		EXPECT_FAULT(stopped, touch_at(TOUCH_FETCH, at));
		for (unsigned int level = 1; level <= paging_mode()->levels; level++)
			SUBTEST("level %u", level) {
				WITH_ENTRY(at, level, 0, PTE_U)
					EXPECT_FAULT(FAULT_NONE,
						     touch_at(TOUCH_FETCH, at));
				EXPECT_FAULT(stopped, touch_at(TOUCH_FETCH, at));
			}
	}
}

TEST(toggle, "CR4.SMEP takes effect at once, whatever the TLB holds",
     REQUIRES(CPU_SMEP))
{
	u8 *at = target(user_alias(page));

	WITH_SMEP(false)
		for (unsigned int i = 0; i < 3; i++) {
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_FETCH, at));
			WITH_CR4(CR4_SMEP, 0)
				EXPECT_FAULT(FAULT_PF_AT(at, PF_P | PF_I),
					     touch_at(TOUCH_FETCH, at));
		}
}

TEST(error_code, "SMEP makes error codes tell fetches, without NX too",
     REQUIRES(CPU_SMEP))
{
	u8 *nowhere = (u8 *)SPACE_FREE;

	WITH_SMEP(false) {
		EXPECT_FAULT(FAULT_PF_AT(nowhere, 0), touch_at(TOUCH_FETCH, nowhere));
		EXPECT_FAULT(FAULT_PF_AT(nowhere, PF_U),
			     touch_at(TOUCH_FETCH, nowhere, .user = true));
	}
	WITH_SMEP(true) {
		EXPECT_FAULT(FAULT_PF_AT(nowhere, PF_I),
			     touch_at(TOUCH_FETCH, nowhere));
		EXPECT_FAULT(FAULT_PF_AT(nowhere, PF_I | PF_U),
			     touch_at(TOUCH_FETCH, nowhere, .user = true));
		EXPECT_FAULT(FAULT_PF_AT(nowhere, 0), touch_at(TOUCH_READ, nowhere));
	}
}

TEST(absent, "without the CPUID bit, CR4.SMEP is reserved", LACKS(CPU_SMEP))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_SMEP));
}
