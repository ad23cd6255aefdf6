/* SPDX-License-Identifier: BSD-2-Clause */
/* The process of one TEST: its checks, and what comes of them. */
#include "api/mutate.h"
#include "api/test.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const result_names[] = {
#define RESULT_NAME(name) [ABI_RESULT_##name] = #name,
	ABI_RESULTS(RESULT_NAME)
#undef RESULT_NAME
};

/* The TEST that runs.  A thread may check, too. */
static struct {
	const struct test *test;
	struct tally *tally;
	pthread_mutex_t lock;
	unsigned int held, failed;	/* all its checks */
	bool skipped, erred;
	struct subtest *subtest;	/* innermost */
	char reason[160];		/* of skip() and error() */
	char path[256];			/* of SUBTESTs, "outer: inner" */
} current = { .lock = PTHREAD_MUTEX_INITIALIZER };

void test_result(struct tally *tally, enum abi_result result, const char *what)
{
	tally->results[result]++;
	printf("%s: %s\n", result_names[result], what);
}

/* "TEST: SUBTEST (reason)" */
static void result_line(enum abi_result result, const char *reason)
{
	bool sub = current.path[0], why = reason[0];
	char line[480];

	snprintf(line, sizeof(line), "%s%s%s%s%s%s", current.test->name, sub ? ": " : "",
		 current.path, why ? " (" : "", reason, why ? ")" : "");
	test_result(current.tally, result, line);
}

struct subtest *subtest_begin(struct subtest *subtest, const char *fmt, ...)
{
	size_t mark = strlen(current.path), at = mark;
	va_list args;

	*subtest = (struct subtest){ .mark = mark, .outer = current.subtest };
	if (mark)
		at += snprintf(current.path + at, sizeof(current.path) - at, ": ");
	va_start(args, fmt);
	vsnprintf(current.path + at, sizeof(current.path) - at, fmt, args);
	va_end(args);
	current.subtest = subtest;
	return subtest;
}

void subtest_leave(struct subtest *subtest)
{
	if (subtest->failed)
		result_line(ABI_RESULT_FAIL, "");
	else if (subtest->skipped)
		result_line(ABI_RESULT_SKIP, current.reason);
	else if (subtest->held)
		result_line(ABI_RESULT_PASS, "");
	current.subtest = subtest->outer;
	current.path[subtest->mark] = '\0';
}

/* What the check shall see of @got: @mutate is one of mutate_…(). */
#define SEEN(mutate, check, got)					\
({									\
	pthread_mutex_lock(&current.lock);				\
	__typeof__(got) seen_ = mutate(check, got);			\
	pthread_mutex_unlock(&current.lock);				\
	seen_;								\
})

static bool outcome(const struct check *check, bool held)
{
	struct subtest *subtest = current.subtest;

	pthread_mutex_lock(&current.lock);
	(*(held ? &current.held : &current.failed))++;
	if (subtest)
		(*(held ? &subtest->held : &subtest->failed))++;
	pthread_mutex_unlock(&current.lock);
	if (!held)
		printf("\t%s:%u: %s\n", check->file, check->line, check->expression);
	return held;
}

bool check_condition(const struct check *check, bool held)
{
	return outcome(check, SEEN(mutate_condition, check, held));
}

bool check_equal(const struct check *check, uint64_t got, uint64_t want)
{
	got = SEEN(mutate_value, check, got);
	if (!outcome(check, got == want))
		printf("\t\texpected %#llx\n\t\tgot      %#llx\n",
		       (unsigned long long)want, (unsigned long long)got);
	return got == want;
}

bool check_done(const struct check *check, int result)
{
	result = SEEN(mutate_result, check, result);
	if (!outcome(check, result >= 0))
		printf("\t\texpected success\n\t\tgot      %s\n", strerror(-result));
	return result >= 0;
}

bool check_error(const struct check *check, int result, int number)
{
	result = SEEN(mutate_result, check, result);
	if (outcome(check, result == -number))
		return true;
	printf("\t\texpected %s\n", strerror(number));
	if (result < 0)
		printf("\t\tgot      %s\n", strerror(-result));
	else
		printf("\t\tgot      success, %d\n", result);
	return false;
}

bool check_explained(const struct check *check, bool held, const char *fmt, ...)
{
	va_list args;

	if (outcome(check, SEEN(mutate_condition, check, held)))
		return true;
	printf("\t\t");
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
	return false;
}

void skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(current.reason, sizeof(current.reason), fmt, args);
	va_end(args);
	if (current.subtest)
		current.subtest->skipped = true;
	current.skipped = true;
}

void error(const char *fmt, ...)
{
	int at = snprintf(current.reason, sizeof(current.reason), "error: ");
	va_list args;

	va_start(args, fmt);
	vsnprintf(current.reason + at, sizeof(current.reason) - at, fmt, args);
	va_end(args);
	current.erred = true;
	test_leave();
}

void metric(const char *name, uint64_t value, const char *unit)
{
	printf("METRIC: %s %llu %s\n", name, (unsigned long long)value, unit);
}

static enum abi_result own_result(void)
{
	if (current.failed || current.erred)
		return ABI_RESULT_FAIL;
	if (current.held)
		return ABI_RESULT_PASS;
	if (current.skipped)
		return ABI_RESULT_SKIP;
	snprintf(current.reason, sizeof(current.reason), "error: no check was executed");
	current.erred = true;
	return ABI_RESULT_FAIL;
}

void test_leave(void)
{
	enum abi_result result;

	while (current.subtest)
		subtest_leave(current.subtest);
	result = own_result();
	result_line(result, result == ABI_RESULT_SKIP || current.erred ? current.reason : "");
	current.tally->ended = true;
	fflush(stdout);
	_exit(0);
}

void test_begin(const struct test *test, struct tally *tally)
{
	current.test = test;
	current.tally = tally;
}
