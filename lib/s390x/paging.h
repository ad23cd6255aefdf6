/* SPDX-License-Identifier: BSD-2-Clause */
/* DAT tables: region-third, segment and page tables, virtual addresses as real ones. */
#ifndef PAGING_H
#define PAGING_H

#include <base.h>

/**
 * paging_init() - make the tables of all memory, and translate from now on
 * @memory: bytes, from address 0
 */
void paging_init(u64 memory);

/**
 * pte_at() - the page-table entry of an address; tables are made on the way
 */
u64 *pte_at(const void *address);

/**
 * segment_at(), region_at() - the segment-table, region-third-table entry of an address
 */
u64 *segment_at(const void *address);
u64 *region_at(const void *address);

/**
 * entry_set() - change an entry of any table, which all CPUs notice
 */
void entry_set(u64 *entry, u64 value);

/**
 * tlb_flush() - all CPUs forget what they know of tables
 */
void tlb_flush(void);

/**
 * page_physical() - where an address is mapped to; it must be
 */
u64 page_physical(const void *address);

#endif
