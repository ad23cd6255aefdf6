/* SPDX-License-Identifier: BSD-2-Clause */
/* SET CLOCK (SA22-7832, chapter 10). */
#include <clock.h>
#include <insn.h>
#include <test.h>

static u64 value[2] = { 0xcafef00dbeef };

static struct fault set(u64 at, u32 *cc)
{
	u32 ipm = ~0u;
	struct fault fault = TRY_OUT("sck 0(%1)\n\tipm %0", OUT("=d"(ipm)), "a"(at));

	*cc = ipm >> 28;
	return fault;
}

TEST(operand, "the operand is a doubleword")
{
	u32 cc;

	for (unsigned int offset = 1; offset < 8; offset <<= 1)
		SUBTEST("offset %u", offset)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
				     set((uintptr_t)value + offset, &cc));
}

TEST(sets, "the clock has the value that was set, and runs on")
{
	u64 old = clock_ticks(), begin, after;
	u32 cc;

	EXPECT_FAULT(FAULT_NONE, set((uintptr_t)value, &cc));
	begin = clock_ticks();
	delay_us(5000);
	after = clock_ticks();
	/* Less than a minute has passed. */
	EXPECT(begin >= value[0] && begin - value[0] < 60000000ull * CLOCK_TICKS_A_US);
	EXPECT(after - begin >= 5000 * CLOCK_TICKS_A_US);
	EXPECT_EQ(cc, 0);
	value[1] = old;
	set((uintptr_t)&value[1], &cc);
	EXPECT(clock_ticks() >= old);
}

INSN(set_user, "sck 0(%0)", "a"(value));

TEST(problem, "it is privileged, and has no effect then")
{
	u64 before = clock_ticks();

	EXPECT_FAULT(FAULT_PRIVILEGED, exec(set_user, .user = true));
	EXPECT(clock_ticks() >= before);
	EXPECT(clock_ticks() - before < 60000000ull * CLOCK_TICKS_A_US);
}
