/* SPDX-License-Identifier: BSD-2-Clause */
/* Event counters: which there are, what they keep (DDI 0487, D12.10, D17.5). */
#include <asm/cpu.h>
#include <asm/pmu.h>
#include <pmu.h>
#include <test.h>

ONLY_ON(arm64);

TEST(event_introspection, "the events are announced that each PMUv3 has (D12.11.4)",
     DEVICE(DEVICE_PMU))
{
	SUBTEST("SW_INCR") EXPECT(pmu_has_event(PMU_SW_INCR));
	SUBTEST("CPU_CYCLES") EXPECT(pmu_has_event(PMU_CPU_CYCLES));
	SUBTEST("INST_RETIRED or INST_SPEC")
		EXPECT(pmu_has_event(PMU_INST_RETIRED) || pmu_has_event(PMU_INST_SPEC));
	if (pmu_version() < PMU_V3_8_1)
		return;
	SUBTEST("STALL_FRONTEND") EXPECT(pmu_has_event(PMU_STALL_FRONTEND));
	SUBTEST("STALL_BACKEND") EXPECT(pmu_has_event(PMU_STALL_BACKEND));
}

static bool counters_needed(unsigned int count)
{
	if (pmu_counters() >= count)
		return true;
	skip("%u event counters needed, %u there", count, pmu_counters());
	return false;
}

TEST(event_counter_config, "a counter keeps its event, and its value while that is absent",
     DEVICE(DEVICE_PMU))
{
	unsigned int event;

	if (!counters_needed(1))
		return;
	pmu_reset(0);
	SUBTEST("event") {
		sysreg_write(pmselr_el0, 0);
		isb();
		sysreg_write(pmxevtyper_el0, 0xea);
		isb();
		EXPECT_EQ(sysreg_read(pmevtyper0_el0) & 0xfff, 0xea);
	}
	SUBTEST("value") {
		pmu_set_counter(0, 0xdeadbeef);
		EXPECT_EQ(sysreg_read(pmevcntr0_el0), 0xdeadbeef);
	}
	SUBTEST("selection") {
		/* PMSELR decides: another counter is another register. */
		if (!counters_needed(2))
			break;
		pmu_set_counter(1, 0x12345678);
		EXPECT_EQ(pmu_counter(0), 0xdeadbeef);
		EXPECT_EQ(sysreg_read(pmevcntr1_el0), 0x12345678);
	}
	SUBTEST("absent event") {
		for (event = 0x3f; event && pmu_has_event(event);)
			event--;
		if (!event) {
			skip("all common events are there");
			break;
		}
		pmu_set_counter(0, 0xdeadbeef);
		pmu_event(0, event);
		sysreg_write(pmcntenset_el0, 1);
		pmu_start();
		for (u32 i = 0; i < 100; i++)
			isb();
		pmu_stop();
		EXPECT_EQ(pmu_counter(0), 0xdeadbeef);
	}
}

static void check_basic(u32 long_counters)
{
	u64 preset = long_counters ? ~0ull - 15 : 0xfffffff0;
	u32 read_only = sysreg_read(pmcr_el0) & PMCR_READ_ONLY;

	pmu_reset(long_counters);
	EXPECT_EQ(sysreg_read(pmcr_el0), read_only | PMCR_LC | long_counters);
	EXPECT_EQ(sysreg_read(pmcntenset_el0), 0);
	EXPECT_EQ(sysreg_read(pmcntenclr_el0), 0);
	EXPECT_EQ(sysreg_read(pmovsclr_el0), 0);
	EXPECT_EQ(sysreg_read(pmintenset_el1), 0);
	pmu_event(0, PMU_CPU_CYCLES);
	pmu_event(1, PMU_SW_INCR);
	pmu_set_counter(0, preset);
	EXPECT_EQ(pmu_counter(0), preset);
	EXPECT_EQ(pmu_counter(1), 0);
	/* Bits of counters that are not there are RAZ/WI. */
	sysreg_write(pmcntenset_el0, ~0u);
	EXPECT_EQ(sysreg_read(pmcntenset_el0), pmu_implemented());
	sysreg_write(pmcntenclr_el0, ~3u);
	EXPECT_EQ(sysreg_read(pmcntenset_el0), 3);
	sysreg_write(pmintenset_el1, ~0u);
	EXPECT_EQ(sysreg_read(pmintenset_el1), pmu_implemented());
	sysreg_write(pmintenclr_el1, ~0u);
	EXPECT_EQ(sysreg_read(pmintenset_el1), 0);
	counted_loop(20, read_only | PMCR_LC | long_counters | PMCR_E,
		     read_only | PMCR_LC | long_counters);
	EXPECT(pmu_counter(0) != preset);
	EXPECT_EQ(pmu_counter(1), 0);
	EXPECT_EQ(sysreg_read(pmovsset_el0), 1);
	pmu_reset(0);
}

/* Once with the overflow of 32 bits, and once with that of 64 where there is one. */
#define EACH_WIDTH(check)						\
	do {								\
		SUBTEST("32 bits") check(0);				\
		SUBTEST("64 bits") {					\
			if (pmu_version() < PMU_V3P5)			\
				skip("before PMUv3p5");			\
			else						\
				check(PMCR_LP);				\
		}							\
	} while (0)

TEST(basic_event_count, "enabled counters count, and overflow", DEVICE(DEVICE_PMU))
{
	if (counters_needed(2))
		EACH_WIDTH(check_basic);
}

/* @count loads, nothing else that accesses memory, between start and stop. */
static void load(u32 count)
{
	static u64 cell;
	u64 value, pmcr = sysreg_read(pmcr_el0);

	asm volatile("msr pmcr_el0, %3\n"
		     "isb\n"
		     "1:	ldr %0, [%4]\n"
		     "subs %w1, %w1, #1\n"
		     "b.gt 1b\n"
		     "msr pmcr_el0, %2\n"
		     "isb"
		     : "=&r"(value), "+r"(count)
		     : "r"(pmcr), "r"(pmcr | PMCR_E), "r"(&cell) : "cc", "memory");
}

static void check_mem_access(u32 long_counters)
{
	u64 preset = long_counters ? ~0ull - 15 : 0xfffffff0;

	pmu_reset(long_counters);
	pmu_event(0, PMU_MEM_ACCESS);
	pmu_event(1, PMU_MEM_ACCESS);
	sysreg_write(pmcntenset_el0, 3);
	load(20);
	EXPECT_EQ(pmu_counter(0), pmu_counter(1));
	EXPECT(pmu_counter(0) >= 20);
	EXPECT_EQ(sysreg_read(pmovsset_el0), 0);
	pmu_set_counter(0, preset);
	pmu_set_counter(1, preset);
	load(20);
	EXPECT_EQ(sysreg_read(pmovsset_el0), 3);
	pmu_reset(0);
}

static bool event_needed(unsigned int event, const char *name)
{
	if (pmu_has_event(event))
		return true;
	skip("the event %s is not counted", name);
	return false;
}

TEST(mem_access, "MEM_ACCESS counts loads", DEVICE(DEVICE_PMU))
{
	if (counters_needed(2) && event_needed(PMU_MEM_ACCESS, "MEM_ACCESS"))
		EACH_WIDTH(check_mem_access);
}

static void check_reliability(u32 long_counters)
{
	u64 preset = (long_counters ? ~0ull : 0xffffffff) - 349;
	u64 least = ~0ull, most = 0;

	for (u32 i = 0; i < 100; i++) {
		u64 counted;

		pmu_reset(long_counters);
		pmu_event(0, PMU_MEM_ACCESS);
		pmu_set_counter(0, preset);
		sysreg_write(pmcntenset_el0, 1);
		load(250);
		REQUIRE_EQ(sysreg_read(pmovsset_el0), 0);
		counted = pmu_counter(0) - preset;
		least = counted < least ? counted : least;
		most = counted > most ? counted : most;
	}
	METRIC("least of 250 loads", least, "loads");
	METRIC("most of 250 loads", most, "loads");
	pmu_reset(0);
}

TEST(mem_access_reliability, "MEM_ACCESS never counts a hundred too many",
     DEVICE(DEVICE_PMU))
{
	if (counters_needed(1) && event_needed(PMU_MEM_ACCESS, "MEM_ACCESS"))
		EACH_WIDTH(check_reliability);
}
