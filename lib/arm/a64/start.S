/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where an image begins, and where its other CPUs do: translation is off, caches of
 * data are off, X0 has the device tree's address, the exception level is 1 or 2.
 */
#include <abi/image.h>
#include <asm/start.h>
#include <defs/el2.h>

	.section .boot, "ax"
	.globl start
start:
	/* The header of arm64 kernels, for loaders that want one (Linux, booting.rst). */
	b enter
	.long 0
	.quad 0x80000			/* offset from a 2 MiB boundary */
	.quad image_end - . + 16	/* bytes of memory, from start on */
	.quad 0xa			/* little-endian, 4 KiB pages, at any place */
	.quad 0, 0, 0
	.ascii "ARM\x64"
	.long 0

	.balign 16
	.long ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1
	.hword ABI_IMAGE_VERSION, WORD_BYTES
	.long ABI_TEST_WORDS_ASM * WORD_BYTES
	.weak image_arguments
	.hidden image_arguments
	.quad tests_start, tests_end, image_arguments, start

enter:
	mov x20, x0
	/* Addresses in data are as if the image lay at 0. */
	adr x19, start
	adrp x9, relocations_start
	add x9, x9, :lo12:relocations_start
	adrp x10, relocations_end
	add x10, x10, :lo12:relocations_end
1:	cmp x9, x10
	b.hs 3f
	ldp x11, x12, [x9], #16
	ldr x13, [x9], #8
	cmp x12, #RELOCATION_RELATIVE
	b.ne .			/* the linker promised that there are no others */
	add x13, x13, x19
	str x13, [x19, x11]
	b 1b
3:	adrp x9, bss_start
	add x9, x9, :lo12:bss_start
	adrp x10, bss_end
	add x10, x10, :lo12:bss_end
4:	stp xzr, xzr, [x9], #16
	cmp x9, x10
	b.lo 4b

	mrs x0, currentel
	mrs x1, spsel
	orr x0, x0, x1
	orr x0, x0, #0x3c0
	adrp x9, boot_pstate
	str x0, [x9, :lo12:boot_pstate]
	bl level_prepare
	adrp x9, cpu0
	add x9, x9, :lo12:cpu0
	add sp, x9, #CPU_STACK_MAIN_ASM
	mov x0, x20
	mov x29, xzr			/* the last frame of a stack trace */
	mov x30, xzr
	b start_boot_cpu

	/* PSCI CPU_ON comes here; X0 is the CPU's block. */
	.globl start_other
start_other:
	mov x20, x0
	bl level_prepare
	mov x0, x20
	bl translation_on
	add sp, x20, #CPU_STACK_MAIN_ASM
	mov x29, xzr
	mov x30, xzr
	b start_other_cpu

	/* X0: sctlr, mair, tcr, ttbr; the caller's address is mapped as it is. */
	.globl translation_on
translation_on:
	ldp x1, x2, [x0]
	ldp x3, x4, [x0, #16]
	msr mair_el1, x2
	msr tcr_el1, x3
	msr ttbr0_el1, x4
	isb
	tlbi vmalle1
	ic iallu
	dsb nsh
	isb
	msr sctlr_el1, x1
	isb
	ret

	/* X0: SCTLR without M and C; what is cached has been cleaned. */
	.globl translation_off
translation_off:
	msr sctlr_el1, x0
	isb
	tlbi vmalle1
	dsb nsh
	isb
	ret

/*
 * Be at EL1, or at EL2 with the names of EL1's registers (HCR_EL2.E2H, TGE): the
 * same code runs in both.  Uses X0 to X2.
 */
level_prepare:
	mrs x0, currentel
	cmp x0, #8
	b.lo common_prepare
	mrs x0, mpidr_el1
	msr vmpidr_el2, x0
	mrs x0, midr_el1
	msr vpidr_el2, x0
	/* Nothing of EL1 and EL0 is trapped. */
	mrs x0, id_aa64mmfr0_el1
	ubfx x0, x0, #56, #4		/* FGT */
	cbz x0, 1f
	msr HFGRTR_EL2, xzr
	msr HFGWTR_EL2, xzr
	msr HFGITR_EL2, xzr
	msr HDFGRTR_EL2, xzr
	msr HDFGWTR_EL2, xzr
	cmp x0, #2
	b.lo 1f
	msr HFGRTR2_EL2, xzr
	msr HFGWTR2_EL2, xzr
	msr HFGITR2_EL2, xzr
	msr HDFGRTR2_EL2, xzr
	msr HDFGWTR2_EL2, xzr
1:	mov x0, #0
	mrs x1, id_aa64dfr0_el1
	ubfx x1, x1, #8, #4		/* PMUVer */
	sub x1, x1, #1
	cmp x1, #14
	b.hs 2f
	mrs x0, pmcr_el0
	ubfx x0, x0, #11, #5		/* all counters are EL1's */
2:	msr mdcr_el2, x0
	msr cntvoff_el2, xzr
	mrs x0, cnthctl_el2
	mrs x1, id_aa64pfr0_el1
	ubfx x2, x1, #24, #4		/* GIC */
	cbz x2, 3f
	mrs x2, ICC_SRE_EL2
	orr x2, x2, #ICC_SRE_SRE
	orr x2, x2, #ICC_SRE_ENABLE
	msr ICC_SRE_EL2, x2
	isb
3:	mov x0, #HCR_RW
	mrs x2, id_aa64isar1_el1
	tst x2, #0xff0			/* APA, API: pointer authentication */
	b.eq 4f
	orr x0, x0, #HCR_APK_API
4:	mrs x2, id_aa64pfr1_el1
	ubfx x2, x2, #8, #4		/* MTE */
	cmp x2, #2
	b.lo 5f
	orr x0, x0, #HCR_ATA
5:	mrs x2, id_aa64mmfr1_el1
	ubfx x2, x2, #8, #4		/* VH */
	cbz x2, to_el1
	orr x0, x0, #HCR_E2H
	orr x0, x0, #HCR_TGE
	msr hcr_el2, x0
	isb
	b common_prepare

to_el1:
	msr hcr_el2, x0
	mrs x0, cnthctl_el2
	orr x0, x0, #CNTHCTL_EL1_ALL
	msr cnthctl_el2, x0
	msr hstr_el2, xzr
	mov x0, #CPTR_RES1
	msr cptr_el2, x0
	isb
	ubfx x2, x1, #32, #4		/* SVE */
	cbz x2, 6f
	mov x0, #0x1ff
	msr ZCR_EL2, x0
6:	mov x0, #SPSR_EL1H_MASKED
	msr spsr_el2, x0
	adr x0, common_prepare
	msr elr_el2, x0
	eret

common_prepare:
	mov x0, #SCTLR_OFF & 0xffff
	movk x0, #SCTLR_OFF >> 16, lsl #16
	msr sctlr_el1, x0
	mov x0, #CPACR_FP_SVE
	msr cpacr_el1, x0
	adrp x0, vectors
	add x0, x0, :lo12:vectors
	msr vbar_el1, x0
	msr tpidr_el1, xzr
	isb
	ret

	.section .note.GNU-stack, "", @progbits
