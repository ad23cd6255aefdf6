/* SPDX-License-Identifier: BSD-2-Clause */
/* opal_call(): to OPAL with translation off, big-endian, and back. */
#include <asm/order.h>
#include <asm/start.h>
#include <defs/msr.h>
#include <defs/spr.h>

#define FRAME	(FRAME_ABI + 4 * 8)

	/* long opal_enter(token, a, b, c): r0 token, r3 to r5, r2 OPAL's own */
	.text
	.globl opal_enter
opal_enter:
	mflr %r0
	std %r0, 16(%r1)
	mfcr %r0
	std %r0, 8(%r1)
	stdu %r1, -FRAME(%r1)
	std %r2, 24(%r1)
	mfmsr %r10
	std %r10, FRAME_ABI(%r1)
	addis %r11, %r2, opal_entry@toc@ha
	ld %r12, opal_entry@toc@l(%r11)
	addis %r11, %r2, opal_base@toc@ha
	ld %r11, opal_base@toc@l(%r11)
	mr %r0, %r3
	mr %r3, %r4
	mr %r4, %r5
	mr %r5, %r6
	bcl 20, 31, 1f
1:	mflr %r8
	addi %r8, %r8, 2f - 1b
	mtlr %r8
	li %r8, 0
	ori %r8, %r8, MSR_EE | MSR_IR | MSR_DR | MSR_LE
	andc %r9, %r10, %r8
	mtspr SPR_HSRR0, %r12
	mtspr SPR_HSRR1, %r9
	mr %r2, %r11
	hrfid
2:	own_order
	ld %r10, FRAME_ABI(%r1)
	mtmsrd %r10
	isync
	ld %r2, 24(%r1)
	addi %r1, %r1, FRAME
	ld %r0, 8(%r1)
	mtcr %r0
	ld %r0, 16(%r1)
	mtlr %r0
	blr

	.section .note.GNU-stack, "", @progbits
