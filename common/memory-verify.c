/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Memory while the machine moves, again and again: each page has a counter, which is
 * what it was when it was last counted.
 */
#include <asm/page.h>
#include <clock.h>
#include <memory.h>
#include <migrate.h>
#include <test.h>

ONLY_ON(ppc64le, ppc64, s390x);

#define PAGES		32u
#define SECONDS		5u
#define PATIENCE	60u		/* until it has moved once */

TEST(memory, "no page goes back to what it was, under continuous migration: seconds=N",
     MIGRATES)
{
	u64 *pages[PAGES], seconds = SECONDS, begin, took, rounds = 0;
	u32 stale = 0, moves;

	parameter("seconds", &seconds);
	for (u32 i = 0; i < PAGES; i++) {
		pages[i] = pages_alloc_zeroed(1);
		/* Not only its beginning is looked at. */
		pages[i] += i * 8;
		*pages[i] = (u64)i << 32;
	}
	migrate_begin();
	begin = clock_ticks();
	do {
		for (u32 i = 0; i < PAGES; i++) {
			volatile u64 *at = pages[i];

			stale += *at != ((u64)i << 32) + rounds;
			*at = *at + 1;
		}
		rounds++;
		moves = migrate_count();
		took = clock_ticks() - begin;
	} while (took < seconds * 1000 * clock_khz() ||
		 (!moves && took < PATIENCE * 1000 * clock_khz()));
	migrate_end();
	EXPECT(moves);
	EXPECT_EQ(stale, 0);
	METRIC("migrations", moves, "");
	METRIC("rounds", rounds, "");
}
