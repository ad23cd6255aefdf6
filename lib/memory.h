/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of RAM, handed out on first use and never touched before. */
#ifndef MEMORY_H
#define MEMORY_H

#include <base.h>

/**
 * pages_alloc() - @n physically contiguous pages, mapped at their address
 *
 * From the memory behind the image.
 * Contents are undefined.  Panics when memory runs out.
 */
void *pages_alloc(size_t n);

/**
 * pages_alloc_zeroed() - the same, all zeros
 */
void *pages_alloc_zeroed(size_t n);

/**
 * pages_alloc_aligned() - @n pages whose address is a multiple of @align bytes
 */
void *pages_alloc_aligned(size_t n, size_t align);

/**
 * pages_alloc_permanent() - the same, for the harness: no mark gives them back
 */
void *pages_alloc_permanent(size_t n, size_t align);

/**
 * pages_mark(), pages_release() - give back all that was handed out since a mark
 *
 * The harness does so around each TEST, so that TESTs need not free.
 */
size_t pages_mark(void);
void pages_release(size_t mark);

/**
 * page_map() - map one page of PAGE_SIZE; each architecture's own
 * @address: virtual; @physical: both multiples of PAGE_SIZE
 * @flags: PAGE_DATA or PAGE_NONE of <asm/page.h>, or the architecture's own
 *
 * PAGES_SPARE is where virtual addresses begin that are for tests to map.
 */
void page_map(void *address, u64 physical, u64 flags);

#endif
