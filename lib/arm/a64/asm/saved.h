/* SPDX-License-Identifier: BSD-2-Clause */
/* What a called function must preserve, on the stack (AAPCS64, 6.1.1): for assembly. */
#ifndef ASM_SAVED_H
#define ASM_SAVED_H

#define SAVED_SIZE	96

	.macro saved_push
	stp x29, x30, [sp, #-SAVED_SIZE]!
	stp x19, x20, [sp, #16]
	stp x21, x22, [sp, #32]
	stp x23, x24, [sp, #48]
	stp x25, x26, [sp, #64]
	stp x27, x28, [sp, #80]
	.endm

	.macro saved_pop
	ldp x19, x20, [sp, #16]
	ldp x21, x22, [sp, #32]
	ldp x23, x24, [sp, #48]
	ldp x25, x26, [sp, #64]
	ldp x27, x28, [sp, #80]
	ldp x29, x30, [sp], #SAVED_SIZE
	.endm

#endif
