/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables (SDM 3A, chapter 4): 4-level in 64-bit images, 2-level without PAE
 * in 32-bit ones.  The first 4 GiB are mapped at their address for user and
 * kernel by large pages; helpers split and add as needed.
 */
#ifndef PAGING_H
#define PAGING_H

#include <base.h>
#include <defs/page.h>
#include <memory.h>

/**
 * pte_at() - the 4 KiB page's entry for an address, made and split on first use
 *
 * Entries of 32-bit images are 4 bytes: use pte_read() and pte_write().
 */
void *pte_at(const void *address);
u64 pte_read(const void *entry);
void pte_write(void *entry, u64 value);

/**
 * page_physical() - where an address is mapped to; panics if it is not
 */
u64 page_physical(const void *address);

#endif
