/* SPDX-License-Identifier: BSD-2-Clause */
/* host/base: ranges, text in fixed buffers, memory that grows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/range.h"
#include "base/str.h"

static void range_edges(void **state)
{
	const struct range r = { 0x1000, 0x1000 }, top = { ~0ull - 15, 16 };
	const struct range all = { 0, ~0ull }, none = { 0x1000, 0 };

	(void)state;
	assert_true(range_contains(r, 0x1000, 0x1000));
	assert_false(range_contains(r, 0x1000, 0x1001));
	assert_false(range_contains(r, 0xfff, 1));
	assert_true(range_contains(r, 0x1fff, 1));
	assert_false(range_contains(r, 0x1fff, 2));
	assert_false(range_contains(r, 0x2000, 1));
	assert_false(range_contains(r, 0x1800, 0));
	assert_false(range_contains(none, 0x1000, 1));
	assert_false(range_contains(none, 0x1000, 0));
	assert_true(range_contains(all, 0, ~0ull));
	assert_false(range_contains(all, ~0ull, 1));
	/* No sum may wrap. */
	assert_false(range_contains(r, 0x1800, ~0ull));
	assert_false(range_contains(r, 0x1001, ~0ull - 0x1000));
	assert_false(range_contains(r, ~0ull, 0x1002));
	assert_true(range_contains(top, ~0ull, 1));
	assert_true(range_contains(top, ~0ull - 15, 16));
	assert_false(range_contains(top, ~0ull, 2));
	assert_false(range_contains(top, 0, 1));
}

static void range_meetings(void **state)
{
	static const struct {
		struct range a, b;
		bool overlap;
	} rows[] = {
		{ { 0x1000, 0x1000 }, { 0x1000, 0x1000 }, true },
		{ { 0x1000, 0x1000 }, { 0x1fff, 1 }, true },
		{ { 0x1000, 0x1000 }, { 0x1fff, 0x1000 }, true },
		{ { 0x1000, 0x1000 }, { 0x2000, 1 }, false },
		{ { 0x1000, 0x1000 }, { 0xfff, 1 }, false },
		{ { 0x1000, 0x1000 }, { 0xfff, 2 }, true },
		{ { 0x1000, 0x1000 }, { 0, ~0ull }, true },
		{ { 0x1000, 0x1000 }, { 0x1800, 0 }, false },
		{ { 0x1000, 0 }, { 0x1000, 0 }, false },
		{ { ~0ull, 1 }, { 0, 1 }, false },
		{ { ~0ull, 1 }, { ~0ull - 1, 2 }, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		assert_int_equal(range_overlaps(rows[i].a, rows[i].b), rows[i].overlap);
		assert_int_equal(range_overlaps(rows[i].b, rows[i].a), rows[i].overlap);
	}
}

static void str_is_cut(void **state)
{
	char buffer[8];
	struct str s = str_on(buffer, sizeof(buffer));

	(void)state;
	assert_string_equal(buffer, "");
	assert_true(str_add(&s, "%s", "abc"));
	assert_true(str_add(&s, "%d", 1234));
	assert_int_equal(s.length, 7);
	assert_false(str_add(&s, "x"));
	assert_string_equal(buffer, "abc1234");
	/* Once cut, cut: a later word may not seem to follow. */
	assert_false(str_add(&s, "%s", ""));
	s = str_on(buffer, sizeof(buffer));
	assert_false(str_add(&s, "%s", "0123456789"));
	assert_string_equal(buffer, "0123456");
	assert_int_equal(s.length, 7);
	s = str_on(buffer, 1);
	assert_false(str_add(&s, "a"));
	assert_string_equal(buffer, "");
}

static void str_takes_bytes(void **state)
{
	char buffer[8];
	struct str s = str_on(buffer, sizeof(buffer));

	(void)state;
	assert_true(str_add_bytes(&s, "abcdef", 3));
	assert_true(str_add_bytes(&s, "", 0));
	assert_string_equal(buffer, "abc");
	assert_false(str_add_bytes(&s, "defgh", 5));
	assert_string_equal(buffer, "abcdefg");
	assert_false(str_add_bytes(&s, "h", 1));
	assert_int_equal(s.length, 7);
}

static void str_words(void **state)
{
	const char *text = "  one,,two  ", *word;
	size_t length;

	(void)state;
	word = str_word(&text, " ,", &length);
	assert_true(word && str_same(word, length, "one"));
	assert_false(str_same(word, length, "on"));
	assert_false(str_same(word, length, "one,"));
	word = str_word(&text, " ,", &length);
	assert_true(word && str_same(word, length, "two"));
	assert_null(str_word(&text, " ,", &length));
	assert_null(str_word(&text, " ,", &length));
}

static void str_neighbours(void **state)
{
	size_t best = 4;
	char name[65];

	(void)state;
	assert_true(str_nearest("timeuot", 7, "timeout", &best));
	assert_int_equal(best, 2);
	assert_false(str_nearest("timeuot", 7, "groups", &best));
	assert_int_equal(best, 2);
	assert_true(str_nearest("timeuot", 7, "timeuot", &best));
	assert_int_equal(best, 0);
	best = 100;
	memset(name, 'a', sizeof(name));
	name[64] = '\0';
	assert_false(str_nearest("a", 1, name, &best));
	name[63] = '\0';
	assert_true(str_nearest("a", 1, name, &best));
	assert_int_equal(best, 62);
	best = 5;
	assert_true(str_nearest("", 0, "abc", &best));
	assert_int_equal(best, 3);
}

static void buf_grows(void **state)
{
	struct buf buf = { 0 };
	char *taken;

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&buf, "%d,", i % 10);
	assert_int_equal(buf.length, 2000);
	buf_add(&buf, "a\0b", 3);
	assert_int_equal(buf.length, 2003);
	assert_memory_equal(buf.data + 2000, "a\0b", 3);
	taken = buf_take(&buf);
	assert_int_equal(strlen(taken), 2001);
	assert_int_equal(buf.length, 0);
	free(taken);
	buf_printf(&buf, "%5000d", 1);
	assert_int_equal(strlen(buf_text(&buf)), 5000);
	buf_free(&buf);
	assert_null(buf.data);
	taken = buf_take(&buf);
	assert_string_equal(taken, "");
	free(taken);
}

static void mem_arrays(void **state)
{
	unsigned int *array = NULL;
	char *copy = mem_text("abcdef", 3);

	(void)state;
	for (unsigned int i = 0; i < 1000; i++) {
		array = mem_grow(array, i, sizeof(*array));
		array[i] = i;
	}
	for (unsigned int i = 0; i < 1000; i++)
		assert_int_equal(array[i], i);
	free(array);
	assert_string_equal(copy, "abc");
	free(copy);
	assert_null(mem_copy(NULL));
	free(mem_new(0));
}

static void maps(void **state)
{
	struct map map = { 0 };
	char name[16];

	(void)state;
	assert_null(map_find(&map, "a"));
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "name %u", i);
		*map_at(&map, name) += i;
	}
	for (unsigned int i = 0; i < 1000; i++) {
		snprintf(name, sizeof(name), "name %u", i);
		assert_int_equal(*map_find(&map, name), i);
		assert_int_equal(*map_at(&map, name), i);
	}
	assert_int_equal(map.count, 1000);
	assert_null(map_find(&map, "name"));
	assert_int_equal(*map_at(&map, ""), 0);
	assert_non_null(map_find(&map, ""));
	map_free(&map);
	assert_null(map_find(&map, ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(range_edges),
		cmocka_unit_test(range_meetings),
		cmocka_unit_test(str_is_cut),
		cmocka_unit_test(str_takes_bytes),
		cmocka_unit_test(str_words),
		cmocka_unit_test(str_neighbours),
		cmocka_unit_test(buf_grows),
		cmocka_unit_test(mem_arrays),
		cmocka_unit_test(maps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
