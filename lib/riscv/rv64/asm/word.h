/* SPDX-License-Identifier: BSD-2-Clause */
/* All that C and assembly for both word sizes have to know of this one. */
#ifndef ASM_WORD_H
#define ASM_WORD_H

#define WORD_BYTES	8
#define WORD_FMT	"%016lx"
#define IS_64BIT	(WORD_BYTES == 8)

/* For assembly: a load and a store of a register, and a word of data. */
#define LOAD		ld
#define STORE		sd
#define WORD		.quad

/* Where above RAM's base loaders put an image (Linux' boot-image-header). */
#define IMAGE_OFFSET	0x200000

/* What the tables at the start translate: Sv39. */
#define PAGING_LEVELS	3
#define PAGING_BITS	9	/* of an address, a level */

#endif
