/* SPDX-License-Identifier: BSD-2-Clause */
/* From a vector to C and back: builds struct frame (asm/frame.h). */
#include <asm/frame.h>
#include <asm/start.h>
#include <defs/msr.h>
#include <defs/spr.h>
#include <defs/vector.h>

	.text
	/*
	 * Copied to real address 0 (Power ISA 3.1, Book III, 7.5).  SPRG3 has this
	 * CPU's block; translation is off.
	 */
	.balign 0x100
	.globl vectors_low
vectors_low:
	.skip 0x20
low_common:
	std %r2, CPU_SAVE_R2(%r1)
	std %r0, CPU_VECTOR(%r1)
	mfcr %r0
	std %r0, CPU_SAVE_CR(%r1)
	mfctr %r0
	std %r0, CPU_SAVE_CTR(%r1)
	ld %r0, CPU_ENTRY(%r1)
	mtctr %r0
	bctr

	.balign 0x100
	.set vector, VECTORS_FIRST
	.rept (VECTORS_END - VECTORS_FIRST) / VECTORS_STEP
	mtspr SPR_SPRG1, %r1
	mfspr %r1, SPR_SPRG3
	std %r0, CPU_SAVE_R0(%r1)
	li %r0, vector
	b low_common
	.balign VECTORS_STEP
	.set vector, vector + VECTORS_STEP
	.endr
	.globl vectors_low_end
vectors_low_end:

	/* r1: this CPU's block; r0, r2, CR, CTR are saved in it, r1 in SPRG1. */
	.globl vectors_common
vectors_common:
	mfspr %r0, SPR_SRR0
	std %r0, CPU_SRR0(%r1)
	mfspr %r0, SPR_SRR1
	std %r0, CPU_SRR1(%r1)
	/* Interrupts to a hypervisor have registers of their own (7.4.4). */
	ld %r2, CPU_VECTOR(%r1)
	cmpwi %r2, VECTOR_HDECREMENTER
	beq 1f
	cmpwi %r2, VECTOR_HFACILITY
	beq 1f
	cmpwi %r2, VECTOR_HDATA_STORAGE
	blt 2f
	cmpwi %r2, VECTOR_HVIRTUALIZATION
	bgt 2f
1:	mfspr %r0, SPR_HSRR0
	std %r0, CPU_SRR0(%r1)
	mfspr %r0, SPR_HSRR1
	std %r0, CPU_SRR1(%r1)
2:	ld %r0, CPU_SRR1(%r1)
	andi. %r0, %r0, MSR_PR
	ld %r2, CPU_KERNEL_SP(%r1)
	bne 3f
	mfspr %r2, SPR_SPRG1
	addi %r2, %r2, -RED_ZONE
	clrrdi %r2, %r2, 4
3:	addi %r2, %r2, -FRAME_SIZE

	.macro gprs insn, base
	.irp n, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, \
		22, 23, 24, 25, 26, 27, 28, 29, 30, 31
	\insn %r\n, FRAME_GPR + 8 * \n(\base)
	.endr
	.endm

	gprs std, %r2
	mr %r31, %r1
	mr %r1, %r2
	ld %r3, CPU_SAVE_R0(%r31)
	std %r3, FRAME_GPR(%r1)
	mfspr %r3, SPR_SPRG1
	std %r3, FRAME_GPR + 8(%r1)
	std %r3, 0(%r1)
	ld %r3, CPU_SAVE_R2(%r31)
	std %r3, FRAME_GPR + 16(%r1)
	ld %r3, CPU_SAVE_CR(%r31)
	std %r3, FRAME_CR(%r1)
	ld %r3, CPU_SAVE_CTR(%r31)
	std %r3, FRAME_CTR(%r1)
	ld %r3, CPU_SRR0(%r31)
	std %r3, FRAME_PC(%r1)
	ld %r3, CPU_SRR1(%r31)
	std %r3, FRAME_MSR(%r1)
	ld %r3, CPU_VECTOR(%r31)
	std %r3, FRAME_VECTOR(%r1)
	mflr %r3
	std %r3, FRAME_LR(%r1)
	mfxer %r3
	std %r3, FRAME_XER(%r1)
	mfspr %r3, SPR_DAR
	std %r3, FRAME_DAR(%r1)
	mfspr %r3, SPR_DSISR
	std %r3, FRAME_DSISR(%r1)
	/*
	 * As the kernel runs, translation included: RAM is mapped at its address.  A
	 * transaction stays suspended: mtmsrd must not end it.
	 */
	ld %r2, CPU_TOC(%r31)
	ld %r3, CPU_MSR(%r31)
	mfmsr %r4
	or %r3, %r3, %r4
	mtmsrd %r3
	isync
	mr %r3, %r1
	bl vectors_dispatch
	nop

	ld %r3, FRAME_LR(%r1)
	mtlr %r3
	ld %r3, FRAME_CTR(%r1)
	mtctr %r3
	ld %r3, FRAME_CR(%r1)
	mtcr %r3
	ld %r3, FRAME_XER(%r1)
	mtxer %r3
	ld %r3, FRAME_PC(%r1)
	ld %r4, FRAME_MSR(%r1)
	mtspr SPR_SRR0, %r3
	mtspr SPR_SRR1, %r4
	gprs ld, %r1
	ld %r0, FRAME_GPR(%r1)
	ld %r2, FRAME_GPR + 16(%r1)
	ld %r1, FRAME_GPR + 8(%r1)
	rfid

	.section .note.GNU-stack, "", @progbits
