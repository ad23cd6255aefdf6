/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an image begins, and where its other CPUs do: translation is off, r3 has the
 * device tree's address, the order of bytes is mostly the other one.
 */
#include <abi/image.h>
#include <asm/order.h>
#include <asm/start.h>
#include <defs/msr.h>
#include <defs/spr.h>

	/*
	 * 64-bit state, recoverable, with machine checks, which mtmsrd would not let in.
	 * Uses r11, r12 and LR.
	 */
	.macro own_state
	bcl 20, 31, 1f
1:	mflr %r11
	addi %r11, %r11, 2f - 1b
	mtspr SPR_SRR0, %r11
	mfmsr %r11
	li %r12, 1
	rldimi %r11, %r12, MSR_SF_BIT, 63 - MSR_SF_BIT
	ori %r11, %r11, MSR_ME | MSR_RI
	mtspr SPR_SRR1, %r11
	rfid
2:
	.endm

	.section .boot, "ax"
	.globl start
start:
	own_order
	b enter

	.balign 16
	.long ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1
	.short ABI_IMAGE_VERSION, WORD_BYTES
	.long ABI_TEST_WORDS_ASM * WORD_BYTES
	.weak image_arguments
	.hidden image_arguments
	.quad tests_start, tests_end, image_arguments, start

	/* Places, as distances from here: r31 is here. */
here:
	.quad start - here, relocations_start - here, relocations_end - here
	.quad bss_start - here, bss_end - here, .TOC. - here, cpu0 - here

	.macro here_is
	bcl 20, 31, 1f
1:	mflr %r31
	addi %r31, %r31, here - 1b
	.endm

enter:
	own_state
	here_is
	/* Addresses in data are as if the image lay at 0. */
	ld %r5, 0(%r31)
	add %r5, %r5, %r31
	ld %r6, 8(%r31)
	add %r6, %r6, %r31
	ld %r7, 16(%r31)
	add %r7, %r7, %r31
2:	cmpld %r6, %r7
	bge 4f
	lwz %r8, 8 + 4 * (1 - IS_LITTLE)(%r6)
	cmpwi %r8, RELOCATION_RELATIVE
3:	bne 3b			/* the linker promised that there are no others */
	ld %r8, 0(%r6)
	ld %r9, 16(%r6)
	add %r9, %r9, %r5
	stdx %r9, %r8, %r5
	addi %r6, %r6, 24
	b 2b
4:	ld %r6, 24(%r31)
	add %r6, %r6, %r31
	ld %r7, 32(%r31)
	add %r7, %r7, %r31
	li %r0, 0
5:	cmpld %r6, %r7
	bge 6f
	std %r0, 0(%r6)
	addi %r6, %r6, 8
	b 5b
6:	ld %r2, 40(%r31)
	add %r2, %r2, %r31
	ld %r13, 48(%r31)
	add %r13, %r13, %r31
	std %r2, CPU_TOC(%r13)
	addi %r1, %r13, CPU_STACK_MAIN_ASM - 64
	std %r0, 0(%r1)			/* the last frame of a stack trace */
	bl start_boot_cpu
	nop
	trap

	/* Firmware starts CPUs here, one after the other. */
	.globl start_other
start_other:
	own_order
	own_state
	here_is
	ld %r2, 40(%r31)
	add %r2, %r2, %r31
	addis %r3, %r2, start_block@toc@ha
	ld %r13, start_block@toc@l(%r3)
	std %r2, CPU_TOC(%r13)
	addi %r1, %r13, CPU_STACK_MAIN_ASM - 64
	li %r0, 0
	std %r0, 0(%r1)
	bl start_other_cpu
	nop
	trap

	.section .note.GNU-stack, "", @progbits
