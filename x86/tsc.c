/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time-stamp counter and IA32_TSC_AUX (SDM 3B, "Time-Stamp Counter"; SDM 2, RDTSC, RDTSCP,
 * RDPID): what is read, and who may.
 */
#include <insn.h>
#include <scope.h>
#include <test.h>

/* Forwards and back, further than any host is away in between. */
#define APART	BIT(45)		/* hours */
static const u64 starts[] = { 2 * APART, 0, 100000000000, 3 * APART };

TEST(write, "WRMSR sets the counter, and it runs on from there")
{
	u64 old = rdtsc();

	for_each(start, starts) SUBTEST("%llu", (unsigned long long)*start) {
		u64 first, second;

		wrmsr(MSR_TSC, *start);
		first = rdtsc();
		second = rdtsc();
		EXPECT(first - *start < APART);
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

static void read_tsc(void *fault)
{
	u32 low, high;

	*(struct fault *)fault = TRY_OUT("rdtsc", OUT("=a"(low), "=d"(high)));
}

static void read_tscp(void *fault)
{
	u32 low, high, id;

	*(struct fault *)fault = TRY_OUT("rdtscp",
					 OUT("=a"(low), "=d"(high), "=c"(id)));
}

static void read_pid(void *fault)
{
	unsigned long pid = 0;

	*(struct fault *)fault = TRY_OUT("rdpid %0", OUT("+r"(pid)));
}

static const struct {
	const char *name;
	void (*read)(void *fault);
	unsigned int feature;
	struct fault denied;		/* at CPL 3, while CR4.TSD is set */
} readers[] = {
	{ "RDTSC",  read_tsc,  CPU_TSC,	   AS_GP(0) },
	{ "RDTSCP", read_tscp, CPU_RDTSCP, AS_GP(0) },
	{ "RDPID",  read_pid,  CPU_RDPID,  AS_NONE },
};

TEST(disabled, "CR4.TSD keeps the counter from CPL 3, and nothing else",
     REQUIRES(CPU_TSC))
{
	for_each(row, readers) SUBTEST("%s", row->name) {
		struct fault fault;

		if (!cpu_has(row->feature)) {
			skip("no %s", row->name);
			continue;
		}
		for (unsigned int set = 0; set < 2; set++)
			WITH_CR4(set ? CR4_TSD : 0, set ? 0 : CR4_TSD) {
				row->read(&fault);
				EXPECT_FAULT(FAULT_NONE, fault);
				user_call(row->read, &fault, 0);
				EXPECT_FAULT(set ? row->denied : FAULT_NONE, fault);
			}
	}
}

TEST(absent, "without their CPUID bits, RDTSCP and RDPID are #UD, whatever CR4.TSD")
{
	for_each(row, readers) SUBTEST("%s", row->name) {
		struct fault fault;

		if (cpu_has(row->feature)) {
			skip("%s is there", row->name);
			continue;
		}
		for (unsigned int set = 0; set < 2; set++)
			WITH_CR4(set ? CR4_TSD : 0, set ? 0 : CR4_TSD) {
				row->read(&fault);
				EXPECT_FAULT(FAULT_UD, fault);
				user_call(row->read, &fault, 0);
				EXPECT_FAULT(FAULT_UD, fault);
			}
	}
}
