/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock is the time CSR (Zicntr). */
#ifndef ASM_CLOCK_H
#define ASM_CLOCK_H

#include <asm/csr.h>
#include <asm/word.h>

u32 clock_khz(void);

/* 20 s, whatever the clock's frequency. */
#define START_TICKS	((u64)clock_khz() * 20000)

static inline u64 clock_ticks(void)
{
	u32 high, low;

	if (IS_64BIT)
		return csr_read(CSR_TIME);
	do {
		high = csr_read(CSR_TIMEH);
		low = csr_read(CSR_TIME);
	} while (high != csr_read(CSR_TIMEH));
	return (u64)high << 32 | low;
}

#endif
