/* SPDX-License-Identifier: BSD-2-Clause */
/* Events that software makes, chains of counters, and the interrupt of overflow. */
#include <asm/cpu.h>
#include <clock.h>
#include <gic.h>
#include <pmu.h>
#include <scope.h>
#include <test.h>

ONLY_ON(arm64);

#define PRESET		0xfffffff0u

static bool can_count(bool chain)
{
	if (pmu_counters() < 2)
		skip("two event counters needed, %u there", pmu_counters());
	else if (!pmu_has_event(PMU_SW_INCR))
		skip("the event SW_INCR is not counted");
	else if (chain && !pmu_has_event(PMU_CHAIN))
		skip("the event CHAIN is not counted");
	else
		return true;
	return false;
}

static void increment(u32 times, u32 counters)
{
	while (times--)
		sysreg_write(pmswinc_el0, counters);
	isb();
}

/* What a counter of the version's width has after @n more. */
static u64 after(u64 value, u64 n)
{
	return pmu_version() >= PMU_V3P5 ? value + n : (u32)(value + n);
}

static void check_sw_incr(u32 long_counters)
{
	u64 preset = long_counters ? ~0ull - 15 : PRESET;

	pmu_reset(long_counters);
	pmu_event(0, PMU_SW_INCR);
	pmu_event(1, PMU_SW_INCR);
	pmu_set_counter(0, preset);
	sysreg_write(pmcntenset_el0, 3);
	increment(100, 3);
	EXPECT_EQ(pmu_counter(0), preset);
	EXPECT_EQ(pmu_counter(1), 0);
	pmu_start();
	increment(100, 3);
	EXPECT_EQ(pmu_counter(0), after(preset, 100));
	EXPECT_EQ(pmu_counter(1), 100);
	EXPECT_EQ(sysreg_read(pmovsset_el0), 1);
	/* Only those that are told, and of them only those enabled. */
	sysreg_write(pmcntenclr_el0, 1);
	increment(10, 1);
	EXPECT_EQ(pmu_counter(0), after(preset, 100));
	EXPECT_EQ(pmu_counter(1), 100);
	pmu_reset(0);
}

TEST(sw_incr, "PMSWINC increments the counters that count it", DEVICE(DEVICE_PMU))
{
	if (!can_count(false))
		return;
	SUBTEST("32 bits") check_sw_incr(0);
	SUBTEST("64 bits") {
		if (pmu_version() < PMU_V3P5)
			skip("before PMUv3p5");
		else
			check_sw_incr(PMCR_LP);
	}
}

static void chain_prepare(unsigned int even, unsigned int odd, u64 low, u64 high)
{
	pmu_reset(0);
	pmu_event(0, even);
	pmu_event(1, odd);
	pmu_set_counter(0, low);
	pmu_set_counter(1, high);
	/* D12.2.3: the higher first, so that none of its events is missed. */
	sysreg_write(pmcntenset_el0, 2);
	sysreg_write(pmcntenset_el0, 1);
	pmu_start();
}

static void chain_expect(u64 odd, u32 overflow)
{
	EXPECT_EQ(pmu_counter(1), odd);
	EXPECT_EQ(sysreg_read(pmovsset_el0), overflow);
}

TEST(chained_sw_incr, "CHAIN counts the overflows of the counter below",
     DEVICE(DEVICE_PMU))
{
	if (!can_count(true))
		return;
	SUBTEST("no overflow") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, 0, 0);
		increment(100, 1);
		EXPECT_EQ(pmu_counter(0), 100);
		chain_expect(0, 0);
	}
	SUBTEST("one") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 1);
		increment(100, 1);
		EXPECT_EQ(pmu_counter(0), after(PRESET, 100));
		chain_expect(2, 1);
	}
	SUBTEST("both overflow") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0xffffffff);
		increment(100, 1);
		chain_expect(after(0xffffffff, 1), 3);
	}
	pmu_reset(0);
}

static void burn(void)
{
	for (u32 i = 0; i < 100; i++)
		isb();
}

TEST(chained_counters, "and so it does with events of the CPU's own", DEVICE(DEVICE_PMU))
{
	if (!can_count(true))
		return;
	SUBTEST("from 0 to 1") {
		chain_prepare(PMU_CPU_CYCLES, PMU_CHAIN, PRESET, 0);
		burn();
		pmu_stop();
		chain_expect(1, 1);
	}
	SUBTEST("from 1 to 2") {
		chain_prepare(PMU_CPU_CYCLES, PMU_CHAIN, PRESET, 1);
		burn();
		pmu_stop();
		chain_expect(2, 1);
	}
	SUBTEST("both overflow") {
		chain_prepare(PMU_CPU_CYCLES, PMU_CHAIN, PRESET, 0xffffffff);
		burn();
		pmu_stop();
		chain_expect(after(0xffffffff, 1), 3);
	}
	pmu_reset(0);
}

TEST(chain_promotion, "a chain is made and broken while counters run", DEVICE(DEVICE_PMU))
{
	if (!can_count(true))
		return;
	SUBTEST("the odd one alone does not count") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0);
		sysreg_write(pmcntenclr_el0, 1);
		increment(100, 1);
		EXPECT_EQ(pmu_counter(0), PRESET);
		chain_expect(0, 0);
	}
	SUBTEST("the even one alone overflows") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0);
		sysreg_write(pmcntenclr_el0, 2);
		increment(100, 1);
		EXPECT_EQ(pmu_counter(0), after(PRESET, 100));
		chain_expect(0, 1);
	}
	SUBTEST("chained, then not") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0);
		increment(8, 1);
		sysreg_write(pmcntenclr_el0, 2);
		increment(100, 1);
		chain_expect(0, 1);
	}
	SUBTEST("not chained, then chained") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0);
		sysreg_write(pmcntenclr_el0, 2);
		increment(8, 1);
		sysreg_write(pmcntenset_el0, 2);
		increment(100, 1);
		chain_expect(1, 1);
	}
	SUBTEST("another event becomes CHAIN") {
		chain_prepare(PMU_SW_INCR, PMU_SW_INCR, PRESET, 0);
		increment(8, 1);
		pmu_event(1, PMU_CHAIN);
		increment(100, 1);
		chain_expect(1, 1);
	}
	SUBTEST("CHAIN becomes another event") {
		chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0);
		increment(8, 1);
		pmu_event(1, PMU_SW_INCR);
		increment(100, 1);
		chain_expect(0, 1);
	}
	pmu_reset(0);
}

static volatile u32 interrupts, overflows[32];

static void on_overflow(void *arg)
{
	u32 status = sysreg_read(pmovsset_el0) & sysreg_read(pmintenset_el1);

	(void)arg;
	interrupts++;
	for (unsigned int i = 0; i < 32; i++)
		overflows[i] += status >> i & 1;
	sysreg_write(pmovsclr_el0, status);
	isb();
}

static void interrupts_expect(u32 even, u32 odd)
{
	u64 begin = clock_ticks();

	while (overflows[0] + overflows[1] < even + odd &&
	       clock_ticks() - begin < clock_us_to_ticks(1000000))
		irq_window();
	irq_window();
	EXPECT_EQ(overflows[0], even);
	EXPECT_EQ(overflows[1], odd);
	if (!(even + odd))
		EXPECT_EQ(interrupts, 0);
	interrupts = overflows[0] = overflows[1] = 0;
}

static void check_interrupt(u32 long_counters)
{
	u64 preset = long_counters ? ~0ull - 15 : PRESET;

	pmu_reset(long_counters);
	interrupts = overflows[0] = overflows[1] = 0;
	pmu_event(0, PMU_SW_INCR);
	pmu_event(1, PMU_SW_INCR);
	sysreg_write(pmcntenset_el0, 3);
	pmu_set_counter(0, preset);
	pmu_set_counter(1, preset);
	pmu_start();
	increment(100, 3);
	EXPECT_EQ(sysreg_read(pmovsset_el0), 3);
	interrupts_expect(0, 0);
	pmu_stop();
	sysreg_write(pmovsclr_el0, ~0u);
	pmu_set_counter(0, preset);
	pmu_set_counter(1, preset);
	sysreg_write(pmintenset_el1, ~0u);
	pmu_start();
	increment(100, 3);
	interrupts_expect(1, 1);
	pmu_stop();
	pmu_reset(0);
}

TEST(overflow_interrupt, "an overflow interrupts, if it may",
     DEVICE(DEVICE_PMU, DEVICE_GIC))
{
	if (!can_count(false))
		return;
	WITH_IRQ(pmu_intid(), on_overflow, NULL) {
		SUBTEST("32 bits") check_interrupt(0);
		SUBTEST("64 bits") {
			if (pmu_version() < PMU_V3P5)
				skip("before PMUv3p5");
			else
				check_interrupt(PMCR_LP);
		}
		SUBTEST("chained") {
			if (!can_count(true))
				break;
			chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0);
			sysreg_write(pmintenset_el1, ~0u);
			increment(100, 1);
			interrupts_expect(1, 0);
			chain_prepare(PMU_SW_INCR, PMU_CHAIN, PRESET, 0xffffffff);
			sysreg_write(pmintenset_el1, ~0u);
			increment(100, 1);
			interrupts_expect(1, 1);
			pmu_reset(0);
		}
	}
}
