/* SPDX-License-Identifier: BSD-2-Clause */
/* What neutral code has to know of pages. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <asm/word.h>
#include <defs/page.h>

#define PAGE_SIZE	(1ul << PAGE_SHIFT)

/*
 * Flags for page_map(): data for the kernel and for users; nothing there.  What user
 * mode may access the supervisor never executes (12.4.2), so code has a mapping of its
 * own for each.
 */
#define PAGE_KERNEL	(PTE_VALID | PTE_READ | PTE_WRITE | PTE_ACCESSED | PTE_DIRTY)
#define PAGE_DATA	(PAGE_KERNEL | PTE_USER | PTE_EXEC)
#define PAGE_CODE	(PTE_VALID | PTE_READ | PTE_EXEC | PTE_ACCESSED)
#define PAGE_DEVICE	PAGE_KERNEL
#define PAGE_NONE	0

/*
 * Memory from PAGES_LIMIT on is not handed out.  Virtual addresses from PAGES_SPARE
 * on belong to nobody: tests map what they like there.  The image is once more at
 * PAGES_USER_IMAGE, for user mode.
 */
#if IS_64BIT
#define PAGES_LIMIT	0x2000000000ul
#define PAGES_SPARE	0x2000000000ul
#define PAGES_USER_IMAGE	0x3000000000ul
#else
#define PAGES_LIMIT	0xc0000000ul
#define PAGES_SPARE	0xc0000000ul
#define PAGES_USER_IMAGE	0xf0000000ul
#endif

#endif
