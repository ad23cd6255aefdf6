/* SPDX-License-Identifier: BSD-2-Clause */
/* Ranges, the guest's formatting and numbers, and the ledger's reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/host.h"
#include "abi/ledger.h"
#include "base/range.h"
#include "vmm/vm.h"

int guest_snprintf(char *to, size_t size, const char *fmt, ...);
bool guest_parse_number(const char *s, unsigned int base, uint64_t *value);

static void ranges(void **state)
{
	const struct range r = { 0x1000, 0x1000 }, top = { ~0ull - 15, 16 };

	(void)state;
	assert_true(range_contains(r, 0x1000, 0x1000));
	assert_false(range_contains(r, 0x1000, 0x1001));
	assert_false(range_contains(r, 0xfff, 1));
	assert_false(range_contains(r, 0x2000, 1));
	assert_false(range_contains(r, 0x1800, ~0ull));
	assert_false(range_contains(r, 0x1800, 0));
	assert_true(range_contains(top, ~0ull, 1));
	assert_false(range_contains(top, ~0ull, 2));
	assert_true(range_overlaps(r, (struct range){ 0x1fff, 1 }));
	assert_false(range_overlaps(r, (struct range){ 0x2000, 1 }));
	assert_false(range_overlaps(r, (struct range){ 0x1800, 0 }));
}

#define SAME(...)							\
	do {								\
		char want[80], got[80];					\
		int length = snprintf(want, sizeof(want), __VA_ARGS__);	\
									\
		assert_int_equal(guest_snprintf(got, sizeof(got),	\
						__VA_ARGS__), length);	\
		assert_string_equal(got, want);				\
	} while (0)

static void formats(void **state)
{
	(void)state;
	SAME("%d %i %u", -1, 42, 0xffffffffu);
	SAME("%5d|%-5d|%05d|%+d|% d", 42, 42, 42, 42, 42);
	SAME("%x %X %#x %#X %#x", 0xabc, 0xabc, 0xabc, 0xabc, 0);
	SAME("%o %lld %llu", 8, -9223372036854775807ll - 1, ~0ull);
	SAME("%08lx|%.3d|%8.3d|%-8.3dx", 0x1234ul, 7, 7, 7);
	SAME("%s|%.2s|%5s|%-5s|%c|%%", "abc", "abc", "abc", "abc", 'z');
	SAME("%*d|%-*d|%.*s", 6, 1, 6, 1, 2, "xyz");
	SAME("%hhu %hd %zu %jd", 300, 70000, sizeof(int), (intmax_t)-5);
	SAME("%llu", 12345678901234567890ull);
}

static void format_cut(void **state)
{
	char text[4] = "zzz";

	(void)state;
	assert_int_equal(guest_snprintf(text, sizeof(text), "%s", "abcdef"), 6);
	assert_string_equal(text, "abc");
}

static void numbers(void **state)
{
	uint64_t n = 7;

	(void)state;
	assert_true(guest_parse_number("18446744073709551615", 10, &n));
	assert_true(n == ~0ull);
	assert_false(guest_parse_number("18446744073709551616", 10, &n));
	assert_true(guest_parse_number("0xFf", 0, &n));
	assert_int_equal(n, 255);
	assert_true(guest_parse_number("ff", 16, &n));
	assert_false(guest_parse_number("", 10, &n));
	assert_false(guest_parse_number("0x", 0, &n));
	assert_false(guest_parse_number("12a", 10, &n));
}

/* A writer as the guest's, and what the reader took. */
static struct abi_host *host;
static unsigned int taken, last_type;
static char last_text[64];

static void take(void *context, unsigned int type, const void *payload,
		 size_t size)
{
	(void)context;
	taken++;
	last_type = type;
	snprintf(last_text, sizeof(last_text), "%.*s", (int)size,
		 (const char *)payload);
}

static void put(const char *text, bool commit)
{
	uint32_t size = (sizeof(struct abi_record) + strlen(text) + 7) & ~7u;
	uint32_t ring = VM_LEDGER_SIZE - 4096, words[64] = { 0 };
	uint32_t at = host->head & (ring - 1);

	memcpy(words + 2, text, strlen(text));
	words[0] = size << 8 | ABI_RECORD_TEXT;
	words[1] = abi_record_sum(words[0], words + 2);
	if (!commit)
		words[0] = 0;
	for (uint32_t i = 0; i < size / 4; i++)
		memcpy((char *)host + 4096 + ((at + 4 * i) & (ring - 1)),
		       &words[i], 4);
	host->head += size;
}

static int ledger_new(void **state)
{
	(void)state;
	host = calloc(1, VM_LEDGER_SIZE);
	taken = 0;
	return !host;
}

static int ledger_free(void **state)
{
	(void)state;
	free(host);
	return 0;
}

static void ledger_order(void **state)
{
	(void)state;
	put("one", true);
	put("two and more", true);
	assert_int_equal(vm_ledger_drain(host, false, take, NULL), 0);
	assert_int_equal(taken, 2);
	assert_int_equal(last_type, ABI_RECORD_TEXT);
	assert_string_equal(last_text, "two and more");
	assert_int_equal(host->tail, host->head);
}

static void ledger_uncommitted(void **state)
{
	(void)state;
	put("one", true);
	put("never finished", false);
	put("three", true);
	assert_int_equal(vm_ledger_drain(host, false, take, NULL), 0);
	assert_int_equal(taken, 1);
	assert_true(vm_ledger_drain(host, true, take, NULL) > 0);
	assert_int_equal(taken, 2);
	assert_string_equal(last_text, "three");
}

static void ledger_wraps(void **state)
{
	(void)state;
	host->head = host->tail = -24u;
	for (int i = 0; i < 300000; i++) {
		put("a record", true);
		if (i % 1000 == 0)
			vm_ledger_drain(host, false, take, NULL);
	}
	vm_ledger_drain(host, false, take, NULL);
	assert_int_equal(taken, 300000);
}

static void ledger_garbage(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 20; round++) {
		for (int i = 0; i < 4096; i++)
			((uint8_t *)host)[4096 + random() % 65536] = random();
		host->head += random() % 65536;
		vm_ledger_drain(host, true, take, NULL);
	}
	host->head = host->tail + 0x7fffffff;
	vm_ledger_drain(host, true, take, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(formats),
		cmocka_unit_test(format_cut),
		cmocka_unit_test(numbers),
		cmocka_unit_test_setup_teardown(ledger_order, ledger_new,
						ledger_free),
		cmocka_unit_test_setup_teardown(ledger_uncommitted, ledger_new,
						ledger_free),
		cmocka_unit_test_setup_teardown(ledger_wraps, ledger_new,
						ledger_free),
		cmocka_unit_test_setup_teardown(ledger_garbage, ledger_new,
						ledger_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
