/* SPDX-License-Identifier: BSD-2-Clause */
/* Event counters, by PMSELR. */
#include <asm/cpu.h>
#include <pmu.h>

static u32 pmcr_kept;

u64 pmu_cycles(void)
{
	return sysreg_read(pmccntr_el0);
}

u64 pmu_all_cycles(void)
{
	return pmu_cycles();
}

struct fault pmu_try_all_cycles(void)
{
	u64 value;

	return TRY_OUT("mrs %0, pmccntr_el0", OUT("=r"(value)));
}

void pmu_set_cycles(u64 value)
{
	sysreg_write(pmccntr_el0, value);
	isb();
}

unsigned int pmu_counters(void)
{
	return PMCR_COUNTERS(sysreg_read(pmcr_el0));
}

u32 pmu_implemented(void)
{
	return PMU_CYCLE_COUNTER | ((1u << pmu_counters()) - 1);
}

static void pmcr_write(u32 bits)
{
	sysreg_write(pmcr_el0, (sysreg_read(pmcr_el0) & PMCR_READ_ONLY) | PMCR_LC |
		     pmcr_kept | bits);
	isb();
}

void pmu_reset(u32 pmcr)
{
	pmcr_kept = pmcr;
	pmcr_write(0);
	sysreg_write(pmcntenclr_el0, ~0u);
	sysreg_write(pmovsclr_el0, ~0u);
	sysreg_write(pmintenclr_el1, ~0u);
	sysreg_write(pmuserenr_el0, 0);
	pmcr_write(PMCR_P | PMCR_C);
}

void pmu_start(void)
{
	pmcr_write(PMCR_E);
}

void pmu_stop(void)
{
	pmcr_write(0);
}

bool pmu_has_event(unsigned int event)
{
	u64 low = sysreg_read(pmceid0_el0), high = sysreg_read(pmceid1_el0);

	return (event < 32 ? low >> event : high >> (event - 32)) & 1;
}

static void counter_select(unsigned int counter)
{
	sysreg_write(pmselr_el0, counter);
	isb();
}

void pmu_event(unsigned int counter, unsigned int event)
{
	counter_select(counter);
	sysreg_write(pmxevtyper_el0, event | PMU_NOT_USER | pmu_filter());
	isb();
}

u64 pmu_counter(unsigned int counter)
{
	counter_select(counter);
	return sysreg_read(pmxevcntr_el0);
}

void pmu_set_counter(unsigned int counter, u64 value)
{
	counter_select(counter);
	sysreg_write(pmxevcntr_el0, value);
	isb();
}
