/* SPDX-License-Identifier: BSD-2-Clause */
/* Are there performance monitors? */
#include <asm/cpu.h>
#include <pmu.h>

#define NOT_ARCHITECTED	15

unsigned int pmu_version(void)
{
	unsigned int version = cpu_pmu_field();

	return version == NOT_ARCHITECTED ? 0 : version;
}
