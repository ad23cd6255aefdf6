/* SPDX-License-Identifier: BSD-2-Clause */
/* From a vector to C and back: builds struct frame (asm/frame.h). */
#include <asm/frame.h>

	/* X2 to X29: a register's place is its number. */
	.macro registers insn
	.set place, 2 * 8
	.irp pair, "x2, x3", "x4, x5", "x6, x7", "x8, x9", "x10, x11", "x12, x13", \
		"x14, x15", "x16, x17", "x18, x19", "x20, x21", "x22, x23", \
		"x24, x25", "x26, x27", "x28, x29"
	\insn \pair, [sp, #place]
	.set place, place + 16
	.endr
	.endm

	.text
	/* DDI 0487, D1.3.1: by where it came from, then by kind. */
	.balign 0x800
	.globl vectors
vectors:
	.set vector, 0
	.rept 16
	.balign 0x80
	sub sp, sp, #FRAME_SIZE
	stp x0, x1, [sp]
	mov x0, #vector
	b vectors_common
	.set vector, vector + 1
	.endr

vectors_common:
	registers stp
	add x1, sp, #FRAME_SIZE
	lsr x2, x0, #2
	cmp x2, #1			/* EL1 with its own SP; the rest use SP_EL0 */
	b.eq 1f
	mrs x1, sp_el0
1:	stp x30, x1, [sp, #240]
	mrs x1, elr_el1
	mrs x2, spsr_el1
	stp x1, x2, [sp, #256]
	mrs x1, esr_el1
	mrs x2, far_el1
	stp x1, x2, [sp, #272]
	str x0, [sp, #288]
	mov x0, sp
	bl vectors_dispatch

	ldr x0, [sp, #288]
	lsr x0, x0, #2
	cmp x0, #1
	b.eq 2f
	ldr x1, [sp, #248]
	msr sp_el0, x1
2:	ldp x1, x2, [sp, #256]
	msr elr_el1, x1
	msr spsr_el1, x2
	registers ldp
	ldr x30, [sp, #240]
	ldp x0, x1, [sp]
	add sp, sp, #FRAME_SIZE
	eret

	.section .note.GNU-stack, "", @progbits
