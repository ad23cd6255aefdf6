/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's portable code: formatting, strings, numbers, beside the C library's. */
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

int guest_snprintf(char *to, size_t size, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
bool guest_parse_number(const char *s, unsigned int base, uint64_t *value);
void *guest_memmove(void *to, const void *from, size_t size);
int guest_memcmp(const void *a, const void *b, size_t size);
size_t guest_strlen(const char *s);
int guest_strcmp(const char *a, const char *b);
int guest_strncmp(const char *a, const char *b, size_t size);
char *guest_strchr(const char *s, int c);

/* Formatted by both, into every length of buffer up to all that is wanted. */
#define SAME(...)							\
	do {								\
		char want[128], got[128];				\
		int length = snprintf(want, sizeof(want), __VA_ARGS__);	\
									\
		for (size_t size = 1; size <= (size_t)length + 2; size++) { \
			memset(got, 'z', sizeof(got));			\
			snprintf(want, size, __VA_ARGS__);		\
			assert_int_equal(guest_snprintf(got, size,	\
							__VA_ARGS__), length); \
			assert_string_equal(got, want);			\
			assert_int_equal(got[size], 'z');		\
		}							\
		assert_int_equal(guest_snprintf(NULL, 0, __VA_ARGS__),	\
				 length);				\
	} while (0)

static void format_integers(void **state)
{
	static const int rows[] = { 0, 1, -1, 9, 10, 42, -42, INT_MAX, INT_MIN };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		int n = rows[i];

		SAME("%d %i %u %x %X %o", n, n, n, n, n, n);
		SAME("%5d|%-5d|%05d|%+d|% d", n, n, n, n, n);
		SAME("%#x|%#X|%#10x|%#010x|%-#10x|", n, n, n, n, n);
		SAME("%.3d|%8.3d|%-8.3d|%+.3d|% .3d", n, n, n, n, n);
		SAME("%*d|%-*d|%.*d", 6, n, 6, n, 4, n);
		SAME("%lld %llu %llx", (long long)n * 1000003, (long long)n * 1000003ull,
		     (long long)n * 1000003ull);
		SAME("%hhu %hhd %hu %hd", (unsigned char)n, (signed char)n,
		     (unsigned short)n, (short)n);
	}
	SAME("%lld %llu", LLONG_MIN, ~0ull);
	SAME("%08lx|%016llx|%zu|%zx|%jd|%td", 0x1234ul, ~0ull, sizeof(int), SIZE_MAX,
	     (intmax_t)-5, (ptrdiff_t)-7);
	SAME("%llu", 12345678901234567890ull);
}

static void format_text(void **state)
{
	(void)state;
	SAME("%s", "");
	SAME("plain");
	SAME("%s|%.2s|%5s|%-5s|%5.1s|%c|%%", "abc", "abc", "abc", "abc", "abc", 'z');
	SAME("%*s|%-*s|%.*s", 6, "abc", 6, "abc", 2, "xyz");
	SAME("%s: %s (error code %#x)", "sgdt", "#GP", 0x18);
	SAME("%3c|%-3c|", 'a', 'b');
}

/* A precision bounds what is read: the text need not end. */
static void format_unterminated(void **state)
{
	char *text = malloc(3), got[8];

	(void)state;
	memcpy(text, "abc", 3);
	assert_int_equal(guest_snprintf(got, sizeof(got), "%.3s", text), 3);
	assert_string_equal(got, "abc");
	free(text);
}

static void format_random(void **state)
{
	static const char *const formats[] = {
		"%llu", "%lld", "%llx", "%#llX", "%20lld|", "%-20llx|", "%020llu", "%+lld",
		"%.12llx", "%18.12llx",
	};

	(void)state;
	srandom(1);
	for (int i = 0; i < 20000; i++) {
		const char *format = formats[i % 10];
		unsigned long long n = ((unsigned long long)random() << 33 ^
					(unsigned long long)random()) >> random() % 64;
		char want[64], got[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(want, sizeof(want), format, n);
		guest_snprintf(got, sizeof(got), format, n);
#pragma GCC diagnostic pop
		assert_string_equal(got, want);
	}
}

static void numbers(void **state)
{
	static const struct {
		const char *text;
		unsigned int base;
		bool good;
		uint64_t value;
	} rows[] = {
		{ "0", 10, true, 0 },
		{ "007", 0, true, 7 },
		{ "18446744073709551615", 10, true, UINT64_MAX },
		{ "18446744073709551616", 10, false, 0 },
		{ "99999999999999999999", 10, false, 0 },
		{ "0xFf", 0, true, 255 },
		{ "0XfF", 16, true, 255 },
		{ "ff", 16, true, 255 },
		{ "ffffffffffffffff", 16, true, UINT64_MAX },
		{ "10000000000000000", 16, false, 0 },
		{ "ff", 0, false, 0 },
		{ "0xff", 10, false, 0 },
		{ "fg", 16, false, 0 },
		{ "", 10, false, 0 },
		{ "0x", 0, false, 0 },
		{ "12a", 10, false, 0 },
		{ "1 ", 10, false, 0 },
		{ " 1", 10, false, 0 },
		{ "-1", 10, false, 0 },
		{ "+1", 10, false, 0 },
		{ "1[", 16, false, 0 },
		{ "1/", 10, false, 0 },
		{ "1:", 10, false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		uint64_t n = 12345;
		bool good = guest_parse_number(rows[i].text, rows[i].base, &n);

		if (good != rows[i].good || (good && n != rows[i].value))
			fail_msg("'%s' in base %u: %d, %llu", rows[i].text, rows[i].base,
				 good, (unsigned long long)n);
		/* What cannot be read changes nothing. */
		if (!good)
			assert_int_equal(n, 12345);
	}
}

static int sign(int n)
{
	return (n > 0) - (n < 0);
}

static void strings(void **state)
{
	static const char *const texts[] = {
		"", "a", "ab", "abc", "abd", "b", "\xff", "a\xff", "abcdefghijklmnopq",
	};
	const size_t count = sizeof(texts) / sizeof(*texts);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(guest_strlen(texts[i]), strlen(texts[i]));
		for (int c = 0; c < 256; c++)
			assert_ptr_equal(guest_strchr(texts[i], c), strchr(texts[i], c));
		for (size_t j = 0; j < count; j++) {
			assert_int_equal(sign(guest_strcmp(texts[i], texts[j])),
					 sign(strcmp(texts[i], texts[j])));
			for (size_t n = 0; n < 5; n++)
				assert_int_equal(sign(guest_strncmp(texts[i], texts[j], n)),
						 sign(strncmp(texts[i], texts[j], n)));
		}
	}
	assert_int_equal(guest_memcmp("a\0b", "a\0c", 2), 0);
	assert_true(guest_memcmp("a\0b", "a\0c", 3) < 0);
	assert_true(guest_memcmp("\xff", "\x01", 1) > 0);
	assert_int_equal(guest_memcmp("a", "b", 0), 0);
}

static void moves(void **state)
{
	char want[40], got[40];

	(void)state;
	for (int from = 0; from < 20; from++) {
		for (int to = 0; to < 20; to++) {
			for (int size = 0; size <= 20; size++) {
				for (int i = 0; i < 40; i++)
					want[i] = got[i] = i;
				memmove(want + to, want + from, size);
				assert_ptr_equal(guest_memmove(got + to, got + from, size),
						 got + to);
				assert_memory_equal(got, want, sizeof(got));
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(format_integers),
		cmocka_unit_test(format_text),
		cmocka_unit_test(format_unterminated),
		cmocka_unit_test(format_random),
		cmocka_unit_test(numbers),
		cmocka_unit_test(strings),
		cmocka_unit_test(moves),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
