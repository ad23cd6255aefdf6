/* SPDX-License-Identifier: BSD-2-Clause */
/* memcpy(), memset() and strlen() as string instructions: one round of an emulator each. */
#ifndef ASM_STRING_H
#define ASM_STRING_H

#include <asm/word.h>
#include <base.h>

#if IS_64BIT
#define REP_MOVS_WORDS	"rep movsq"
#define REP_STOS_WORDS	"rep stosq"
#else
#define REP_MOVS_WORDS	"rep movsl"
#define REP_STOS_WORDS	"rep stosl"
#endif

inline void *memcpy(void *to, const void *from, size_t size)
{
	void *t = to;
	size_t words = size / WORD_BYTES, rest = size % WORD_BYTES;

	if (words)
		asm volatile(REP_MOVS_WORDS
			     : "+D"(t), "+S"(from), "+c"(words) : : "memory");
	if (rest)
		asm volatile("rep movsb"
			     : "+D"(t), "+S"(from), "+c"(rest) : : "memory");
	return to;
}

inline void *memset(void *to, int byte, size_t size)
{
	void *t = to;
	unsigned long pattern = (u8)byte * (~0ul / 0xff);
	size_t words = size / WORD_BYTES, rest = size % WORD_BYTES;

	if (words)
		asm volatile(REP_STOS_WORDS
			     : "+D"(t), "+c"(words) : "a"(pattern) : "memory");
	if (rest)
		asm volatile("rep stosb"
			     : "+D"(t), "+c"(rest) : "a"(pattern) : "memory");
	return to;
}

inline size_t strlen(const char *s)
{
	const char *end = s;
	unsigned long left = ~0ul;

	asm volatile("repne scasb"
		     : "+D"(end), "+c"(left) : "a"((u8)0) : "memory", "cc");
	return end - s - 1;
}

/* This file is where they are emitted for the compiler's own calls. */
extern inline void *memcpy(void *to, const void *from, size_t size);
extern inline void *memset(void *to, int byte, size_t size);
extern inline size_t strlen(const char *s);

#endif
