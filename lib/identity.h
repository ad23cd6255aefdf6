/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory at its own address, for architectures whose tables start as that. */
#ifndef IDENTITY_H
#define IDENTITY_H

#include <base.h>

/**
 * identity_map() - map a range at its own address, by the largest blocks, but by pages
 *	where the image is
 * @base, @size: bytes; pages that it has in part are left out
 * @flags: of identity_set()
 */
void identity_map(u64 base, u64 size, u64 flags);

/**
 * identity_map_ram() - the same for all RAM below @limit
 */
void identity_map_ram(u64 limit, u64 flags);

/* What each such architecture does. */

/**
 * identity_shift() - log2 of the bytes of the @n-th largest block
 *
 * The last one asked for is a page's, PAGE_SHIFT.
 */
unsigned int identity_shift(unsigned int n);

/**
 * identity_set() - make the entry for one block, before there is any translation
 * @at: aligned to its size
 * @n: which size, as identity_shift() counts
 */
void identity_set(u64 at, unsigned int n, u64 flags);

#endif
