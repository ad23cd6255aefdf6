/* SPDX-License-Identifier: BSD-2-Clause */
/* What assembly has to know of C's structures; C checks that it is right. */
#ifndef ASM_START_H
#define ASM_START_H

#include <asm/word.h>

#define CPU_BLOCK_SIZE_ASM	0x8000
#define CPU_STACK_USER_ASM	0x2000
#define CPU_STACK_MAIN_ASM	0x8000
#define ABI_TEST_WORDS_ASM	16

/* What a caller leaves to its callee below its own frame (the ELF ABI). */
#define STACK_AREA		160
#define FRAME_PSW		(STACK_AREA + 128)
#define FRAME_KIND		(STACK_AREA + 144)
#define FRAME_INTERRUPTION	(STACK_AREA + 152)
#define FRAME_SIZE		(152 + 72)

/* What happened. */
#define KIND_RESTART		0
#define KIND_EXT		1
#define KIND_SVC		2
#define KIND_PGM		3
#define KIND_MCK		4
#define KIND_IO			5

#endif
