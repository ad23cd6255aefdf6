/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's covering arrays: what they promise, counted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "covering.h"

/* More factors or values than a covering array can have. */
void panic(const char *fmt, ...)
{
	(void)fmt;
	fail();
	abort();
}

/* Do @rows have every combination of values that these factors can have? */
static bool covered(const u8 *rows, unsigned int count, unsigned int width,
		    const u8 *levels, const unsigned int *factor,
		    unsigned int factors)
{
	unsigned int all = 1, seen = 0;
	bool *had;

	for (unsigned int k = 0; k < factors; k++)
		all *= levels[factor[k]];
	had = calloc(all, sizeof(*had));
	for (unsigned int i = 0; i < count; i++) {
		unsigned int at = 0;

		for (unsigned int k = 0; k < factors; k++) {
			unsigned int value = rows[i * width + factor[k]];

			assert_true(value < levels[factor[k]]);
			at = at * levels[factor[k]] + value;
		}
		seen += !had[at];
		had[at] = true;
	}
	free(had);
	return seen == all;
}

#define STRENGTH_MOST	3

/* So for any @strength factors; @have of them are chosen already. */
static bool all_covered(const u8 *rows, unsigned int count, unsigned int width,
			const u8 *levels, unsigned int strength,
			unsigned int *chosen, unsigned int have)
{
	if (have == strength)
		return covered(rows, count, width, levels, chosen, strength);
	for (unsigned int f = have ? chosen[have - 1] + 1 : 0; f < width; f++) {
		chosen[have] = f;
		if (!all_covered(rows, count, width, levels, strength, chosen,
				 have + 1))
			return false;
	}
	return true;
}

static const u8 few[] = { 2, 3, 1, 5, 4, 2 };
static const u8 many[] = {
	2, 2, 1, 2, 4, 6, 2, 3, 2, 2, 10, 2, 2, 31, 2, 1, 2, 4, 2, 2,
	2, 2, 2, 3, 6, 6, 2, 2, 4, 2, 12, 3,
};

static u8 *rows_make(struct covering *c, const u8 *levels, unsigned int width,
		     unsigned int count, uint32_t seed)
{
	u8 *rows = malloc(count * width);

	covering_begin(c, levels, width, seed);
	for (unsigned int i = 0; i < count; i++)
		covering_next(c, rows + i * width);
	return rows;
}

static void promise(const u8 *levels, unsigned int width, unsigned int strength,
		    uint32_t seed)
{
	unsigned int count, chosen[STRENGTH_MOST];
	struct covering c;
	u8 *rows;

	covering_begin(&c, levels, width, seed);
	count = covering_rows(&c, strength);
	assert_int_equal(covering_strength(&c), 0);
	rows = rows_make(&c, levels, width, count, seed);
	assert_int_equal(covering_strength(&c), strength);
	assert_true(all_covered(rows, count, width, levels, strength,
				chosen, 0));
	/* As few as can be: half of them do not do. */
	assert_false(all_covered(rows, count / c.prime, width, levels, strength,
				chosen, 0));
	free(rows);
}

static void pairs(void **state)
{
	(void)state;
	for (uint32_t seed = 0; seed < 4; seed++) {
		promise(few, sizeof(few), 2, seed);
		promise(many, sizeof(many), 2, seed);
	}
}

static void triples(void **state)
{
	(void)state;
	promise(few, sizeof(few), 3, 1);
	promise(few, sizeof(few), 3, 7);
}

static void seeds(void **state)
{
	struct covering c;
	u8 *one = rows_make(&c, many, sizeof(many), 20, 1);
	u8 *same = rows_make(&c, many, sizeof(many), 20, 1);
	u8 *other = rows_make(&c, many, sizeof(many), 20, 2);

	(void)state;
	assert_memory_equal(one, same, 20 * sizeof(many));
	assert_memory_not_equal(one, other, 20 * sizeof(many));
	free(one);
	free(same);
	free(other);
}

/* A factor of one value takes no point of the field. */
static void fixed(void **state)
{
	static const u8 levels[60] = { 2, 2, [7] = 1 };
	u8 ones[60];
	struct covering c;

	(void)state;
	for (unsigned int i = 0; i < sizeof(ones); i++)
		ones[i] = levels[i] ?: 1;
	covering_begin(&c, ones, sizeof(ones), 0);
	assert_int_equal(covering_rows(&c, 2), 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(pairs),
		cmocka_unit_test(triples),
		cmocka_unit_test(seeds),
		cmocka_unit_test(fixed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
