/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Half-open ranges of 64-bit addresses.  A range may end at 2^64, but not wrap;
 * an empty one contains and overlaps nothing.
 */
#ifndef HOST_BASE_RANGE_H
#define HOST_BASE_RANGE_H

#include <stdbool.h>
#include <stdint.h>

struct range {
	uint64_t base;
	uint64_t size;
};

/**
 * range_contains() - do all @size bytes from @base lie in @range?
 * @range: where
 * @base: first byte
 * @size: bytes, at least 1
 */
static inline bool range_contains(struct range range, uint64_t base,
				  uint64_t size)
{
	uint64_t offset = base - range.base;

	/* Never a sum: base + size may overflow. */
	return base >= range.base && size && offset < range.size &&
	       size <= range.size - offset;
}

/**
 * range_overlaps() - is any address in both?
 * @a: one range
 * @b: the other
 */
static inline bool range_overlaps(struct range a, struct range b)
{
	return range_contains(a, b.base, 1) ? b.size : range_contains(b, a.base, 1) && a.size;
}

#endif
