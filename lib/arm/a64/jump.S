/* SPDX-License-Identifier: BSD-2-Clause */
/* jump_set() and jump_to() of asm/setjmp.h, user_enter() and user_return(). */
#include <asm/saved.h>

	.text
	.globl jump_set, jump_to, user_enter, user_return, user_done
jump_set:
	stp x19, x20, [x0]
	stp x21, x22, [x0, #16]
	stp x23, x24, [x0, #32]
	stp x25, x26, [x0, #48]
	stp x27, x28, [x0, #64]
	stp x29, x30, [x0, #80]
	mov x1, sp
	str x1, [x0, #96]
	mov w0, #0
	ret

jump_to:
	ldp x19, x20, [x0]
	ldp x21, x22, [x0, #16]
	ldp x23, x24, [x0, #32]
	ldp x25, x26, [x0, #48]
	ldp x27, x28, [x0, #64]
	ldp x29, x30, [x0, #80]
	ldr x2, [x0, #96]
	mov sp, x2
	mov w0, w1
	ret

	/* void user_enter(fn, arg, flags, user stack): comes back at user_done */
user_enter:
	saved_push
	msr sp_el0, x3
	msr spsr_el1, x2
	adr x4, 1f
	msr elr_el1, x4
	eret
1:	mov x8, x0
	mov x0, x1
	mov x29, xzr
	blr x8
user_done:
	udf #0xd0e		/* at a known address: SVC is left to tests */

	/* X0: where the kernel's stack was when user_enter() left it */
user_return:
	mov sp, x0
	saved_pop
	ret

	.section .note.GNU-stack, "", @progbits
