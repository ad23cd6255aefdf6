/* SPDX-License-Identifier: BSD-2-Clause */
/* All that C and assembly for both word sizes have to know of this one. */
#ifndef ASM_WORD_H
#define ASM_WORD_H

#define WORD_BYTES	4
#define WORD_FMT	"%08lx"
#define IO_WORD		""	/* in front of an operand: its 32 bits */
#define IS_64BIT	(WORD_BYTES == 8)

/* Dynamic relocations: R_ARM_RELATIVE, whose addend is in place. */
#define RELOCATION_RELATIVE	23

#endif
