/* SPDX-License-Identifier: BSD-2-Clause */
/* Radix tree translation (Power ISA 3.1, Book III, 6.7.7 and 6.7.10). */
#ifndef DEFS_PAGE_H
#define DEFS_PAGE_H

#define PTE_VALID	(1ull << 63)
#define PTE_LEAF	(1ull << 62)
#define PTE_ADDRESS	0x01fffffffffff000ull	/* a page's */
#define PTE_TABLE	0x0fffffffffffff00ull	/* the next level's */
#define PTE_REFERENCED	0x100
#define PTE_CHANGED	0x080
#define PTE_ATTRIBUTES	0x030
#define PTE_IO		0x020			/* non-idempotent I/O */
#define PTE_PRIVILEGED	0x008
#define PTE_READ	0x004
#define PTE_WRITE	0x002			/* and read */
#define PTE_EXECUTE	0x001

/* Fields of a process table's entry (6.7.6.2) for 52 bits of address. */
#define PROCESS_RTS	(2ull << 61 | 5ull << 5)
/* Of a partition table's entry (6.7.6.1): it has radix trees. */
#define PARTITION_HR	(1ull << 63)

#endif
