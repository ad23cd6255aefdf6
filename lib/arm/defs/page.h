/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Long descriptors of translation tables: VMSAv8-64 (DDI 0487, D8.3), and the same
 * bits in VMSAv7's Large Physical Address Extension (DDI 0406, B3.6).
 */
#ifndef DEFS_PAGE_H
#define DEFS_PAGE_H

#define PTE_VALID	(1ull << 0)
#define PTE_TABLE	(1ull << 1)	/* above the last level; in it: a page */
#define PTE_ATTR(n)	((n) << 2)	/* index into MAIR */
#define PTE_ATTR_MASK	PTE_ATTR(7ull)
#define PTE_USER	(1ull << 6)	/* AP[1]: user mode may access it too */
#define PTE_READ_ONLY	(1ull << 7)	/* AP[2] */
#define PTE_SHARED	(3ull << 8)	/* inner shareable */
#define PTE_ACCESSED	(1ull << 10)	/* AF */
#define PTE_NOT_GLOBAL	(1ull << 11)
#define PTE_DIRTY_HW	(1ull << 51)	/* DBM */
#define PTE_PXN		(1ull << 53)
#define PTE_UXN		(1ull << 54)	/* XN where there is one regime's only */
#define PTE_ADDRESS	0x0000fffffffff000ull

/* Indices into MAIR, and its bytes (D17.2, MAIR_EL1). */
#define ATTR_DEVICE_NGNRNE	0ull
#define ATTR_DEVICE_NGNRE	1ull
#define ATTR_DEVICE_GRE		2ull
#define ATTR_NORMAL_NC		3ull
#define ATTR_NORMAL		4ull
#define ATTR_NORMAL_WT		5ull
#define ATTR_DEVICE_NGRE	6ull
#define ATTR_TAGGED		7ull
#define MAIR_LOW		0x440c0400	/* indices 3, 2, 1, 0 */
#define MAIR_HIGH		0xf008bbff	/* indices 7, 6, 5, 4 */

/* Fault status codes, low 6 bits of ISS or xFSR in the long format (ESR_ELx, DFSC). */
#define FSC_ADDRESS_SIZE(level)	(0x00 + (level))
#define FSC_TRANSLATION(level)	(0x04 + (level))
#define FSC_ACCESS(level)	(0x08 + (level))
#define FSC_PERMISSION(level)	(0x0c + (level))
#define FSC_EXTERNAL		0x10
#define FSC_TAG_CHECK		0x11
#define FSC_ALIGNMENT		0x21
#define FSC_DEBUG		0x22
#define FSC_ATOMIC		0x35		/* unsupported exclusive or atomic */

#endif
