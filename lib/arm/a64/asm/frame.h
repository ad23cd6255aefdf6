/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupted state, as vectors.S stores it. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#define FRAME_SIZE	304
#define PROBE_REGISTERS	31	/* x0 to x30 */

#ifndef __ASSEMBLER__
#include <base.h>
#include <defs/esr.h>

#define GPR_COUNT	31


struct frame {
	unsigned long gpr[GPR_COUNT];
	unsigned long sp, pc, pstate;
	unsigned long esr, far;
	unsigned long vector;	/* 0 to 15, by its place in the table */
	unsigned long unused;
};

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S");

/* For tests of what is delivered, in both word sizes. */
#define CLASS_UNDEFINED		EC_UNKNOWN
#define CLASS_SVC		EC_SVC64
#define CLASS_INSN_ABORT	EC_INSN_ABORT
#define PSTATE_MASKS		0x3c0	/* D, A, I, F */
#define PSTATE_MODE		0x1f

#define FRAME_SYNDROME_HIGH(frame)	((frame)->esr >> 32)
#define FRAME_STACK(frame)	((frame)->sp)
#define PROBE_GPR(n)		(n)	/* of struct frame, for a probe's register */
/* Does an exception leave a probe's register alone? */
#define PROBE_KEPT(n, class, user)	((void)(n), (void)(class), (void)(user), true)

#define FRAME_POINTER(frame)	((frame)->gpr[29])
#define FRAME_LINK(frame)	((frame)->gpr[30])
#endif

#endif
