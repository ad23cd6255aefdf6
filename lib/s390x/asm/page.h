/* SPDX-License-Identifier: BSD-2-Clause */
/* What neutral code has to know of pages. */
#ifndef ASM_PAGE_H
#define ASM_PAGE_H

#include <defs/page.h>

#define PAGE_SHIFT	12
#define PAGE_SIZE	(1ul << PAGE_SHIFT)

/* Flags for page_map(): a page has no rights but "read-only"; nothing there. */
#define PAGE_DATA	0ull
#define PAGE_NONE	PTE_INVALID

/*
 * What is handed out, SCLP, prefixes and channel programs can address.  Virtual
 * addresses from PAGES_SPARE on belong to tests.
 */
#define PAGES_LIMIT	0x80000000ul
#define PAGES_SPARE	0x10000000000ul

#endif
