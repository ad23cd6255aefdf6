/* SPDX-License-Identifier: BSD-2-Clause */
/* The image's first pages, for start.S and the linker script. */
#ifndef ASM_START_H
#define ASM_START_H

#include <asm/word.h>
#include <defs/cr.h>
#include <defs/msr.h>
#include <defs/vector.h>

#define IMAGE_BASE	0x100000
#define VECTORS_OFFSET	0x1000
#define IDT_OFFSET	0x2000
#define TABLES_OFFSET	0x3000

/* C checks that these agree with struct cpu and enum abi_test_word. */
#define CPU_STACK_MAIN_ASM	0x8000
#define CPU_STACK_TRAP_ASM	0x5000
#define CPU_KERNEL_SP_ASM	336
#define ABI_TEST_WORDS_ASM	16

#ifdef __x86_64__
#define BOOT_CR4	CR4_PAE
#define GDT_KERNEL_CS	0x00af9b000000ffff
#define GDT_USER_CS	0x00affb000000ffff
#else
#define BOOT_CR4	CR4_PSE
#define GDT_KERNEL_CS	0x00cf9b000000ffff
#define GDT_USER_CS	0x00cffb000000ffff
#endif

#ifdef __ASSEMBLER__
/*
 * 32-bit code turns on paging, and long mode's with it in 64-bit images, in the
 * order of SDM 3A, "Initializing IA-32e Mode": PAE before LME.  QEMU's TCG, as
 * the hardware of a nested hypervisor, loses that one's paging at an exit from a
 * guest that has LME without PAE.
 */
.macro paging_on root
	mov %cr4, %ebx
	or $BOOT_CR4, %ebx
	mov %ebx, %cr4
	mov \root, %eax
	mov %eax, %cr3
#ifdef __x86_64__
	mov $MSR_EFER, %ecx
	rdmsr
	bts $EFER_LME_BIT, %eax
	wrmsr
#endif
	mov %cr0, %ebx
	/* Boot loaders leave CD and NW clear, a bare reset does not. */
	and $~(CR0_CD | CR0_NW | CR0_EM | CR0_TS), %ebx
	or $(CR0_PG | CR0_WP | CR0_NE | CR0_MP), %ebx
	mov %ebx, %cr0
.endm
#endif

#endif
