/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * All CPUs change a pair of numbers under a lock: both stay equal, and no change is
 * lost.  With the argument `bad` the lock lets everybody in, and that must be seen.
 */
#include <clock.h>
#include <smp.h>
#include <test.h>

ARGUMENTS("[bad]: with a lock that does not lock");

#define UPDATES		10000000u
#define PATIENCE_US	500000		/* a host that is slow does fewer */

static struct spinlock lock;
static volatile struct {
	u32 a, b;
} pair;
static u32 updates, unequal;
static bool bad;

static void update(void *arg)
{
	u64 begin = clock_ticks(), budget = clock_us_to_ticks(PATIENCE_US);
	u32 done = 0, seen = 0;

	(void)arg;
	while (done < UPDATES && (done % 1024 || clock_ticks() - begin < budget)) {
		if (!bad)
			spin_lock(&lock);
		seen += pair.a != pair.b;
		pair.a = pair.a + 1;
		pair.b = pair.b + 1;
		if (!bad)
			spin_unlock(&lock);
		done++;
	}
	atomic_add(&updates, done);
	atomic_add(&unequal, seen);
}

TEST(pair, "a lock keeps a pair of numbers equal, and loses no update", CPUS(2))
{
	bad = argument(0) && !strcmp(argument(0), "bad");
	pair.a = pair.b = updates = unequal = 0;
	on_cpus(update, NULL);
	EXPECT_EQ(unequal, 0);
	EXPECT_EQ(pair.a, updates);
	EXPECT_EQ(pair.b, updates);
	METRIC("updates", updates, "");
}
