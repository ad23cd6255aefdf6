/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupted state, as vectors.S stores it. */
#ifndef ASM_FRAME_H
#define ASM_FRAME_H

#define FRAME_GPR	32
#define FRAME_PC	288
#define FRAME_MSR	296
#define FRAME_LR	304
#define FRAME_CTR	312
#define FRAME_CR	320
#define FRAME_XER	328
#define FRAME_DAR	336
#define FRAME_DSISR	344
#define FRAME_VECTOR	352
#define FRAME_SIZE	368

#ifndef __ASSEMBLER__
#include <base.h>

#define GPR_COUNT	32

struct frame {
	unsigned long abi[4];		/* the handler's caller, as ELFv2 wants it */
	unsigned long gpr[GPR_COUNT];
	unsigned long pc, msr;		/* SRR0 and SRR1, or HSRR0 and HSRR1 */
	unsigned long lr, ctr, cr, xer;
	unsigned long dar, dsisr;
	unsigned long vector;		/* VECTOR_… */
	unsigned long unused;
};

_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S");
_Static_assert(offsetof(struct frame, pc) == FRAME_PC, "vectors.S");
_Static_assert(offsetof(struct frame, vector) == FRAME_VECTOR, "vectors.S");
#endif

#endif
