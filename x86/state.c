/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The machine's state, taken and put: whatever was changed in between is as it
 * was, in registers that a guest can see and in memory.
 */
#include <boot.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <testdev.h>

#define STATE	1		/* 0 is the harness's */

#define RESETS	200		/* or as many as the environment says */
#define PAGES	64

TEST(resets, "putting the machine's state makes memory what it was, again and again",
     DEVICE(TESTDEV_STATE))
{
	u8 *pages = pages_alloc_zeroed(PAGES);
	unsigned int changed = 0;
	u64 resets = RESETS;
	u32 n;

	if (boot_info.environment)
		environment_number("RESETS", &resets);
	n = machine_take(STATE);

	for (unsigned int i = 0; i < PAGES; i++)
		changed += pages[i * PAGE_SIZE + n % PAGE_SIZE];
	if (n < resets && !changed) {
		for (unsigned int i = 0; i < PAGES; i++)
			pages[i * PAGE_SIZE + (n + 1) % PAGE_SIZE] = 1 + n;
		machine_put(STATE);
	}
	EXPECT_EQ(changed, 0);
	EXPECT_EQ(n, resets);
}

#define ALIAS	((volatile u8 *)0x92000000ul)

static u8 seen_user;

static void look(void *arg)
{
	(void)arg;
	seen_user = *ALIAS;
}

static u8 look_user(void)
{
	user_call(look, NULL, 0);
	return seen_user;
}

TEST(translations, "putting the machine's state makes translations those of the tables then",
     DEVICE(TESTDEV_STATE))
{
	u8 *a = pages_alloc(1), *b = pages_alloc(1);
	u32 n;

	*a = 'a';
	*b = 'b';
	page_map((void *)ALIAS, (uintptr_t)a, PTE_P | PTE_W | PTE_U);
	EXPECT_EQ(*ALIAS, 'a');
	EXPECT_EQ(look_user(), 'a');
	n = machine_take(STATE);
	EXPECT_EQ(*ALIAS, 'a');
	EXPECT_EQ(look_user(), 'a');
	page_map((void *)ALIAS, (uintptr_t)b, PTE_P | PTE_W | PTE_U);
	EXPECT_EQ(*ALIAS, 'b');
	EXPECT_EQ(look_user(), 'b');
	if (n < 3)
		machine_put(STATE);
	EXPECT_EQ(n, 3);
}
