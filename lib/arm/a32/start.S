/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an image begins, and where its other CPUs do: translation and caches are off,
 * R2 has the device tree's address, the mode is Supervisor or Hyp.
 */
#include <abi/image.h>
#include <asm/start.h>
#include <defs/fsr.h>
#include <defs/sctlr.h>

	.arch_extension virt
	.fpu vfpv4
	.section .boot, "ax"
	.globl start
start:
	b enter

	.balign 16
	.long ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1
	.hword ABI_IMAGE_VERSION, WORD_BYTES
	.long ABI_TEST_WORDS_ASM * WORD_BYTES
	.weak image_arguments
	.hidden image_arguments
	.long tests_start, 0, tests_end, 0, image_arguments, 0, start, 0

	/* Distances: nothing that is relocated may be used yet. */
distances:
	.long relocations_start - ., relocations_end - ., bss_start - ., bss_end - .
	.long cpu0 + CPU_STACK_MAIN_ASM - ., boot_pstate - .

enter:
	mov r8, r2
	adr r9, start
	adr r4, distances
	ldr r0, [r4]
	add r0, r0, r4
	ldr r1, [r4, #4]!
	add r1, r1, r4
	/* Addresses in data are as if the image lay at 0. */
1:	cmp r0, r1
	bhs 3f
	ldm r0!, {r2, r3}
	cmp r3, #RELOCATION_RELATIVE
	bne .			/* the linker promised that there are no others */
	ldr r3, [r9, r2]
	add r3, r3, r9
	str r3, [r9, r2]
	b 1b
3:	ldr r0, [r4, #4]!
	add r0, r0, r4
	ldr r1, [r4, #4]!
	add r1, r1, r4
	mov r2, #0
	mov r3, #0
4:	stm r0!, {r2, r3}
	cmp r0, r1
	blo 4b
	ldr r10, [r4, #4]!
	add r10, r10, r4
	ldr r0, [r4, #4]!
	add r0, r0, r4
	mrs r1, cpsr
	and r1, r1, #MODE_MASK
	orr r1, r1, #PSR_MASKED
	str r1, [r0]

	bl level_prepare
	mov sp, r10
	mov r0, r8
	mov r11, #0			/* the last frame of a stack trace */
	mov lr, #0
	b start_boot_cpu

	/* PSCI CPU_ON comes here; R0 is the CPU's block. */
	.globl start_other
start_other:
	mov r8, r0
	bl level_prepare
	mov r0, r8
	bl translation_on
	add sp, r8, #CPU_STACK_MAIN_ASM
	mov r11, #0
	mov lr, #0
	b start_other_cpu

	/* R0: sctlr, mair, ttbcr, ttbr, 64 bits each */
	.globl translation_on
translation_on:
	ldr r1, [r0, #8]
	mcr p15, 0, r1, c10, c2, 0	/* MAIR0 */
	ldr r1, [r0, #12]
	mcr p15, 0, r1, c10, c2, 1	/* MAIR1 */
	ldr r1, [r0, #16]
	mcr p15, 0, r1, c2, c0, 2	/* TTBCR */
	ldr r1, [r0, #24]
	ldr r2, [r0, #28]
	mcrr p15, 0, r1, r2, c2		/* TTBR0 */
	ldr r1, [r0]
	/* R1: SCTLR */
translation_set:
	isb
	mov r2, #0
	mcr p15, 0, r2, c8, c7, 0	/* TLBIALL */
	mcr p15, 0, r2, c7, c5, 0	/* ICIALLU */
	mcr p15, 0, r2, c7, c5, 6	/* BPIALL */
	dsb
	isb
	mcr p15, 0, r1, c1, c0, 0
	isb
	bx lr

	/* R0: SCTLR without M and C; what is cached has been cleaned. */
	.globl translation_off
translation_off:
	mov r1, r0
	b translation_set

/*
 * Be in Supervisor mode, with all that may be used in use.  Uses R0 to R3: LR of Hyp
 * mode is not that of Supervisor mode.
 */
level_prepare:
	mov r3, lr
	mrs r0, cpsr
	and r1, r0, #MODE_MASK
	cmp r1, #MODE_HYP
	bne 1f
	mov r1, #0
	mcrr p15, 4, r1, r1, c14	/* CNTVOFF */
	mcr p15, 4, r1, c1, c1, 0	/* HCR: nothing is trapped */
	mcr p15, 4, r1, c1, c1, 3	/* HSTR */
	mcr p15, 4, r1, c1, c1, 2	/* HCPTR */
	mrc p15, 4, r1, c14, c1, 0	/* CNTHCTL: both timers are PL1's */
	orr r1, r1, #3
	mcr p15, 4, r1, c14, c1, 0
	mrc p15, 0, r1, c0, c0, 5
	mcr p15, 4, r1, c0, c0, 5	/* VMPIDR */
	mrc p15, 0, r1, c0, c0, 0
	mcr p15, 4, r1, c0, c0, 0	/* VPIDR */
	mov r1, #MODE_SVC | PSR_MASKED
	msr spsr_cxsf, r1
	adr r1, 1f
	msr elr_hyp, r1
	eret
1:	cpsid aif, #MODE_SVC
	ldr r1, =SCTLR_OFF_32
	mcr p15, 0, r1, c1, c0, 0
	mov r1, #0xf << 20		/* CP10 and CP11: floating point */
	mcr p15, 0, r1, c1, c0, 2
	isb
	mov r1, #1 << 30		/* FPEXC.EN */
	vmsr fpexc, r1
	adr r1, vectors_distance
	ldr r2, [r1]
	add r1, r1, r2
	mcr p15, 0, r1, c12, c0, 0	/* VBAR */
	isb
	bx r3

vectors_distance:
	.long vectors - .
	.ltorg

	.section .note.GNU-stack, "", %progbits
