/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupted state, as vectors.S stores it. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#define FRAME_GPR	12	/* offsets */
#define FRAME_SP	64
#define FRAME_PSTATE	76
#define FRAME_SIZE	80

#ifndef __ASSEMBLER__
#include <base.h>

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

#define FRAME_POINTER(frame)	((frame)->gpr[11])
#define FRAME_LINK(frame)	((frame)->gpr[14])
#endif

#endif
