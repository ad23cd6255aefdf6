/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CPU announces in AArch64 state. */
#include <asm/cpu.h>

static u64 id_register(unsigned int number)
{
	switch (number) {
#define ID_CASE(n, name) case n: return sysreg_read(name);
	CPU_ID_REGISTERS(ID_CASE)
#undef ID_CASE
	}
	return 0;
}

bool cpu_has(unsigned int feature)
{
	u32 field = id_register(CPU_ID_REG(feature)) >> CPU_ID_SHIFT(feature) & 0xf;

	if (CPU_ID_IS_SIGNED(feature) && field & 8)
		return false;
	return field >= CPU_ID_LEAST(feature);
}
