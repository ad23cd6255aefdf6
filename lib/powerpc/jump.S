/* SPDX-License-Identifier: BSD-2-Clause */
/* jump_set() and jump_to() of asm/setjmp.h, user_enter() and user_return(). */
#include <asm/start.h>
#include <defs/spr.h>

#define SAVED		18		/* r14 to r31 */
#define SAVED_FRAME	(FRAME_ABI + 8 * SAVED)

	.text
	/* r14 to r31, from an offset on */
	.macro saved insn, base, offset
	.irp n, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn %r\n, \offset + 8 * (\n - 14)(\base)
	.endr
	.endm

	.globl jump_set, jump_to
jump_set:
	mflr %r0
	mfcr %r4
	std %r1, 0(%r3)
	std %r2, 8(%r3)
	std %r0, 16(%r3)
	std %r4, 24(%r3)
	saved std, %r3, 32
	li %r3, 0
	blr

jump_to:
	mr %r5, %r3
	mr %r3, %r4
	ld %r1, 0(%r5)
	ld %r2, 8(%r5)
	ld %r0, 16(%r5)
	ld %r4, 24(%r5)
	mtlr %r0
	mtcr %r4
	saved ld, %r5, 32
	blr

	/* void user_enter(fn, arg, msr, user stack): comes back at user_done */
	.globl user_enter, user_return, user_done
user_enter:
	mflr %r0
	std %r0, 16(%r1)
	mfcr %r0
	std %r0, 8(%r1)
	stdu %r1, -SAVED_FRAME(%r1)
	std %r2, 24(%r1)
	saved std, %r1, FRAME_ABI
	mfspr %r7, SPR_SPRG3
	std %r1, CPU_KERNEL_SP(%r7)
	mr %r12, %r3
	mr %r3, %r4
	bcl 20, 31, 1f
1:	mflr %r7
	addi %r7, %r7, 2f - 1b
	mtspr SPR_SRR0, %r7
	mtspr SPR_SRR1, %r5
	mr %r1, %r6
	rfid
2:	mtctr %r12
	bctrl
user_done:
	.long 0			/* at a known address: sc is left to tests */

	/* r3: where the kernel's stack was when user_enter() left it */
user_return:
	mr %r1, %r3
	ld %r2, 24(%r1)
	saved ld, %r1, FRAME_ABI
	addi %r1, %r1, SAVED_FRAME
	ld %r0, 8(%r1)
	mtcr %r0
	ld %r0, 16(%r1)
	mtlr %r0
	blr

	.section .note.GNU-stack, "", @progbits
