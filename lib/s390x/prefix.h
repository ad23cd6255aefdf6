/* SPDX-License-Identifier: BSD-2-Clause */
/* The prefix register, and what changes with it. */
#ifndef PREFIX_H
#define PREFIX_H

#include <asm/lowcore.h>
#include <memory.h>

static inline u32 prefix_read(void)
{
	u32 prefix;

	asm volatile("stpx %0" : "=Q"(prefix));
	return prefix;
}

static inline void prefix_write(u32 prefix)
{
	asm volatile("spx %0" : : "Q"(prefix) : "memory");
}

/**
 * prefix_area() - a place for a prefix area that can be used, a copy of this CPU's
 */
static inline struct lowcore *prefix_area(void)
{
	return memcpy(pages_alloc_aligned(2, LOWCORE_SIZE), &lowcore, LOWCORE_SIZE);
}

#endif
