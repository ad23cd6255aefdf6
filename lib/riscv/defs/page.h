/* SPDX-License-Identifier: BSD-2-Clause */
/* Page-table entries (RISC-V privileged ISA 1.13, 12.3 to 12.6, Svnapot, Svpbmt). */
#ifndef DEFS_PAGE_H
#define DEFS_PAGE_H

#define PTE_VALID	0x001ul
#define PTE_READ	0x002ul
#define PTE_WRITE	0x004ul
#define PTE_EXEC	0x008ul
#define PTE_USER	0x010ul
#define PTE_GLOBAL	0x020ul
#define PTE_ACCESSED	0x040ul
#define PTE_DIRTY	0x080ul
#define PTE_RSW		0x300ul		/* software's */
#define PTE_LEAF	(PTE_READ | PTE_WRITE | PTE_EXEC)	/* any of them */
#define PTE_PPN_SHIFT	10
/* 64-bit entries only. */
#define PTE_PBMT_SHIFT	61
#define PTE_N_SHIFT	63
#define PTE_RESERVED_SHIFT	54	/* 60 to 54 */

#endif
