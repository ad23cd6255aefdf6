/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CPU announces in AArch32 state. */
#include <asm/cpu.h>

static u64 id_register(unsigned int number)
{
	switch (number) {
	case ID_PFR1:
		return sysreg_read(id_pfr1_el1);
	case ID_DFR0:
		return sysreg_read(id_dfr0_el1);
	}
	return 0;
}

bool cpu_has(unsigned int feature)
{
	u32 field = id_register(CPU_ID_REG(feature)) >> CPU_ID_SHIFT(feature) & 0xf;

	return field >= CPU_ID_LEAST(feature);
}
