/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IA32_TSC_ADJUST (SDM 3B, "Time-Stamp Counter Adjustment"): what is added to
 * the counter shows in it, and what is written to the counter shows in the MSR.
 */
#include <scope.h>
#include <test.h>

#define STEP	100000000000ull

TEST(adjust, "writing TSC_ADJUST moves the TSC by as much", REQUIRES(CPU_TSC_ADJUST))
{
	u64 adjust = rdmsr(MSR_TSC_ADJUST), before = rdtsc(), moved;

	WITH_MSR(MSR_TSC_ADJUST, adjust + STEP) {
		moved = rdtsc();
		EXPECT_EQ(rdmsr(MSR_TSC_ADJUST), adjust + STEP);
		EXPECT(moved - before >= STEP);
	}
	EXPECT_EQ(rdmsr(MSR_TSC_ADJUST), adjust);
	EXPECT(rdtsc() < moved);
}

TEST(write_tsc, "writing the TSC moves TSC_ADJUST by as much",
     REQUIRES(CPU_TSC_ADJUST))
{
	u64 adjust = rdmsr(MSR_TSC_ADJUST), before = rdtsc(), change, after;

	WITH_MSR(MSR_TSC_ADJUST, adjust) {
		wrmsr(MSR_TSC, before + STEP);
		after = rdtsc();
		change = rdmsr(MSR_TSC_ADJUST) - adjust;
		EXPECT(after >= before + STEP);
		/* The TSC ran on between the read and the write. */
		EXPECT(change <= STEP);
		EXPECT(change >= STEP - (after - (before + STEP)) - STEP / 10);
	}
}

TEST(absent, "without the CPUID bit, the MSR is not there",
     LACKS(CPU_TSC_ADJUST))
{
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_TSC_ADJUST, NULL));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_TSC_ADJUST, 0));
}
