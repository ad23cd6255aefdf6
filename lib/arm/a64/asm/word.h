/* SPDX-License-Identifier: BSD-2-Clause */
/* All that C and assembly for both word sizes have to know of this one. */
#ifndef ASM_WORD_H
#define ASM_WORD_H

#define WORD_BYTES	8
#define WORD_FMT	"%016lx"
#define IO_WORD		"w"	/* in front of an operand: its 32 bits */
#define IS_64BIT	(WORD_BYTES == 8)

/* Dynamic relocations: R_AARCH64_RELATIVE, in the form with an addend. */
#define RELOCATION_RELATIVE	1027

#endif
