/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vocabulary of a test of KVM's interface: that of lib/test.h, for programs of
 * the host's.
 *
 * A file of api/ has any number of TESTs.  Each runs in a process of its own, so
 * that nothing has to be given back, and its end, whatever it is, is its own.
 */
#ifndef HOST_API_TEST_H
#define HOST_API_TEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "abi/image.h"
#include "abi/verdict.h"

/* A TEST as the program lists it, in the words of enum abi_test_word. */
struct test {
	const char *name;
	const char *text;
	const char *file;
	unsigned long line;
	void (*run)(void);
	const unsigned int *needs;	/* KVM_CAP_…, ended by TEST_END */
	const char *needs_text;
	const unsigned int *lacks;
	const char *lacks_text;
	const unsigned int *devices;
	const char *devices_text;
	unsigned long cpus;
	unsigned long memory;
	const char *xfail;
	unsigned long ends;
	const char *xfail_on;
};

_Static_assert(sizeof(struct test) == ABI_TEST_WORDS * sizeof(long),
	       "the runner reads TESTs as words");
_Static_assert(offsetof(struct test, ends) == ABI_TEST_ENDS * sizeof(long),
	       "words in ABI order");

#define TEST_END	(~0u)		/* KVM_CAP_IRQCHIP is 0 */

/**
 * TEST(id, "sentence", attributes…) { body } - one test, registered by existing
 */
#define TEST(id, sentence, ...)						\
	static void test_run_##id(void);				\
	static const struct test test_##id				\
	__attribute__((used, section("api_tests"),			\
		       aligned(sizeof(long)))) = {			\
		.name = #id, .text = (sentence), .file = __FILE__,	\
		.line = __LINE__, .run = test_run_##id, ##__VA_ARGS__	\
	};								\
	static void test_run_##id(void)

/* What a TEST needs, KVM_CAP_…: where one is absent, the TEST is SKIP. */
#define REQUIRES(...)	.needs = (const unsigned int[]){ __VA_ARGS__, TEST_END }, \
			.needs_text = #__VA_ARGS__

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

/**
 * for_each(p, array) - @p points at each element of @array in turn
 */
#define for_each(p, array)						\
	for (__typeof__(&(array)[0]) p = (array); p < (array) + ARRAY_SIZE(array); p++)

struct subtest {
	size_t mark;			/* length of the path outside */
	unsigned int held, failed;	/* direct checks */
	bool skipped;
	struct subtest *outer;
};

/**
 * SUBTEST("fmt", …) { } - names the checks that follow
 *
 * They become one result line, "TEST: SUBTEST".  It may be left early and may be
 * nested.
 */
#define SUBTEST(...)	SUBTEST_ON(__LINE__, __VA_ARGS__)
#define SUBTEST_ON(line, ...)	SUBTEST_AT(line, __VA_ARGS__)
#define SUBTEST_AT(line, ...)						\
	for (struct subtest subtest_##line				\
	     __attribute__((cleanup(subtest_leave))),			\
	     *once_##line = subtest_begin(&subtest_##line, __VA_ARGS__);	\
	     once_##line; once_##line = NULL)
struct subtest *subtest_begin(struct subtest *subtest, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
void subtest_leave(struct subtest *subtest);

/* Where a check stands. */
struct check {
	const char *file;
	const char *expression;
	unsigned int line;
};

#define CHECK_HERE(text)	(&(const struct check){ __FILE__, text, __LINE__ })

/**
 * EXPECT(condition) - record whether it holds, and go on
 * EXPECT_EQ(got, want) - the same for two integers, with their values
 * EXPECT_DONE(result) - the same for a call(): it succeeds
 * EXPECT_ERROR(result, number) - the same: it fails, with this errno
 *
 * Each is an expression: true if it held.
 */
#define EXPECT(condition)						\
	check_condition(CHECK_HERE(#condition), (condition))
#define EXPECT_EQ(got, want)						\
	check_equal(CHECK_HERE(#got " == " #want), (uint64_t)(got), (uint64_t)(want))
#define EXPECT_DONE(result)	check_done(CHECK_HERE(#result), (result))
#define EXPECT_ERROR(result, number)					\
	check_error(CHECK_HERE(#result), (result), (number))

/**
 * REQUIRE(condition), REQUIRE_EQ, REQUIRE_DONE - the same, but a failure ends the TEST
 */
#define REQUIRE(condition)						\
	do {								\
		if (!check_condition(CHECK_HERE(#condition), (condition)))	\
			test_leave();					\
	} while (0)
#define REQUIRE_EQ(got, want)						\
	do {								\
		if (!check_equal(CHECK_HERE(#got " == " #want), (uint64_t)(got), \
				 (uint64_t)(want)))			\
			test_leave();					\
	} while (0)
#define REQUIRE_DONE(result)						\
	do {								\
		if (!check_done(CHECK_HERE(#result), (result)))		\
			test_leave();					\
	} while (0)

bool check_condition(const struct check *check, bool held);
bool check_equal(const struct check *check, uint64_t got, uint64_t want);
bool check_done(const struct check *check, int result);
bool check_error(const struct check *check, int result, int number);

/**
 * check_explained() - the general form: a failure says what @fmt says
 */
bool check_explained(const struct check *check, bool held, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/**
 * skip() - a declared need turned out to be absent; `return skip("no %s", x);`
 *
 * Marks the innermost SUBTEST, or the TEST.  A failed check outweighs it.
 */
void skip(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * error() - this TEST cannot tell: it ends now
 */
void error(const char *fmt, ...) __attribute__((noreturn, format(printf, 1, 2)));

/**
 * test_leave() - end the TEST now, from any depth
 */
void test_leave(void) __attribute__((noreturn));

/**
 * METRIC("name", value, "unit") - a measured value, for reports and baselines
 */
#define METRIC(name, value, unit)	metric(name, value, unit)
void metric(const char *name, uint64_t value, const char *unit);

/* Between the process of a TEST and the one that waits for it (host/api/main.c). */
struct tally {
	unsigned int results[ABI_RESULT_COUNT];
	bool ended;			/* the TEST's own result has been told */
};

/**
 * test_begin() - this process is the TEST's from now on
 * @tally: shared with the parent
 */
void test_begin(const struct test *test, struct tally *tally);

/**
 * test_result() - tell a result
 * @what: of what, a reason in parentheses included
 */
void test_result(struct tally *tally, enum abi_result result, const char *what);

#endif
