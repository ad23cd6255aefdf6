/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupted state, as vectors.S stores it. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#include <asm/word.h>

#define FRAME_SIZE	(36 * WORD_BYTES)

#ifndef __ASSEMBLER__
#include <base.h>

#define GPR_COUNT	32
#define GPR_RA		1
#define GPR_SP		2
#define GPR_FP		8
#define GPR_A0		10

struct frame {
	unsigned long pc;		/* sepc */
	unsigned long gpr[GPR_COUNT - 1];	/* x1 to x31: see frame_gpr() */
	unsigned long status, cause, tval;
	unsigned long unused;
};

/**
 * frame_gpr() - register x@n, not x0
 */
static inline unsigned long *frame_gpr(struct frame *frame, unsigned int n)
{
	return &frame->gpr[n - 1];
}

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S");
#endif

#endif
