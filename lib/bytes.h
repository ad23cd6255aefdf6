/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * memcpy() and memset() by words, and strlen(), for <asm/string.h> of architectures that
 * have no instruction for it.  They are inline there and emitted once, in lib/string.c.
 */
#ifndef BYTES_H
#define BYTES_H

#include <base.h>

/* Compilers make calls of memcpy() of loops that copy: not of these. */
#define BYTES_OPAQUE(pointer)	asm("" : "+r"(pointer))

inline void *memcpy(void *to, const void *from, size_t size)
{
	u8 *t = to;
	const u8 *f = from;

	if (((uintptr_t)t | (uintptr_t)f) % sizeof(long) == 0)
		for (; size >= sizeof(long); size -= sizeof(long)) {
			*(unsigned long __attribute__((may_alias)) *)t =
				*(const unsigned long __attribute__((may_alias)) *)f;
			t += sizeof(long);
			f += sizeof(long);
			BYTES_OPAQUE(t);
		}
	for (; size; size--) {
		*t++ = *f++;
		BYTES_OPAQUE(t);
	}
	return to;
}

inline void *memset(void *to, int byte, size_t size)
{
	unsigned long word = -1ul / 0xff * (u8)byte;
	u8 *t = to;

	for (; size && (uintptr_t)t % sizeof(long); size--) {
		*t++ = byte;
		BYTES_OPAQUE(t);
	}
	for (; size >= sizeof(long); size -= sizeof(long)) {
		*(unsigned long __attribute__((may_alias)) *)t = word;
		t += sizeof(long);
		BYTES_OPAQUE(t);
	}
	for (; size; size--) {
		*t++ = byte;
		BYTES_OPAQUE(t);
	}
	return to;
}

inline size_t strlen(const char *s)
{
	const char *end = s;

	while (*end) {
		end++;
		BYTES_OPAQUE(end);
	}
	return end - s;
}

/* This file is where they are emitted for the compiler's own calls. */
extern inline void *memcpy(void *to, const void *from, size_t size);
extern inline void *memset(void *to, int byte, size_t size);
extern inline size_t strlen(const char *s);

#endif
