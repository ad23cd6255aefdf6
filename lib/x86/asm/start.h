/* SPDX-License-Identifier: BSD-2-Clause */
/* The image's first pages, for start.S and the linker script. */
#ifndef ASM_START_H
#define ASM_START_H

#include <asm/word.h>
#include <defs/vector.h>

#define IMAGE_BASE	0x100000
#define VECTORS_OFFSET	0x1000
#define IDT_OFFSET	0x2000
#define TABLES_OFFSET	0x3000

/* C checks that these agree with struct cpu and enum abi_test_word. */
#define CPU_STACK_MAIN_ASM	0x8000
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

#endif
