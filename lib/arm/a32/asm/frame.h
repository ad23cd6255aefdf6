/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupted state, as vectors.S stores it. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#define FRAME_GPR	12	/* offsets */
#define FRAME_SP	64
#define FRAME_PSTATE	76
#define FRAME_SIZE	80
#define PROBE_REGISTERS	14	/* r0 to r12, lr */

#ifndef __ASSEMBLER__
#include <base.h>
#include <defs/fsr.h>

#define GPR_COUNT	15

struct frame {
	unsigned long vector;	/* EXCEPTION_…, VECTOR_IRQ, VECTOR_FIQ */
	unsigned long fsr, far;	/* of aborts */
	unsigned long gpr[GPR_COUNT];	/* r0 to r12, sp, lr */
	unsigned long pc, pstate;
};

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S");
_Static_assert(offsetof(struct frame, gpr) == FRAME_GPR, "vectors.S");
_Static_assert(offsetof(struct frame, gpr[13]) == FRAME_SP, "vectors.S");
_Static_assert(offsetof(struct frame, pstate) == FRAME_PSTATE, "vectors.S");

/* For tests of what is delivered, in both word sizes. */
#define CLASS_UNDEFINED		EXCEPTION_UNDEFINED
#define CLASS_SVC		EXCEPTION_SVC
#define CLASS_INSN_ABORT	EXCEPTION_INSN_ABORT
#define PSTATE_MASKS		0x1c0	/* A, I, F */
#define PSTATE_MODE		0x1f

#define FRAME_SYNDROME_HIGH(frame)	((void)(frame), 0)
#define FRAME_STACK(frame)	((frame)->gpr[13])
#define PROBE_GPR(n)		((n) < 13 ? (n) : 14)	/* for a probe's register */
/* SVC in Supervisor mode overwrites the LR of that mode. */
#define PROBE_KEPT(n, class, user)					\
	((n) < 13 || (class) != EXCEPTION_SVC || (user))

#define FRAME_POINTER(frame)	((frame)->gpr[11])
#define FRAME_LINK(frame)	((frame)->gpr[14])
#endif

#endif
