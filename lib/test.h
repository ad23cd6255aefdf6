/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vocabulary of a test: all that an author must learn.
 *
 * A file has any number of TESTs.  They register themselves, run in file order
 * and are independent of each other.  docs/writing-tests.md is the tutorial.
 */
#ifndef TEST_H
#define TEST_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <abi/image.h>
#include <abi/verdict.h>
#include <asm/cpu.h>
#include <base.h>
#include <device.h>
#include <fault.h>

/* A TEST as the image lists it: struct abi_image tells the host of this table. */
struct test {
	const char *name;
	const char *text;
	const char *file;
	unsigned long line;
	void (*run)(void);
	const unsigned int *needs;	/* CPU features, ended by 0 */
	const char *needs_text;
	const unsigned int *lacks;
	const char *lacks_text;
	const unsigned int *devices;	/* enum device, ended by 0 */
	const char *devices_text;
	unsigned long cpus;
	unsigned long memory;
	const char *xfail;
	unsigned long ends;
	const char *xfail_on;
};

_Static_assert(sizeof(struct test) == ABI_TEST_WORDS * sizeof(long),
	       "the host reads TESTs as words");
_Static_assert(offsetof(struct test, cpus) == ABI_TEST_CPUS * sizeof(long),
	       "words in ABI order");

/**
 * TEST(id, "sentence", attributes…) { body } - one test, registered by existing
 *
 * The section's suffix is the line: the linker sorts by it, as compilers
 * reorder what they emit.
 */
#define TEST(id, sentence, ...) TEST_ON(id, sentence, __LINE__, ##__VA_ARGS__)
#define TEST_ON(...)	TEST_AT(__VA_ARGS__)	/* expands __LINE__ first */
#define TEST_AT(id, sentence, at, ...)					\
	static void test_run_##id(void);				\
	static const struct test test_##id				\
	__attribute__((used, section(".tests." #at),			\
		       aligned(sizeof(long)))) = {			\
		.name = #id, .text = (sentence), .file = __FILE__,	\
		.line = (at), .run = test_run_##id, ##__VA_ARGS__	\
	};								\
	static void test_run_##id(void)

/* Attributes: what a TEST needs; where it is absent, the TEST is SKIP. */
#define REQUIRES(...)	.needs = (const unsigned int[]){ __VA_ARGS__, 0 }, \
			.needs_text = #__VA_ARGS__
#define LACKS(...)	.lacks = (const unsigned int[]){ __VA_ARGS__, 0 }, \
			.lacks_text = #__VA_ARGS__
#define DEVICE(...)	.devices = (const unsigned int[]){ __VA_ARGS__, 0 }, \
			.devices_text = #__VA_ARGS__
#define CPUS(n)		.cpus = (n)
#define MEMORY(bytes)	.memory = (bytes)
/* It must fail, for this reason; passing is XPASS. */
#define XFAIL(reason)	.xfail = (reason)
/*
 * It must fail on the hypervisor with this signature, for this reason; e.g.
 * XFAIL_ON(HYPERVISOR_TCG, "…").  Elsewhere it must pass.
 */
#define XFAIL_ON(hypervisor, reason)					\
	.xfail = (reason), .xfail_on = (hypervisor)
/*
 * The machine must die this way, e.g. ENDS(SHUTDOWN).  Such a TEST runs only
 * when it is named; the runner gives each a machine of its own.
 */
#define ENDS(how)	.ends = ABI_ENDS_##how
/*
 * It asks whoever runs it to migrate the machine (migrate.h), and goes on there; so it
 * runs only when it is named, too.
 */
#define MIGRATES	.ends = ABI_ENDS_MIGRATION

/**
 * ARGUMENTS("usage") - the image's arguments are data, and do not select TESTs
 */
#define ARGUMENTS(usage)	const char image_arguments[] = usage

/**
 * ONLY_ON(x86_64, …) - this file is for these architectures only
 *
 * Stands at the start of a line, where the Makefile finds it.
 */
#define ONLY_ON(...)	_Static_assert(1, #__VA_ARGS__)

/**
 * for_each(p, array) - @p points at each element of @array in turn
 */
#define for_each(p, array)						\
	for (__typeof__(&(array)[0]) p = (array);			\
	     p < (array) + ARRAY_SIZE(array); p++)

/*
 * Scopes: what a scope changed is given back when it is left in whatever way,
 * `break` and `return`, a failed REQUIRE and an unexpected fault included.
 * A scope is the first member of a larger structure.
 */
struct scope {
	struct scope *outer;
	void (*leave)(struct scope *scope);
};

/**
 * scope_enter() - from now on @scope->leave is owed
 * @leave: undoes the change; called exactly once
 */
void scope_enter(struct scope *scope, void (*leave)(struct scope *scope));

/**
 * scope_exit() - pay what is owed for @scope, the innermost one
 */
void scope_exit(struct scope *scope);

/**
 * SCOPE(type, begin) - a statement's worth of scope, as `for` loop of one round
 * @type: structure that begins with struct scope
 * @begin: function of (type *, …) that makes the change and calls scope_enter()
 */
#define SCOPE(type, begin, ...)						\
	SCOPE_NAMED(UNIQUE(scope_), UNIQUE(once_), type, begin, ##__VA_ARGS__)
#define SCOPE_NAMED(var, once, type, begin, ...)			\
	for (struct type var __attribute__((cleanup(scope_cleanup))),	\
	     *once = (begin(&var, ##__VA_ARGS__), &var); once; once = NULL)
void scope_cleanup(void *scope);

struct subtest {
	struct scope scope;
	uint16_t mark;			/* length of the path outside */
	uint16_t skipped;		/* skip() was called in it */
	uint32_t held, failed;		/* direct checks; outer's while in inner */
	uint32_t outer_held, outer_failed;
	struct subtest *outer;
};

/**
 * SUBTEST("fmt", …) { } - names the checks that follow
 *
 * The checks directly in it become one result line, "TEST: SUBTEST".  It may
 * be left early and may be nested.  Only the boot CPU may enter one.
 */
#define SUBTEST(...)	SCOPE(subtest, subtest_begin, __VA_ARGS__)
void subtest_begin(struct subtest *subtest, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* Where a check stands; one constant per check, so that passing is cheap. */
struct check {
	const char *file;
	const char *expression;
	unsigned int line;
};

#define CHECK_HERE(text)	({					\
	static const struct check here = { __FILE__, text, __LINE__ };	\
	&here;								\
})

/**
 * EXPECT(condition) - record whether it holds, and go on
 * EXPECT_EQ(got, want) - the same for two integers, with their values
 * EXPECT_FAULT(want, got) - the same for two faults; a page fault's address is
 *	compared only if @want has one (FAULT_PF_AT)
 *
 * Each is an expression: true if it held.  Any CPU may check.
 */
#define EXPECT(condition)						\
	check_condition(CHECK_HERE(#condition), (condition))
#define EXPECT_EQ(got, want)						\
	check_equal(CHECK_HERE(#got " == " #want),			\
		    (uint64_t)(got), (uint64_t)(want))
#define EXPECT_FAULT(want, got)						\
	check_fault(CHECK_HERE(#got), want, got)

/**
 * REQUIRE(condition), REQUIRE_EQ, REQUIRE_FAULT - the same, but a failure ends
 * the TEST
 */
#define REQUIRE(condition)						\
	do { if (!EXPECT(condition)) test_leave(); } while (0)
#define REQUIRE_EQ(got, want)						\
	do { if (!EXPECT_EQ(got, want)) test_leave(); } while (0)
#define REQUIRE_FAULT(want, got)					\
	do { if (!EXPECT_FAULT(want, got)) test_leave(); } while (0)

bool check_condition(const struct check *check, bool held);
bool check_equal(const struct check *check, uint64_t got, uint64_t want);
bool check_fault(const struct check *check, struct fault want,
		 struct fault got);

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
 * error() - this TEST cannot tell; `return error("…");`
 */
void error(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/**
 * test_leave() - end the TEST now, from any depth; its scopes are left
 *
 * On another CPU than the boot CPU it ends the function that on_cpu() runs,
 * and the TEST as soon as the boot CPU waits for it.
 */
void test_leave(void) __attribute__((noreturn));

/**
 * METRIC("name", value, "unit") - a measured value, for reports and baselines
 */
#define METRIC(name, value, unit)	metric(name, value, unit)
void metric(const char *name, uint64_t value, const char *unit);

/**
 * median() - the median of @n values, which get sorted
 */
uint64_t median(uint64_t *values, unsigned int n);

#endif
