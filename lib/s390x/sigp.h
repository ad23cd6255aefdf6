/* SPDX-License-Identifier: BSD-2-Clause */
/* Signals to CPUs. */
#ifndef SIGP_H
#define SIGP_H

#include <base.h>
#include <cpu.h>
#include <defs/sigp.h>

/**
 * sigp_once() - one SIGNAL PROCESSOR
 * @address: the CPU's; @order: SIGP_…
 * @status: where the status goes to, if there is any; or NULL
 *
 * Returns its condition code: 0 accepted, 1 status stored, 2 busy, 3 no such CPU.
 */
static inline int sigp_once(u16 address, u8 order, u64 parameter, u32 *status)
{
	register u64 r2 asm("2") = 0;
	register u64 r3 asm("3") = parameter;
	int cc;

	asm volatile("sigp 2, %3, 0(%4); ipm %0; srl %0, 28"
		     : "=&d"(cc), "+d"(r2) : "d"(r3), "d"((u64)address), "a"((u64)order)
		     : "cc", "memory");
	if (status && cc == 1)
		*status = r2;
	return cc;
}

/**
 * sigp() - the same, again as long as the CPU is busy
 */
static inline int sigp(u16 address, u8 order, u64 parameter, u32 *status)
{
	int cc;

	while ((cc = sigp_once(address, order, parameter, status)) == 2)
		;
	return cc;
}

/**
 * cpu_begin() - reset another CPU, which may be in any state, and start it anew
 * @cpu: its block, with its address; work that it had is dropped
 *
 * Returns the condition code of the order that failed, 0 if none did.
 */
int cpu_begin(struct cpu *cpu);

#endif
