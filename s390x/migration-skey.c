/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage keys move with the machine (SA22-7832, chapter 3, "Storage Key"). */
#include <asm/page.h>
#include <key.h>
#include <memory.h>
#include <migrate.h>
#include <smp.h>
#include <test.h>

#define PAGES		128

static u8 *pages;

static bool key_is(unsigned int page, unsigned int want)
{
	/* Whoever moves a page may set its reference bit. */
	return !((key_get(pages + page * PAGE_SIZE) ^ want << 1) & ~KEY_REFERENCE & 0xfe);
}

/* All keys that there are: seven bits. */
static void keys_set(unsigned int from)
{
	for (unsigned int i = 0; i < PAGES; i++)
		key_set((from + i) % PAGES << 1, pages + i * PAGE_SIZE);
}

static unsigned int keys_wrong(unsigned int from)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < PAGES; i++)
		wrong += !key_is(i, (from + i) % PAGES);
	return wrong;
}

static void keys_end(void)
{
	for (unsigned int i = 0; i < PAGES; i++)
		key_set(0, pages + i * PAGE_SIZE);
}

static void pages_touch(void)
{
	pages = pages_alloc(PAGES);
	for (unsigned int i = 0; i < PAGES; i++)
		pages[i * PAGE_SIZE] = i;
}

TEST(sequential, "each of 128 pages has its key in another VMM", MIGRATES,
     LACKS(CPU_NO_KEYS))
{
	pages_touch();
	keys_set(0);
	migrate_once();
	for (unsigned int i = 0; i < PAGES; i++)
		check_explained(CHECK_HERE("the key is there"), key_is(i, i),
				"page %u has key %#x", i, key_get(pages + i * PAGE_SIZE));
	keys_end();
}

static u32 over, rounds, wrong;

/* Sets all keys, and sees them before it sets the next ones. */
static void keys_turn(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&over, __ATOMIC_SEQ_CST)) {
		keys_set(rounds);
		wrong += keys_wrong(rounds);
		__atomic_fetch_add(&rounds, 1, __ATOMIC_SEQ_CST);
	}
}

static void rounds_wait(u32 more)
{
	u32 begin = __atomic_load_n(&rounds, __ATOMIC_SEQ_CST);

	while (__atomic_load_n(&rounds, __ATOMIC_SEQ_CST) - begin < more)
		cpu_relax();
}

TEST(parallel, "keys that another CPU sets meanwhile are the last ones that it set",
     MIGRATES, CPUS(2), LACKS(CPU_NO_KEYS))
{
	pages_touch();
	over = rounds = wrong = 0;
	on_cpu_begin(1, keys_turn, NULL);
	rounds_wait(2);
	migrate_once();
	rounds_wait(2);
	__atomic_store_n(&over, 1, __ATOMIC_SEQ_CST);
	on_cpu_end(1);
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(keys_wrong(rounds - 1), 0);
	METRIC("rounds", rounds, "");
	keys_end();
}
