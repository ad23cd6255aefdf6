/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is the generic timer's virtual counter. */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <asm/cpu.h>

/* 20 s of the fastest counter that the architecture knows, 1 GHz. */
#define START_TICKS	20000000000ull

static inline u64 clock_ticks(void)
{
	/* Reads are not ordered by themselves (DDI 0487, D11.2.2). */
	isb();
	return sysreg_read(cntvct_el0);
}

#endif
