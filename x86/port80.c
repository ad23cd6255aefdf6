/* SPDX-License-Identifier: BSD-2-Clause */
/* The cost of an exit that user space ignores: writes to the POST port. */
#include <test.h>

#define ROUNDS	21
#define WRITES	32

ARGUMENTS("[writes a round]");

TEST(port80, "cycles of a write to port 0x80")
{
	u64 writes = WRITES, cycles[ROUNDS];

	if (argument(0) && (!parse_number(argument(0), 0, &writes) || !writes))
		return error("not a number of writes: %s", argument(0));
	for_each(round, cycles) {
		u64 begin = rdtsc();

		for (u64 n = 0; n < writes; n++)
			out8(0x80, 0);
		*round = (u32)(rdtsc() - begin) / (u32)writes;
	}
	EXPECT(median(cycles, ROUNDS) > 0);
	METRIC("port80", median(cycles, ROUNDS), "cycles");
}
