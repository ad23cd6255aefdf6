/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupted state, as vectors.S stores it. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#define FRAME_SIZE	304

#ifndef __ASSEMBLER__
#include <base.h>

#define GPR_COUNT	31

struct frame {
	unsigned long gpr[GPR_COUNT];
	unsigned long sp, pc, pstate;
	unsigned long esr, far;
	unsigned long vector;	/* 0 to 15, by its place in the table */
	unsigned long unused;
};

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S");

#define FRAME_POINTER(frame)	((frame)->gpr[29])
#define FRAME_LINK(frame)	((frame)->gpr[30])
#endif

#endif
