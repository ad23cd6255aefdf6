/* SPDX-License-Identifier: BSD-2-Clause */
/* All that C and assembly have to know of the word size. */
#ifndef ASM_WORD_H
#define ASM_WORD_H

#define WORD_BYTES	8
#define WORD_FMT	"%016lx"
#define IS_64BIT	1

#endif
