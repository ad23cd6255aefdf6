/* SPDX-License-Identifier: BSD-2-Clause */
/* The cycle counter as AArch32 state has it (DDI 0406, C12; DDI 0487, G8.4). */
#include <asm/cpu.h>
#include <pmu.h>

u64 pmu_cycles(void)
{
	return sysreg_read(pmccntr_32);
}

u64 pmu_all_cycles(void)
{
	return cpu_pmu_is_v2() ? pmu_cycles() : sysreg_read(pmccntr_el0);
}

struct fault pmu_try_all_cycles(void)
{
	u64 value;

	if (cpu_pmu_is_v2())
		return FAULT_NONE;
	return TRY_OUT("mrrc p15, 0, %Q0, %R0, c9", OUT("=r"(value)));
}

void pmu_set_cycles(u64 value)
{
	if (cpu_pmu_is_v2())
		sysreg_write(pmccntr_32, value);
	else
		sysreg_write(pmccntr_el0, value);
	isb();
}
