/* SPDX-License-Identifier: BSD-2-Clause */
/* The time-stamp counter's frequency; lib/clock.h has delays. */
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

#endif
