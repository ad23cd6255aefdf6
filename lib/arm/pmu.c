/* SPDX-License-Identifier: BSD-2-Clause */
/* What both word sizes ask of the performance monitors. */
#include <asm/cpu.h>
#include <boot.h>
#include <fdt.h>
#include <gic.h>
#include <pmu.h>

#define NOT_ARCHITECTED	15

unsigned int pmu_version(void)
{
	unsigned int version = cpu_pmu_field();

	return version == NOT_ARCHITECTED ? 0 : version;
}

unsigned int pmu_cycle_bits(void)
{
	return cpu_pmu_is_v2() ? 32 : 64;
}

unsigned int pmu_intid(void)
{
	int node = fdt_compatible(boot_info.fdt, FDT_NONE, "arm,armv8-pmuv3");
	u64 number;

	/* A PPI, its number, its trigger; PPI 7 by the base system's architecture. */
	if (!fdt_number(boot_info.fdt, node, "interrupts", 1, 1, &number))
		number = 7;
	return GIC_PPI(number);
}

u32 pmu_filter(void)
{
	return current_el() == 2 ? PMU_EL2 : 0;
}
