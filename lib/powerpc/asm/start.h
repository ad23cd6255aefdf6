/* SPDX-License-Identifier: BSD-2-Clause */
/* What assembly has to know of C's structures; C checks that it is right. */
#ifndef ASM_START_H
#define ASM_START_H

#include <asm/word.h>

#define ABI_TEST_WORDS_ASM	16

/* Offsets in struct cpu. */
#define CPU_SAVE_R0	0
#define CPU_SAVE_R2	8
#define CPU_SAVE_CR	16
#define CPU_SAVE_CTR	24
#define CPU_SRR0	32
#define CPU_SRR1	40
#define CPU_VECTOR	48
#define CPU_ENTRY	56
#define CPU_MSR		64
#define CPU_KERNEL_SP	72
#define CPU_TOC		80

#define CPU_STACK_MAIN_ASM	0x8000

/* A called function's frame: chain, CR, LR, TOC (ELFv2, 2.2.3.1). */
#define FRAME_ABI	32
/* Below the stack pointer, that a leaf function may use. */
#define RED_ZONE	288

#endif
