/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage keys (SA22-7832, chapter 3, "Storage Key"). */
#ifndef KEY_H
#define KEY_H

#include <base.h>

#define KEY_ACCESS	0xf0
#define KEY_FETCH	0x08	/* fetching is protected, too */
#define KEY_REFERENCE	0x04
#define KEY_CHANGE	0x02

/**
 * key_set(), key_get() - the key of the page at a real address
 */
static inline void key_set(u8 key, const void *at)
{
	asm volatile(".insn rrf, 0xb22b0000, %0, %1, 0, 0" : : "d"((u64)key), "a"(at) : "memory");
}

static inline u8 key_get(const void *at)
{
	u64 key = 0;

	asm volatile("iske %0, %1" : "+d"(key) : "a"(at));
	return key;
}

#endif
