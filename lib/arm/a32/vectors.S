/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From a vector to C and back: builds struct frame (asm/frame.h).  All handlers run
 * in Supervisor mode on its stack, so that the other modes need none.
 */
#include <asm/frame.h>
#include <defs/fsr.h>

	.text
	.balign 32
	.globl vectors
vectors:
	b .				/* reset: not by this table */
	b undefined
	b supervisor_call
	b insn_abort
	b data_abort
	b .				/* Hyp trap: not in Supervisor mode */
	b interrupt
	b fast_interrupt

	/* What LR is ahead of the instruction (DDI 0406, table B1-7). */
	.macro entry name, vector, ahead, fsr=0
\name:
	.if \ahead
	sub lr, lr, #\ahead
	.endif
	srsdb sp!, #MODE_SVC
	cps #MODE_SVC
	sub sp, sp, #FRAME_SIZE - 8
	str r0, [sp, #FRAME_GPR]
	str r1, [sp, #FRAME_GPR + 4]
	mov r0, #\vector
	str r0, [sp]
	mov r0, #0
	mov r1, #0
	.if \vector == EXCEPTION_INSN_ABORT
	mrc p15, 0, r0, c5, c0, 1	/* IFSR */
	mrc p15, 0, r1, c6, c0, 2	/* IFAR */
	.endif
	.if \vector == EXCEPTION_DATA_ABORT
	mrc p15, 0, r0, c5, c0, 0	/* DFSR */
	mrc p15, 0, r1, c6, c0, 0	/* DFAR */
	.endif
	b common
	.endm

	entry undefined, EXCEPTION_UNDEFINED, 4
	entry supervisor_call, EXCEPTION_SVC, 0
	entry insn_abort, EXCEPTION_INSN_ABORT, 4
	entry data_abort, EXCEPTION_DATA_ABORT, 8
	entry interrupt, VECTOR_IRQ, 4
	entry fast_interrupt, VECTOR_FIQ, 4

common:
	str r0, [sp, #4]
	str r1, [sp, #8]
	add r0, sp, #FRAME_GPR + 8
	stm r0, {r2 - r12}
	ldr r4, [sp, #FRAME_PSTATE]
	and r4, r4, #MODE_MASK
	add r5, sp, #FRAME_SP
	cmp r4, #MODE_USR
	bne 1f
	stm r5, {sp, lr}^		/* User mode's */
	b 2f
1:	add r1, sp, #FRAME_SIZE
	str r1, [r5]
	str lr, [r5, #4]
2:	mov r6, sp
	mov r0, sp
	bic sp, sp, #7			/* within a function, it may be off by 4 */
	bl vectors_dispatch
	mov sp, r6
	cmp r4, #MODE_USR
	bne 3f
	ldm r5, {sp, lr}^
	nop				/* no banked register behind it */
	b 4f
3:	ldr lr, [r5, #4]
4:	clrex
	add r0, sp, #FRAME_GPR
	ldm r0, {r0 - r12}
	add sp, sp, #FRAME_SIZE - 8
	rfeia sp!

	.section .note.GNU-stack, "", %progbits
