/* SPDX-License-Identifier: BSD-2-Clause */
/* What neutral code has to know of pages. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <asm/word.h>
#include <defs/page.h>

/* Flags for page_map(): data for the kernel and for users; nothing there. */
#define PAGE_DATA	(PTE_P | PTE_W | PTE_U)
#define PAGE_NONE	0

/*
 * Memory from PAGES_LIMIT on is not handed out.  Virtual addresses from PAGES_SPARE
 * on belong to nobody: tests map what they like there.
 */
#if IS_64BIT
#define PAGES_LIMIT	0xfffff000ul
#define PAGES_SPARE	0x8000000000ul
#else
#define PAGES_LIMIT	0x80000000ul
#define PAGES_SPARE	0x80000000ul
#endif

#endif
