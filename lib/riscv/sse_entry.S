/* SPDX-License-Identifier: BSD-2-Clause */
/* sse.h: an event comes in; a6 is the hart, a7 the argument, the firmware kept those. */
#include <asm/word.h>
#include <defs/sbi.h>

#define KEPT_SIZE	(16 * WORD_BYTES)

	/* What C may change. */
	.macro kept insn
	.set .Lkept, 0
	.irp name, ra, t0, t1, t2, t3, t4, t5, t6, a0, a1, a2, a3, a4, a5
	\insn \name, .Lkept * WORD_BYTES(sp)
	.set .Lkept, .Lkept + 1
	.endr
	.endm

	.text
	.balign 4
	.globl sse_entry
sse_entry:
	addi sp, sp, -KEPT_SIZE
	kept STORE
	mv a0, a6
	mv a1, a7
	jal sse_dispatch
	kept LOAD
	addi sp, sp, KEPT_SIZE
	li a7, SBI_SSE_EID
	li a6, SBI_SSE_COMPLETE
	ecall
	/* It returns only if there was nothing to complete. */
	j .

	.section .note.GNU-stack, "", @progbits
