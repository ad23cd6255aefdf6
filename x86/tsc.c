/* SPDX-License-Identifier: BSD-2-Clause */
/* Time-stamp counter and IA32_TSC_AUX (SDM 3B, "Time-Stamp Counter"). */
#include <scope.h>
#include <test.h>

static const u64 starts[] = { 0, 100000000000 };

TEST(write, "WRMSR sets the counter, and it runs on from there")
{
	u64 old = rdtsc();

	for_each(start, starts) SUBTEST("%llu", (unsigned long long)*start) {
		u64 first, second;

		wrmsr(MSR_TSC, *start);
		first = rdtsc();
		second = rdtsc();
		EXPECT(first >= *start);
		EXPECT(second > first);
	}
	wrmsr(MSR_TSC, old);
}

TEST(equal, "RDMSR and RDTSC read the same counter")
{
	u64 before = rdtsc(), middle = rdmsr(MSR_TSC), after = rdtsc();

	EXPECT(before <= middle);
	EXPECT(middle <= after);
}

static const u32 aux[] = { 0, 10, 0x100, 0xffffffff };

TEST(rdtscp, "RDTSCP returns IA32_TSC_AUX in ECX", REQUIRES(CPU_RDTSCP))
{
	for_each(value, aux) SUBTEST("%#x", *value)
		WITH_MSR(MSR_TSC_AUX, *value) {
			u32 low, high, got = ~*value;

			EXPECT_FAULT(FAULT_NONE,
				     TRY_OUT("rdtscp", OUT("=a"(low), "=d"(high),
							   "+c"(got))));
			EXPECT_EQ(got, *value);
		}
}

TEST(rdpid, "RDPID returns IA32_TSC_AUX", REQUIRES(CPU_RDPID))
{
	for_each(value, aux) SUBTEST("%#x", *value)
		WITH_MSR(MSR_TSC_AUX, *value) {
			unsigned long got = ~(unsigned long)*value;

			EXPECT_FAULT(FAULT_NONE,
				     TRY_OUT("rdpid %0", OUT("+r"(got))));
			EXPECT_EQ(got, *value);
		}
}
