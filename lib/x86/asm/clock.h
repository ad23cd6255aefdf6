/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is the TSC. */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <asm/cpu.h>

#define START_TICKS	(1ull << 36)

static inline u64 clock_ticks(void)
{
	return rdtsc();
}

#endif
