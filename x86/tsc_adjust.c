/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * IA32_TSC_ADJUST (SDM 3B, "Time-Stamp Counter Adjustment"): what is added to
 * the counter shows in it, and what is written to the counter shows in the MSR.
 */
#include <scope.h>
#include <smp.h>
#include <test.h>

#define STEP	100000000000ull

TEST(reset, "TSC_ADJUST is 0 after a reset", REQUIRES(CPU_TSC_ADJUST))
{
	EXPECT_EQ(rdmsr(MSR_TSC_ADJUST), 0);
}

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

TEST(back, "TSC_ADJUST is signed: the TSC goes back by as much",
     REQUIRES(CPU_TSC_ADJUST))
{
	/* A TSC that is surely beyond the step, whenever the machine began. */
	WITH_MSR(MSR_TSC_ADJUST, 2 * STEP) {
		u64 before = rdtsc(), moved;

		wrmsr(MSR_TSC_ADJUST, rdmsr(MSR_TSC_ADJUST) - 3 * STEP);
		EXPECT_EQ(rdmsr(MSR_TSC_ADJUST), -STEP);
		moved = rdtsc();
		EXPECT(before - moved <= 3 * STEP);
	}
}

static void read_adjust(void *value)
{
	*(u64 *)value = rdmsr(MSR_TSC_ADJUST);
}

TEST(own, "each CPU has its own TSC_ADJUST", CPUS(2), REQUIRES(CPU_TSC_ADJUST))
{
	u64 other;

	on_cpu(1, read_adjust, &other);
	EXPECT_EQ(other, 0);
	WITH_MSR(MSR_TSC_ADJUST, STEP) {
		on_cpu(1, read_adjust, &other);
		EXPECT_EQ(other, 0);
	}
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
