/* SPDX-License-Identifier: BSD-2-Clause */
/* A loop of which each instruction is known, for counters. */
#ifndef ASM_PMU_H
#define ASM_PMU_H

#include <base.h>

/**
 * counted_loop() - run with @on in PMCR, and at its end with @off
 * @rounds: at least 1
 *
 * COUNTED_INSNS(rounds) instructions run in between.
 */
#define COUNTED_INSNS(rounds)	(2 * (rounds) + 2)
static inline void counted_loop(u32 rounds, u32 on, u32 off)
{
	asm volatile("mcr p15, 0, %1, c9, c12, 0\n"
		     "isb\n"
		     "1:	subs %0, %0, #1\n"
		     "bgt 1b\n"
		     "mcr p15, 0, %2, c9, c12, 0\n"
		     "isb"
		     : "+r"(rounds) : "r"(on), "r"(off) : "cc", "memory");
}

#endif
