/* SPDX-License-Identifier: BSD-2-Clause */
/* What assembly has to know of C's structures; C checks that it is right. */
#ifndef ASM_START_H
#define ASM_START_H

#include <asm/word.h>

#define CPU_STACK_MAIN_ASM	0x8000
#define CPU_BLOCK_SIZE_ASM	0x8000
#define ABI_TEST_WORDS_ASM	16

/* Dynamic relocations, the only ones: R_RISCV_RELATIVE. */
#define RELOCATION_RELATIVE	3

#endif
