/* SPDX-License-Identifier: BSD-2-Clause */
/* Time by the time-stamp counter. */
#ifndef TSC_H
#define TSC_H

#include <asm/cpu.h>

/**
 * tsc_khz() - the TSC's frequency
 *
 * From the reference VMM, CPUID 0x15 (SDM 3B, "Time-Stamp Counter"), the
 * hypervisor's leaf 0x40000010, or measured against the PIT.
 */
u32 tsc_khz(void);

/**
 * tsc_delay_us() - spin for at least so many microseconds
 */
void tsc_delay_us(u32 us);

#endif
