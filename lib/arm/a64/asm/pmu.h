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
	asm volatile("msr pmcr_el0, %x1\n"
		     "isb\n"
		     "1:	subs %w0, %w0, #1\n"
		     "b.gt 1b\n"
		     "msr pmcr_el0, %x2\n"
		     "isb"
		     : "+r"(rounds) : "r"((u64)on), "r"((u64)off) : "cc", "memory");
}

#endif
