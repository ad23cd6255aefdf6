/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the TESTs of an image, keeps the score, and gives the verdict. */
#include <abi/host.h>
#include <asm/cpu.h>
#include <asm/setjmp.h>
#include <boot.h>
#include <memory.h>
#include <mutate.h>
#include <report.h>
#include <smp.h>
#include <test.h>
#include <testdev.h>

extern const struct test tests_start[], tests_end[];
extern const char image_arguments[] __attribute__((weak));

/* Results of all TESTs; where each TEST has a fresh machine, the host keeps them. */
static u32 own_results[ABI_RESULT_COUNT], *results = own_results;

/*
 * How many checks of the TEST that runs have failed: with the host where there is
 * one, so that going back to an earlier state does not make them good.
 */
static u32 own_failed, *failed = &own_failed;

/* Whether the host wants an exit at each check. */
static const u32 no_yield, *yield = &no_yield;

/* The TEST that runs.  `held` counts all its checks that held. */
static struct {
	const struct test *test;
	u32 held;
	bool skipped, erred;
	struct subtest *subtest;	/* innermost */
	char reason[160];		/* of skip() and error() */
	char path[256];			/* of SUBTESTs, "outer: inner" */
} current;

void scope_enter(struct scope *scope, void (*leave)(struct scope *scope))
{
	struct cpu *cpu = cpu_self();

	scope->leave = leave;
	scope->outer = cpu->scopes;
	cpu->scopes = scope;
}

void scope_exit(struct scope *scope)
{
	cpu_self()->scopes = scope->outer;
	scope->leave(scope);
}

void scope_cleanup(void *scope)
{
	scope_exit(scope);
}

static void scopes_leave_all(void)
{
	struct cpu *cpu = cpu_self();

	while (cpu->scopes)
		scope_exit(cpu->scopes);
}

void test_leave(void)
{
	struct cpu *cpu = cpu_self();

	if (!cpu->escape)
		panic("a TEST was to be left, and none runs");
	scopes_leave_all();
	jump_to(cpu->escape, 1);
}

#define EXPLAINED	480	/* bytes */

/* "TEST: SUBTEST (reason)" */
static const char *explained(char text[EXPLAINED], const char *reason)
{
	bool sub = current.path[0];

	snprintf(text, EXPLAINED, "%s%s%s%s%s%s", current.test->name,
		 sub ? ": " : "", current.path, reason[0] ? " (" : "",
		 reason, reason[0] ? ")" : "");
	return text;
}

static void subtest_result(enum abi_result result, const char *reason)
{
	char text[EXPLAINED];

	results[result]++;
	report_result(result, explained(text, reason));
}

static bool must_fail(const struct test *test)
{
	return test->xfail &&
		(!test->xfail_on || hypervisor_is(test->xfail_on));
}

static enum abi_result failed_result(void)
{
	return must_fail(current.test) ? ABI_RESULT_XFAIL : ABI_RESULT_FAIL;
}

static void subtest_leave(struct scope *scope)
{
	struct subtest *s = (struct subtest *)scope;

	if (s->failed)
		subtest_result(failed_result(), "");
	else if (s->skipped)
		subtest_result(ABI_RESULT_SKIP, current.reason);
	else if (s->held)
		subtest_result(ABI_RESULT_PASS, "");
	current.subtest = s->outer;
	current.path[s->mark] = 0;
	report_subtest(current.path);
}

void subtest_begin(struct subtest *s, const char *fmt, ...)
{
	size_t mark = strlen(current.path), at = mark;
	va_list args;

	if (!current.test)
		panic("a SUBTEST outside of any TEST");
	*s = (struct subtest){ .mark = mark, .outer = current.subtest };
	if (mark) {
		memcpy(current.path + at, ": ", 3);
		at += 2;
	}
	va_start(args, fmt);
	if (at + vsnprintf(current.path + at, sizeof(current.path) - at, fmt,
			   args) > sizeof(current.path) - 4)
		panic("SUBTEST path is too long: %s", current.path);
	va_end(args);
	current.subtest = s;
	report_subtest(current.path);
	scope_enter(&s->scope, subtest_leave);
}

static void count(bool held)
{
	struct subtest *s = current.subtest;

	atomic_add(held ? &current.held : failed, 1);
	if (s)
		atomic_add(held ? &s->held : &s->failed, 1);
}

static void explain(const struct check *check)
{
	printf("\t%s:%u: %s\n", check->file, check->line, check->expression);
}

static bool outcome(const struct check *check, bool held)
{
	count(held);
	mutate_outcome(check, held);
	if (*yield)
		report_check();
	if (!held)
		explain(check);
	return held;
}

/*
 * Most checks hold, outside of SUBTESTs, and nobody steers or watches them.  These are
 * counted at once, and all else is in functions of its own: where each instruction is
 * emulated, to save registers for those takes longer than the check.
 */
static inline bool holds_plainly(bool held)
{
	if (!held || mutating || current.subtest || *yield)
		return false;
	atomic_add(&current.held, 1);
	return true;
}

static __attribute__((noinline)) bool condition(const struct check *check, bool held)
{
	return outcome(check, mutate_condition(check, held));
}

bool check_condition(const struct check *check, bool held)
{
	return holds_plainly(held) || condition(check, held);
}

static __attribute__((noinline)) bool equal(const struct check *check, uint64_t got,
					    uint64_t want)
{
	got = mutate_value(check, got);
	if (!outcome(check, got == want))
		printf("\t\texpected %#llx\n\t\tgot      %#llx\n",
		       (unsigned long long)want, (unsigned long long)got);
	return got == want;
}

bool check_equal(const struct check *check, uint64_t got, uint64_t want)
{
	return holds_plainly(got == want) || equal(check, got, want);
}

static __attribute__((noinline)) bool fault(const struct check *check, struct fault want,
					    struct fault got)
{
	char a[FAULT_TEXT], b[FAULT_TEXT];
	bool held;

	got = mutate_fault(check, got);
	held = fault_matches(want, got);
	if (!outcome(check, held))
		printf("\t\texpected %s\n\t\tgot      %s\n",
		       fault_text(want, a), fault_text(got, b));
	return held;
}

bool check_fault(const struct check *check, struct fault want, struct fault got)
{
	return holds_plainly(fault_matches(want, got)) || fault(check, want, got);
}

bool check_explained(const struct check *check, bool held, const char *fmt, ...)
{
	char text[200];
	va_list args;

	/* Where it cannot hold, nothing can be made wrong. */
	if (held)
		held = mutate_condition(check, held);
	if (outcome(check, held))
		return true;
	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	printf("\t\t%s\n", text);
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
}

void metric(const char *name, uint64_t value, const char *unit)
{
	report_metric(name, value, unit);
}

uint64_t median(uint64_t *values, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		uint64_t value = values[i];
		unsigned int at = i;

		for (; at && values[at - 1] > value; at--)
			values[at] = values[at - 1];
		values[at] = value;
	}
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

/* The n-th of the words that REQUIRES(…) and its like were written with. */
static void skip_for_word(const char *why, const char *words, unsigned int n)
{
	int length;

	while (n--)
		words = strchr(words, ',') + 1;
	while (*words == ' ')
		words++;
	for (length = 0; words[length] && words[length] != ',';)
		length++;
	skip("%s %.*s", why, length, words);
}

/* One look for all that most TESTs do without. */
static inline bool needs_nothing(const struct test *test)
{
	return !((uintptr_t)test->needs | (uintptr_t)test->lacks |
		 (uintptr_t)test->devices | test->cpus | test->memory);
}

static __attribute__((noinline)) bool needs_met(const struct test *test)
{
	const unsigned int *f;
	const char *name;

	for (f = test->needs; f && *f; f++)
		if (!cpu_has(*f)) {
			skip_for_word("no", test->needs_text, f - test->needs);
			return false;
		}
	for (f = test->lacks; f && *f; f++)
		if (cpu_has(*f)) {
			skip_for_word("has", test->lacks_text, f - test->lacks);
			return false;
		}
	for (f = test->devices; f && *f; f++)
		if (!device_present(*f, &name)) {
			skip("no %s", name);
			return false;
		}
	if (test->cpus > 1 && cpu_count() < test->cpus) {
		skip("%lu CPUs needed, %u there", test->cpus, cpu_count());
		return false;
	}
	if (test->memory && boot_memory_size() < test->memory) {
		skip("%lu MiB of memory needed, %llu there",
		     test->memory >> 20,
		     (unsigned long long)boot_memory_size() >> 20);
		return false;
	}
	return true;
}

/* Returns whether it came to its end. */
static bool test_body(const struct test *test)
{
	volatile bool whole = false;
	size_t mark = pages_mark();
	struct jump escape;

	cpu_self()->escape = &escape;
	if (!jump_set(&escape)) {
		test->run();
		whole = true;
	}
	cpu_self()->escape = NULL;
	scopes_leave_all();
	pages_release(mark);
	return whole;
}

static inline __attribute__((always_inline)) enum abi_result
test_result(const struct test *test)
{
	if (*failed)
		return failed_result();
	if (current.erred)
		return ABI_RESULT_FAIL;
	if (current.skipped && !current.held)
		return ABI_RESULT_SKIP;
	if (!current.held) {
		error("no check was executed");
		return ABI_RESULT_FAIL;
	}
	return must_fail(test) ? ABI_RESULT_XPASS : ABI_RESULT_PASS;
}

static void test_prepare(const struct test *test)
{
	current.test = test;
	current.held = 0;
	current.skipped = current.erred = false;
	current.subtest = NULL;
	current.reason[0] = current.path[0] = 0;
	*failed = 0;
}

/* With its checks falsified: what that does to the TEST is all that counts of it. */
static __attribute__((noinline)) void test_falsify(const struct test *test)
{
	u32 kept[ABI_RESULT_COUNT];
	enum abi_result result;
	bool whole;

	memcpy(kept, results, sizeof(kept));
	do {
		report_mute(true);
		whole = test_body(test);
		report_mute(false);
		result = test_result(test);
		test_prepare(test);
		memcpy(results, kept, sizeof(kept));
	} while (mutate_again(result == ABI_RESULT_FAIL ||
			      result == ABI_RESULT_XFAIL, whole));
}

static __attribute__((noinline)) void end_explained(unsigned int index,
						    enum abi_result result)
{
	char text[EXPLAINED];

	report_test_end(index, result, current.held, *failed,
			explained(text, current.reason), current.test);
}

static void test_run(const struct test *test)
{
	unsigned int index = test - tests_start;
	enum abi_result result;

	test_prepare(test);
	if (boot_info.host && boot_info.host->points)
		machine_point(test->name);
	report_test_begin(test, index);
	if (needs_nothing(test) || needs_met(test)) {
		if (mutate_wanted() && (!test->ends || test->ends == ABI_ENDS_MIGRATION)) {
			mutate_begin(test);
			test_falsify(test);
		}
		test_body(test);
		if (test->ends && test->ends != ABI_ENDS_MIGRATION &&
		    !current.skipped)
			check_explained(CHECK_HERE("the machine ends"), false,
					"the TEST returned");
	}
	result = test_result(test);
	results[result]++;
	if (result == ABI_RESULT_SKIP || current.erred)
		end_explained(index, result);
	else
		report_test_end(index, result, current.held, *failed, NULL, test);
	current.test = NULL;
}

/*
 * One selector: a name, a `*` as first or last character of it, a '-' in front
 * to exclude.
 */
static bool same_name(const char *a, const char *b, size_t length)
{
	/* What is an identifier in C may be written with hyphens. */
	for (; length; length--, a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return true;
}

static bool selector_matches(const char *selector, const char *name)
{
	size_t length = strlen(selector), size = strlen(name);
	bool before = *selector == '*';
	bool after = length > 1 && selector[length - 1] == '*';

	selector += before;
	length -= before + after;
	if (!before)
		return size >= length && (after || size == length) &&
			same_name(selector, name, length);
	for (size_t at = 0; at + length <= size; at++)
		if ((after || at + length == size) &&
		    same_name(selector, name + at, length))
			return true;
	return false;
}

static bool test_selected(const struct test *test)
{
	bool included = true, named = false;
	const char *word;

	for (unsigned int n = 0; (word = argument(n)); n++) {
		if (*word == '-') {
			if (selector_matches(word + 1, test->name))
				return false;
			continue;
		}
		if (strchr(word, '='))
			continue;	/* a parameter: NAME=VALUE */
		if (!named)
			included = false;
		named = true;
		if (selector_matches(word, test->name))
			included = !test->ends || included ||
				(strlen(word) == strlen(test->name) &&
				 same_name(word, test->name, strlen(word)));
	}
	return included && (named || !test->ends);
}

/* Which TESTs the environment leaves: from `first` on, or `first` alone. */
struct chosen {
	u64 first;
	bool alone;
	bool all;		/* no argument selects */
};

static inline bool test_chosen(const struct chosen *chosen, const struct test *test)
{
	u64 index = test - tests_start;

	if (chosen->alone)
		return index == chosen->first;
	return index >= chosen->first &&
		(chosen->all ? !test->ends : test_selected(test));
}

/* Each TEST from the same state: machine_put() goes on behind machine_take(). */
static void tests_run_isolated(const struct chosen *chosen,
			       struct abi_host *host)
{
	const struct test *test;

	results = host->keep;
	/* What is found out once is found out before. */
	mutate_wanted();
	machine_take(0);
	test = tests_start + host->test;
	while (test < tests_end && !test_chosen(chosen, test))
		test++;
	if (test >= tests_end)
		return;
	host->test = test - tests_start + 1;
	test_run(test);
	machine_put(0);
}

static void tests_run(void)
{
	struct chosen chosen = { .all = image_arguments || !argument(0) };

	/* An empty environment is not searched: start-up is to be quick. */
	if (boot_info.environment) {
		environment_number(ABI_ENV_FIRST, &chosen.first);
		chosen.alone = environment_number(ABI_ENV_ONLY, &chosen.first);
	}
	if (machine_isolated())
		return tests_run_isolated(&chosen, boot_info.host);
	for (const struct test *test = tests_start; test < tests_end; test++)
		if (test_chosen(&chosen, test))
			test_run(test);
}

static unsigned int results_all(void)
{
	unsigned int total = 0;

	for (unsigned int i = 0; i < ABI_RESULT_COUNT; i++)
		total += results[i];
	return total;
}

static unsigned int results_bad(void)
{
	return results[ABI_RESULT_FAIL] + results[ABI_RESULT_XPASS];
}

static void summary(char *text, size_t size)
{
	int at = snprintf(text, size, "%u tests", results_all());

	if (results_bad())
		at += snprintf(text + at, size - at, ", %u unexpected failures", results_bad());
	if (results[ABI_RESULT_XFAIL])
		at += snprintf(text + at, size - at, ", %u expected failures",
			       results[ABI_RESULT_XFAIL]);
	if (results[ABI_RESULT_SKIP])
		snprintf(text + at, size - at, ", %u skipped", results[ABI_RESULT_SKIP]);
}

void image_main(void)
{
	unsigned int total;

	_Static_assert(ARRAY_SIZE(boot_info.host->keep) > ABI_RESULT_COUNT,
		       "the host keeps results and the count of failures");

	cpu_prepare(cpu_self());
	cpu_load(cpu_self());
	boot_read();
	if (boot_info.host && boot_info.host->ring_size)
		ledger_attach(boot_info.host);
	if (boot_info.host) {
		failed = &boot_info.host->keep[ABI_RESULT_COUNT];
		yield = &boot_info.host->yield;
	}
	tests_run();
	total = results_all();
	if (!total)
		panic("no TEST was selected");
	report_summary(summary);
	machine_exit(results_bad() ? ABI_EXIT_FAIL :
		     total == results[ABI_RESULT_SKIP] ? ABI_EXIT_SKIP : ABI_EXIT_PASS);
}
