/* SPDX-License-Identifier: BSD-2-Clause */
/* Strings and blocks of memory; memcpy(), memset() and strlen() are in <asm/string.h>. */
#include <asm/string.h>
#include <base.h>

void *memmove(void *to, const void *from, size_t size)
{
	u8 *t = to;
	const u8 *f = from;

	if (t <= f || t >= f + size)
		return memcpy(to, from, size);
	while (size--)
		t[size] = f[size];
	return to;
}

int memcmp(const void *a, const void *b, size_t size)
{
	const u8 *x = a, *y = b;

	for (; size; size--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

int strncmp(const char *a, const char *b, size_t size)
{
	for (; size; size--, a++, b++)
		if (*a != *b || !*a)
			return (u8)*a - (u8)*b;
	return 0;
}

int strcmp(const char *a, const char *b)
{
	return strncmp(a, b, SIZE_MAX);
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

bool parse_number(const char *s, unsigned int base, u64 *value)
{
	u64 sum = 0;

	if (!base)
		base = s[0] == '0' && (s[1] | 0x20) == 'x' ? 16 : 10;
	if (base == 16 && s[0] == '0' && (s[1] | 0x20) == 'x')
		s += 2;
	if (!*s)
		return false;
	for (; *s; s++) {
		unsigned int digit = *s - '0';

		if (digit > 9)
			digit = (unsigned int)((*s | 0x20) - 'a') < 6 ?
				(unsigned int)((*s | 0x20) - 'a' + 10) : base;
		if (digit >= base || __builtin_mul_overflow(sum, base, &sum) ||
		    __builtin_add_overflow(sum, digit, &sum))
			return false;
	}
	*value = sum;
	return true;
}
