/* SPDX-License-Identifier: BSD-2-Clause */
/* Paging-structure entries and selectors (SDM 3A, chapters 3 and 4). */
#ifndef DEFS_PAGE_H
#define DEFS_PAGE_H

#define PAGE_SHIFT	12
#define PAGE_SIZE	4096

#define PTE_P		0x001
#define PTE_W		0x002
#define PTE_U		0x004
#define PTE_PWT		0x008
#define PTE_PCD		0x010
#define PTE_A		0x020
#define PTE_D		0x040
#define PTE_PS		0x080	/* in a leaf above the last level */
#define PTE_G		0x100
#define PTE_PAT		0x080	/* in a 4 KiB page's entry */
#define PTE_PAT_LARGE	0x1000
#define PTE_IGNORED	0xe00
#define PTE_HIGH	0x7ff0000000000000ull	/* PAE: reserved; 64-bit: ignored, keys */
#define PTE_KEY_SHIFT	59
#define PTE_KEY		0x7800000000000000ull	/* protection key */
#define PTE_NX		0x8000000000000000ull
#define PTE_ADDRESS	0x000ffffffffff000ull

#endif
