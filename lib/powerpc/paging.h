/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Radix trees (Power ISA 3.1, Book III, 6.7).  RAM is mapped at its address for
 * problem state and kernel, by the largest leaves, and by pages around the image,
 * whose code is read-only.  There is no other kind of translation here: CPUs before
 * POWER9 run without, in real mode, and what needs translation is skipped.
 */
#ifndef PAGING_H
#define PAGING_H

#include <asm/page.h>
#include <base.h>
#include <memory.h>

/**
 * paging_init() - make the tables and tell the machine of them, if it can use them;
 *	MSR is left as it is
 */
void paging_init(void);

/**
 * paging_load() - have this CPU use them, once its MSR says so
 */
void paging_load(void);

/**
 * paging_is_on() - are there tables?
 */
bool paging_is_on(void);

/**
 * paging_require() - skip this TEST if not
 */
void paging_require(void);

/**
 * pte_at() - the last level's entry for an address, made and split on first use
 *
 * Big-endian: read it by pte_get().
 */
u64 *pte_at(const void *address);

/**
 * pte_get(), pte_put() - an entry; putting it forgets no translation
 * pte_set() - and after putting it, all CPUs forget the page's
 */
u64 pte_get(const u64 *entry);
void pte_put(u64 *entry, u64 value);
void pte_set(u64 *entry, u64 value, const void *address);

/**
 * tlb_forget() - tlbie: all CPUs forget a page's translation
 * tlb_forget_here() - tlbiel: this CPU does
 *
 * With the barriers that belong to them.
 */
void tlb_forget(const void *address);
void tlb_forget_here(const void *address);

#endif
