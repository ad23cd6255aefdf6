/* SPDX-License-Identifier: BSD-2-Clause */
/* jump_set() and jump_to() of asm/setjmp.h, user_enter() and user_return(). */

	.text
	.globl jump_set, jump_to, user_enter, user_return, user_done
jump_set:
	stm r0!, {r4 - r11}
	str sp, [r0]
	str lr, [r0, #4]
	mov r0, #0
	bx lr

jump_to:
	ldm r0!, {r4 - r11}
	ldr sp, [r0]
	ldr lr, [r0, #4]
	mov r0, r1
	bx lr

	/* void user_enter(fn, arg, flags, user stack): comes back at user_done */
user_enter:
	push {r4 - r11, lr}
	push {r3}
	ldm sp, {sp}^
	nop				/* no banked register behind it */
	add sp, sp, #4
	adr r3, 1f
	push {r2}
	push {r3}
	rfeia sp!
1:	mov r2, r0
	mov r0, r1
	mov r11, #0
	blx r2
user_done:
	udf #0xd0e			/* at a known address: SVC is left to tests */

	/* R0: where the kernel's stack was when user_enter() left it */
user_return:
	mov sp, r0
	pop {r4 - r11, pc}

	.section .note.GNU-stack, "", %progbits
