/* SPDX-License-Identifier: BSD-2-Clause */
/* What every file needs: sizes, bits, strings, printing, giving up. */
#ifndef BASE_H
#define BASE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))
#define BIT(n)			(1ull << (n))
#define ALIGN_UP(x, to)		(((x) + (to) - 1) & ~((__typeof__(x))(to) - 1))
#define ALIGN_DOWN(x, to)	((x) & ~((__typeof__(x))(to) - 1))

/* A name that no other expansion has, so that macros nest without shadowing. */
#define UNIQUE(prefix)		UNIQUE_JOIN(prefix, __COUNTER__)
#define UNIQUE_JOIN(a, b)	UNIQUE_PASTE(a, b)
#define UNIQUE_PASTE(a, b)	a##b

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;

static inline u32 atomic_add(u32 *at, u32 add)
{
	return __atomic_fetch_add(at, add, __ATOMIC_SEQ_CST);
}

void *memcpy(void *to, const void *from, size_t size);
void *memset(void *to, int byte, size_t size);
void *memmove(void *to, const void *from, size_t size);
int memcmp(const void *a, const void *b, size_t size);
size_t strlen(const char *s);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t size);
char *strchr(const char *s, int c);

/**
 * parse_number() - read a whole string as an unsigned number
 * @base: 10 or 16, or 0 to go by a "0x" in front
 * @value: set only on success
 *
 * Returns false if @s is empty, has another character, or overflows.
 */
bool parse_number(const char *s, unsigned int base, u64 *value);

/**
 * vsnprintf() - format as C does: %d %i %u %x %X %o %c %s %p %% with flags
 *	`#0- +`, width, precision, `*`, and lengths hh h l ll z t j
 *
 * Returns the length of the whole; at most @size bytes are written, NUL last.
 */
int vsnprintf(char *to, size_t size, const char *fmt, va_list args);
int snprintf(char *to, size_t size, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * printf() - text for the reader of the log
 *
 * Nothing parses it: begin no line with a result word.
 */
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * panic() - the image cannot go on: say why, and leave with ABI_EXIT_ABORT
 */
void panic(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/**
 * argument() - the image's @n-th argument, from 0, or NULL
 */
const char *argument(unsigned int n);

/**
 * parameter() - a number among the arguments, as NAME=VALUE
 * @value: set only if it returns true
 *
 * Such words do not select TESTs.  A value that is no number is a panic().
 */
bool parameter(const char *name, u64 *value);

/**
 * environment() - value of an environment variable, or NULL
 */
const char *environment(const char *name);

/**
 * environment_number() - value of an environment variable that is a number
 * @value: set only if it returns true
 *
 * A value that is no number is a panic() that names the variable.
 */
bool environment_number(const char *name, u64 *value);

#endif
