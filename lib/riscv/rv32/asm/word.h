/* SPDX-License-Identifier: BSD-2-Clause */
/* All that C and assembly for both word sizes have to know of this one. */
#ifndef ASM_WORD_H
#define ASM_WORD_H

#define WORD_BYTES	4
#define WORD_FMT	"%08lx"
#define IS_64BIT	(WORD_BYTES == 8)

/* For assembly: a load and a store of a register, and a word of data. */
#define LOAD		lw
#define STORE		sw
#define WORD		.long

/* Where above RAM's base loaders put an image (Linux' boot-image-header). */
#define IMAGE_OFFSET	0x400000

/* What the tables at the start translate: Sv32. */
#define PAGING_LEVELS	2
#define PAGING_BITS	10	/* of an address, a level */

#endif
