/* SPDX-License-Identifier: BSD-2-Clause */
/* The TOD clock moves with the machine, and never goes back. */
#include <clock.h>
#include <migrate.h>
#include <test.h>

#define AHEAD	(600 * 1000000ull * CLOCK_TICKS_A_US)

TEST(ahead, "a clock that was set ahead goes on in another VMM", MIGRATES)
{
	u64 target = clock_ticks() + AHEAD, before, after;

	asm volatile("sck %0" : : "QS"(target) : "cc");
	before = clock_ticks();
	EXPECT(before >= target);
	migrate_once();
	after = clock_ticks();
	EXPECT(after >= before);
	delay_us(1000);
	EXPECT(clock_ticks() > after);
}
