/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic timer's frequency. */
#include <asm/cpu.h>
#include <clock.h>

u32 clock_khz(void)
{
	return (u32)sysreg_read(cntfrq_el0) / 1000;
}
