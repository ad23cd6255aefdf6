/* SPDX-License-Identifier: BSD-2-Clause */
/* Rounds of an operation, timed. */
#include <asm/cpu.h>
#include <cost.h>

#define ROUND_CYCLES	200000ull
#define MAX_REPEATS	65536u

static u64 time_repeats(void (*operation)(void), u32 repeats)
{
	u64 begin = rdtsc();

	for (u32 n = 0; n < repeats; n++)
		operation();
	return rdtsc() - begin;
}

void cost_measure(const char *name, void (*operation)(void))
{
	u64 cycles[COST_ROUNDS];
	u32 shift = 0;

	while (time_repeats(operation, 1u << shift) < ROUND_CYCLES &&
	       1u << shift < MAX_REPEATS)
		shift++;
	for_each(round, cycles)
		*round = time_repeats(operation, 1u << shift) >> shift;
	EXPECT(median(cycles, COST_ROUNDS) > 0);
	METRIC(name, median(cycles, COST_ROUNDS), "cycles");
}
