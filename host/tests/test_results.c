/* SPDX-License-Identifier: BSD-2-Clause */
/* Results in files, what makes failures the same, and whether measures differ. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/buf.h"
#include "runner/fingerprint.h"
#include "runner/host_facts.h"
#include "runner/results_file.h"
#include "runner/run_set.h"
#include "runner/statistics.h"

static struct results *case_make(const char *name, const char *verdict, const char *got)
{
	struct results *results = mem_new(sizeof(*results));
	struct result_item *item;
	struct check_item *check;
	struct test_item *test;

	results->name = mem_copy(name);
	results->image = mem_copy("x86/a.flat");
	results->arch = mem_copy("x86_64");
	results->verdict = mem_copy(verdict);
	results->text = mem_copy("tab\there, line\nbreak, back\\slash, \r");
	results->duration_ns = UINT64_MAX;
	test = results_add_test(results);
	test->name = mem_copy("t");
	test->sentence = mem_copy("");
	item = results_add_item(results);
	item->test = 0;
	item->word = mem_copy(got ? "FAIL" : "PASS");
	item->path = mem_copy("s");
	if (!got)
		return results;
	item->checks = 1;
	check = results_add_check(results);
	check->file = mem_copy("x86/a.c");
	check->line = 7;
	check->expression = mem_copy("f() == 5");
	check->expected = mem_copy("5");
	check->got = mem_copy(got);
	return results;
}

static char *write_file(const char *bytes, size_t size)
{
	char *path = mem_copy("/tmp/flatbed-results-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
	return path;
}

static bool set_read(struct run_set *set, const char *bytes, size_t size, char *why)
{
	char *path = write_file(bytes, size);
	bool good = run_set_load(set, path, why, 300);

	unlink(path);
	free(path);
	return good;
}

static void file_round_trip(void **state)
{
	struct run_info run = { .id = mem_copy("1"), .jobs = 4 };
	struct results *one = case_make("a", "FAIL", "4");
	const struct results *back;
	struct run_set set = { 0 };
	struct buf out = { 0 };
	char why[300];

	(void)state;
	results_write_run(&out, &run);
	results_write_case(&out, one);
	assert_true(set_read(&set, out.data, out.length, why));
	assert_int_equal(set.count, 1);
	assert_int_equal(set.runs[0].jobs, 4);
	back = run_set_find(&set, one);
	assert_non_null(back);
	assert_string_equal(back->text, one->text);
	assert_true(back->duration_ns == UINT64_MAX);
	assert_null(back->ending);
	assert_int_equal(back->check_count, 1);
	assert_int_equal(back->checks[0].line, 7);
	assert_string_equal(results_test_name(back, back->items[0].test), "t");
	assert_true(fingerprint_case(back) == fingerprint_case(one));
	run_set_free(&set);
	results_free(one);
	run_info_free(&run);
	buf_free(&out);
}

/* Whatever the byte at which the runner died: complete cases, and no others. */
static void file_torn(void **state)
{
	struct results *one = case_make("a", "PASS", NULL), *two = case_make("b", "FAIL", "4");
	struct run_info run = { .id = mem_copy("1") };
	struct buf out = { 0 };
	size_t first, begin;
	char why[300];

	(void)state;
	results_write_run(&out, &run);
	begin = out.length;
	results_write_case(&out, one);
	first = out.length;
	results_write_case(&out, two);
	for (size_t size = begin; size <= out.length; size += size < first ? 13 : 7) {
		struct run_set set = { 0 };

		assert_true(set_read(&set, out.data, size, why));
		assert_int_equal(set.count, size < first ? 0 : size < out.length ? 1 : 2);
		run_set_free(&set);
	}
	results_free(one);
	results_free(two);
	run_info_free(&run);
	buf_free(&out);
}

static void file_foreign(void **state)
{
	static const char *const texts[] = {
		"", "\n", "flatbed-results\t2\nrun\tid=1\n", "#!/bin/sh\n", "flatbed-results\t1",
	};
	static const char odd[] = "flatbed-results\t1\nrun\tid=1\nnew\tx=y\n"
		"case\tname=a\tverdict=PASS\tnew=1\nresult\tcheck=9\tchecks=9\nend\n"
		"end\nresult\tword=PASS\n\ncase\tverdict=PASS\nend\n"
		"case\tname=b\tverdict=PASS\tduration_ns=x\nresult\n=\t=\nend\n";
	struct run_set set = { 0 };
	char why[300];

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_false(set_read(&set, texts[i], strlen(texts[i]), why));
		assert_non_null(strstr(why, "not the results of a run"));
	}
	assert_false(run_set_load(&set, "/nowhere/at/all", why, sizeof(why)));
	/* Of odd cases, those that are sound are taken. */
	assert_true(set_read(&set, odd, sizeof(odd) - 1, why));
	assert_int_equal(set.count, 1);
	assert_string_equal(set.cases[0]->name, "b");
	run_set_free(&set);
}

static void fingerprints(void **state)
{
	struct results *a = case_make("a", "FAIL", "4"), *b = case_make("a", "FAIL", "4");

	(void)state;
	b->checks[0].line++;
	assert_true(fingerprint_case(a) == fingerprint_case(b));
	b->ending = mem_copy("shutdown");
	assert_false(fingerprint_case(a) == fingerprint_case(b));
	results_free(b);
	b = case_make("a", "FAIL", "6");
	assert_false(fingerprint_case(a) == fingerprint_case(b));
	assert_int_equal(relation_of(a, b), RELATION_CHANGED);
	assert_int_equal(relation_of(a, a), RELATION_SAME);
	assert_int_equal(relation_of(NULL, a), RELATION_NEW);
	results_free(b);
	b = case_make("a", "PASS", NULL);
	assert_int_equal(relation_of(a, b), RELATION_FIXED);
	assert_int_equal(relation_of(b, a), RELATION_NEW);
	assert_int_equal(relation_of(NULL, b), RELATION_ADDED);
	results_free(a);
	a = case_make("a", "SKIP", NULL);
	assert_int_equal(relation_of(b, a), RELATION_LOST);
	assert_int_equal(relation_of(a, a), RELATION_SKIP);
	results_free(a);
	results_free(b);
	/* Where a text ends is part of it. */
	assert_false(hash_text(hash_text(HASH_START, "ab"), "c") ==
		     hash_text(hash_text(HASH_START, "a"), "bc"));
	assert_false(hash_text(HASH_START, "") == hash_text(HASH_START, NULL));
}

static double test_of(size_t a_count, const double *a, size_t b_count, const double *b)
{
	struct sample one = { 0 }, other = { 0 };
	double p;

	for (size_t i = 0; i < a_count; i++)
		sample_add(&one, a[i]);
	for (size_t i = 0; i < b_count; i++)
		sample_add(&other, b[i]);
	p = mann_whitney(&one, &other);
	sample_free(&one);
	sample_free(&other);
	return p;
}

static void near(double got, double want)
{
	if (fabs(got - want) > 1e-4)
		fail_msg("got %g, not %g", got, want);
}

/* By hand: so many of the orders are at least as extreme. */
static void rank_sums(void **state)
{
	static const double low[] = { 1, 2, 3, 4, 5 }, high[] = { 6, 7, 8, 9, 10 };
	static const double mixed[] = { 1, 3, 5, 7, 9 }, between[] = { 2, 4, 6, 8, 10 };
	static const double ties[] = { 1, 1, 2, 2, 3 }, more[] = { 2, 3, 3, 4, 4 };
	static const double same[] = { 5, 5, 5 };
	double many[30], later[30];

	(void)state;
	near(test_of(3, low, 3, high), 2.0 / 20);
	near(test_of(5, low, 5, high), 2.0 / 252);
	near(test_of(5, high, 5, low), 2.0 / 252);
	near(test_of(1, low, 1, high), 1);
	near(test_of(0, low, 5, high), 1);
	near(test_of(5, mixed, 5, between), 174.0 / 252);
	near(test_of(3, same, 3, same), 1);
	/* Ranks 1.5 1.5 4 4 7: U = 3, 9 from the mean less a half; ties of 2, 3, 3 and 2. */
	near(test_of(5, ties, 5, more), erfc(9 / sqrt(25 / 12.0 * (11 - 60 / 90.0)) / M_SQRT2));
	for (int i = 0; i < 30; i++) {
		many[i] = i;
		later[i] = i + 0.5;
	}
	assert_true(test_of(30, many, 30, later) > 0.5);
	near(mann_whitney_least(5, 5), 2.0 / 252);
	near(mann_whitney_least(1, 1), 1);
	near(mann_whitney_least(0, 9), 1);
}

static void versions(void **state)
{
	(void)state;
	assert_true(version_compare("6.9.0", "6.10") < 0);
	assert_true(version_compare("6.10", "6.9") > 0);
	assert_int_equal(version_compare("6.1.0-13-amd64", "6.1"), 0);
	assert_true(version_compare("5.19", "6") < 0);
	assert_true(version_compare("6", "6.1") < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_round_trip), cmocka_unit_test(file_torn),
		cmocka_unit_test(file_foreign), cmocka_unit_test(fingerprints),
		cmocka_unit_test(rank_sums), cmocka_unit_test(versions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
