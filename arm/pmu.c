/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance monitors: the cycle counter.  DDI 0487, D12; arm/pmu/ has events. */
#include <asm/cpu.h>
#include <asm/pmu.h>
#include <errata.h>
#include <pmu.h>
#include <test.h>

#define SAMPLES		10

static u32 pmcr_base(void)
{
	return (sysreg_read(pmcr_el0) & PMCR_READ_ONLY) |
		(pmu_cycle_bits() == 64 ? PMCR_LC : 0);
}

static void cycles_prepare(void)
{
	sysreg_write(pmcr_el0, pmcr_base());
	if (pmu_cycle_bits() == 64)
		sysreg_write(pmccfiltr_el0, pmu_filter());
	sysreg_write(pmovsclr_el0, ~0u);
	sysreg_write(pmcntenset_el0, PMU_CYCLE_COUNTER);
	isb();
}

static void check_increases(void)
{
	cycles_prepare();
	sysreg_write(pmcr_el0, pmcr_base() | PMCR_C | PMCR_E);
	isb();
	for (u32 i = 0; i < SAMPLES; i++) {
		u64 first = pmu_cycles(), second;

		isb();
		second = pmu_cycles();
		EXPECT(second > first);
	}
	sysreg_write(pmcr_el0, pmcr_base());
}

static void check_loops(u64 cpi)
{
	for (u32 rounds = 1; COUNTED_INSNS(rounds) < 300; rounds += 16) {
		char name[40];
		u64 values[SAMPLES];

		for (u32 i = 0; i < SAMPLES; i++) {
			cycles_prepare();
			counted_loop(rounds, pmcr_base() | PMCR_C | PMCR_E, pmcr_base());
			values[i] = pmu_cycles();
			EXPECT(values[i]);
			EXPECT(values[i] <= UINT32_MAX);
			if (cpi)
				EXPECT_EQ(values[i], COUNTED_INSNS(rounds) * cpi);
		}
		snprintf(name, sizeof(name), "loop of %u instructions",
			 COUNTED_INSNS(rounds));
		METRIC(name, median(values, SAMPLES), "cycles");
	}
}

static bool overflows_from(u64 value)
{
	bool overflow;

	pmu_set_cycles(value);
	counted_loop(100, pmcr_base() | PMCR_E, pmcr_base());
	overflow = sysreg_read(pmovsclr_el0) & PMU_CYCLE_COUNTER;
	sysreg_write(pmovsclr_el0, PMU_CYCLE_COUNTER);
	return overflow;
}

static void check_overflow(void)
{
	cycles_prepare();
	if (pmu_cycle_bits() == 32) {
		EXPECT(!overflows_from(0x7ffffff0));
		EXPECT(overflows_from(0xfffffff0));
	} else {
		/* With PMCR.LC, of bit 63 and not of bit 31. */
		EXPECT(!overflows_from(0xfffffff0));
		EXPECT(overflows_from(~0ull - 15));
	}
	EXPECT(!(sysreg_read(pmovsclr_el0) & PMU_CYCLE_COUNTER));
}

static void check_width(void)
{
	u64 value = pmu_cycle_bits() == 64 ? 0xdeadbeefdeadull : 0xdeadbeef;

	/* KVM let AArch32 guests write 32 bits only, before 4.9. */
	if (!IS_64BIT && pmu_cycle_bits() == 64 && !erratum_fixed("9e3f7a296940"))
		return skip("64-bit access from AArch32 needs ERRATA_9e3f7a296940=y");
	cycles_prepare();
	if (!EXPECT_FAULT(FAULT_NONE, pmu_try_all_cycles()))
		return;
	pmu_set_cycles(value);
	EXPECT_EQ(pmu_all_cycles(), value);
	pmu_set_cycles(0);
	EXPECT_EQ(pmu_all_cycles(), 0);
	SUBTEST("overflow") check_overflow();
}

TEST(cycle_counter, "cycles: [cycles per instruction, if the machine has a fixed number]",
     DEVICE(DEVICE_PMU))
{
	u64 cpi = 0;

	/* "cycle-counter 1", or cpi=1 */
	if (!parameter("cpi", &cpi) && argument(1) && !parse_number(argument(1), 0, &cpi))
		return error("no number: %s", argument(1));
	SUBTEST("increases") check_increases();
	SUBTEST("loops") check_loops(cpi);
	SUBTEST("%u bits", pmu_cycle_bits()) check_width();
	sysreg_write(pmcntenclr_el0, PMU_CYCLE_COUNTER);
}
