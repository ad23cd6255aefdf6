/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of DAT tables (SA22-7832, "Dynamic Address Translation"). */
#ifndef DEFS_PAGE_H
#define DEFS_PAGE_H

/* Address-space-control element. */
#define ASCE_ORIGIN		0xfffffffffffff000
#define ASCE_REAL		0x20	/* virtual addresses are real ones */
#define ASCE_PRIVATE		0x100
#define ASCE_TYPE_SHIFT		2	/* a table's type, as in the entries */
#define ASCE_LENGTH		0x3

/* What entries of region and segment tables share; TT as in the ASCE. */
#define DAT_ORIGIN		0xfffffffffffff000
#define DAT_SEGMENT_ORIGIN	0xfffffffffffff800	/* page tables: 2 KiB */
#define DAT_PROTECT		0x200	/* P; regions: with EDAT-1 */
#define DAT_INVALID		0x20
#define DAT_TYPE_SHIFT		2
#define DAT_LENGTH		0x3
#define DAT_FRAME		0x400	/* FC: a frame of 1 MiB (EDAT-1) or 2 GiB (EDAT-2) */
#define DAT_FRAME_IEP		0x100
#define DAT_FRAME_ORIGIN	0xfffffffffff00000
#define DAT_REGION_IEP		0x100
#define DAT_TYPE_SEGMENT	0
#define DAT_TYPE_THIRD		1
#define DAT_TYPE_SECOND		2
#define DAT_TYPE_FIRST		3

/* Page-table entry. */
#define PTE_ORIGIN		0xfffffffffffff000
#define PTE_ZERO		0x800	/* bit 52 must be 0 */
#define PTE_INVALID		0x400
#define PTE_PROTECT		0x200
#define PTE_IEP			0x100

#endif
