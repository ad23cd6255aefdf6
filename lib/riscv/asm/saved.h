/* SPDX-License-Identifier: BSD-2-Clause */
/* What a called function must preserve (RISC-V calling convention): for assembly. */
#ifndef ASM_SAVED_H
#define ASM_SAVED_H

#include <asm/word.h>

#define SAVED_SIZE	(16 * WORD_BYTES)

	/* All but the stack pointer; the second word is left out for it. */
	.macro saved insn, base
	\insn ra, 0(\base)
	.set .Lsaved, 2
	.irp name, s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11
	\insn \name, .Lsaved * WORD_BYTES(\base)
	.set .Lsaved, .Lsaved + 1
	.endr
	.endm

#endif
