/* SPDX-License-Identifier: BSD-2-Clause */
/* What neutral code has to know of pages. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <asm/word.h>
#include <defs/page.h>

/* PAGE_SHIFT is the translation granule's, chosen when the image is built. */
#define PAGE_SIZE	(1ul << PAGE_SHIFT)

/* Flags for page_map(): data for the kernel and for users; nothing there. */
#define PAGE_KERNEL	(PTE_VALID | PTE_TABLE | PTE_ACCESSED | PTE_SHARED |	\
			 PTE_ATTR(ATTR_NORMAL))
#define PAGE_DATA	(PAGE_KERNEL | PTE_USER)
#define PAGE_CODE	(PAGE_KERNEL | PTE_USER | PTE_READ_ONLY)
#define PAGE_DEVICE	(PTE_VALID | PTE_TABLE | PTE_ACCESSED | PTE_UXN |	\
			 PTE_PXN | PTE_USER | PTE_ATTR(ATTR_DEVICE_NGNRE))
#define PAGE_NONE	0

/*
 * Memory from PAGES_LIMIT on is not handed out.  Virtual addresses from PAGES_SPARE
 * on belong to nobody: tests map what they like there.
 */
#if IS_64BIT
#define PAGES_LIMIT	0x400000000000ul	/* the first half of 47 bits */
#define PAGES_SPARE	0x400000000000ul
#else
#define PAGES_LIMIT	0xc0000000ul
#define PAGES_SPARE	0xc0000000ul
#endif

#endif
