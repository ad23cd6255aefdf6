/* SPDX-License-Identifier: BSD-2-Clause */
/* What neutral code has to know of pages. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <asm/word.h>
#include <defs/page.h>

/* PAGE_SHIFT is chosen when the image is built: 64 KiB or 4 KiB. */
#define PAGE_SIZE	(1ul << PAGE_SHIFT)

/* Flags for page_map(), for problem state too: data, code, nothing there. */
#define PAGE_KERNEL	(PTE_VALID | PTE_LEAF | PTE_REFERENCED | PTE_CHANGED | PTE_READ)
#define PAGE_DATA	(PAGE_KERNEL | PTE_WRITE | PTE_EXECUTE)
#define PAGE_CODE	(PAGE_KERNEL | PTE_EXECUTE)
#define PAGE_DEVICE	(PAGE_KERNEL | PTE_WRITE | PTE_IO)
#define PAGE_NONE	0

/*
 * Memory from PAGES_LIMIT on is not handed out.  Virtual addresses from PAGES_SPARE
 * on, of the 52 bits that radix trees translate, are for tests to map.
 */
#define PAGES_LIMIT	0x4000000000000ul
#define PAGES_SPARE	0x8000000000000ul

#endif
