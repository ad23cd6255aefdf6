/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables (DDI 0487, D8; DDI 0406, B3.6).  RAM is mapped at its address
 * for user and kernel, by blocks where it can be, and by pages around the image,
 * whose code is read-only; the first GiB is devices'.
 */
#ifndef PAGING_H
#define PAGING_H

#include <io.h>
#include <asm/page.h>
#include <base.h>
#include <memory.h>

/**
 * paging_init() - make the tables; translation is still off
 */
void paging_init(void);

/**
 * paging_root() - the address of the first table, for TTBR0
 */
u64 paging_root(void);

/**
 * pte_at() - the last level's entry for an address, made and split on first use
 */
u64 *pte_at(const void *address);

/**
 * pte_set() - change an entry as the architecture wants it: break, flush, make
 * @address: whose entry it is
 */
void pte_set(u64 *entry, u64 value, const void *address);

/**
 * page_physical() - where an address is mapped to; panics if it is not
 */
u64 page_physical(const void *address);

#endif
