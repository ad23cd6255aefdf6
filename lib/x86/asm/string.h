/* SPDX-License-Identifier: BSD-2-Clause */
/* memcpy() and memset() as one string instruction: one step of an emulator. */
#ifndef ASM_STRING_H
#define ASM_STRING_H

#include <base.h>

inline void *memcpy(void *to, const void *from, size_t size)
{
	void *t = to;

	asm volatile("rep movsb" : "+D"(t), "+S"(from), "+c"(size) : : "memory");
	return to;
}

inline void *memset(void *to, int byte, size_t size)
{
	void *t = to;

	asm volatile("rep stosb" : "+D"(t), "+c"(size) : "a"(byte) : "memory");
	return to;
}

/* This file is where they are emitted for the compiler's own calls. */
extern inline void *memcpy(void *to, const void *from, size_t size);
extern inline void *memset(void *to, int byte, size_t size);

#endif
