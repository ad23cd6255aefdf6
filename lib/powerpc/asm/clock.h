/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is the timebase. */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <base.h>

/* 20 s at 512 MHz, which is what all of these machines have. */
#define START_TICKS	10240000000ull

static inline u64 clock_ticks(void)
{
	u64 ticks;

	asm volatile("mfspr %0, 268" : "=r"(ticks) : : "memory");
	return ticks;
}

#endif
