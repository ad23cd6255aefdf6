/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is the TOD clock: bit 51 is a microsecond. */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <base.h>

#define CLOCK_TICKS_A_US	4096
#define START_TICKS		(20000000ull * CLOCK_TICKS_A_US)

static inline u64 clock_ticks(void)
{
	u64 now;

	asm volatile("stck %0" : "=QS"(now) : : "cc");
	return now;
}

#endif
