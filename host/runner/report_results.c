/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Collects a case's results from its lines, which say the same whether they
 * came through the ledger or over a console.  First in the list of reports: the
 * others find job->results complete at a case's end.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "runner/cfg.h"
#include "runner/conduct.h"
#include "runner/job.h"
#include "runner/known.h"
#include "runner/report.h"
#include "runner/results.h"
#include "runner/session.h"
#include "vmm/vm.h"

#define ITEMS_MAX	20000	/* result lines kept of a case; all are counted */
#define TEXT_MAX	4096	/* bytes of what explains one check, */
#define AUTOPSY_MAX	16384	/* and the end of the machine */

/* What a case's lines have said so far. */
struct collection {
	struct results *results;
	int test;		/* the job's current TEST when last looked, */
	uint64_t index;		/* and where it is in the results */
	size_t pending;		/* first failed check that no result line has taken */
	struct buf autopsy;
};

static const char *const verdict_names[] = {
	[VERDICT_NONE] = "NONE", [VERDICT_PASS] = "PASS", [VERDICT_XFAIL] = "XFAIL",
	[VERDICT_SKIP] = "SKIP", [VERDICT_FAIL] = "FAIL", [VERDICT_XPASS] = "XPASS",
	[VERDICT_TIMEOUT] = "TIMEOUT", [VERDICT_ERROR] = "ERROR",
	[VERDICT_FLAKY] = "FLAKY", [VERDICT_INTERRUPTED] = "INTERRUPTED",
};

const char *verdict_name(enum verdict verdict)
{
	return verdict_names[verdict];
}

enum verdict verdict_named(const char *name)
{
	for (size_t i = 0; i < sizeof(verdict_names) / sizeof(*verdict_names); i++)
		if (!strcmp(verdict_names[i], name))
			return i;
	return VERDICT_ERROR;
}

static char *text_clean(const char *text, size_t length)
{
	struct buf out = { 0 };

	utf8_add(&out, text, length);
	return buf_take(&out);
}

static char *line_clean(const char *text)
{
	return text_clean(text, strcspn(text, "\r\n"));
}

static void text_append(char **field, const char *text, size_t most)
{
	struct buf out = { 0 };

	if (*field && strlen(*field) > most)
		return;
	if (*field)
		buf_printf(&out, "%s\n", *field);
	utf8_add(&out, text, strcspn(text, "\r\n"));
	free(*field);
	*field = buf_take(&out);
}

static void names_fill(struct results *results, struct job *job)
{
	const char *kind;

	results->name = line_clean(job->name);
	results->image = line_clean(job->image);
	results->arch = mem_copy(job->session->arch);
	results->groups = job->cfg ? mem_copy(job->cfg->groups) : NULL;
	results->attempt = job->attempt;
	results->label = line_clean(job->label);
	if (!job->backend)
		return;
	results->backend = mem_copy(job->backend->name);
	results->accel = mem_copy(job->accel);
	kind = backend_kind(job);
	results->kind = mem_copy(kind ? kind : vm_host_kind());
	if (backend_perturbed(job))
		results->perturbed = mem_copy(backend_perturbed(job));
}

static struct collection *collection_of(struct job *job)
{
	struct collection *collection = job->collection;

	if (collection)
		return collection;
	collection = job->collection = mem_new(sizeof(*collection));
	job->results = collection->results = mem_new(sizeof(*job->results));
	collection->test = -1;
	collection->index = RESULTS_NO_TEST;
	names_fill(job->results, job);
	return collection;
}

static void results_begin(struct report *report, struct job *job)
{
	struct collection *collection = collection_of(job);
	struct buf command = { 0 };
	struct timespec now;

	(void)report;
	clock_gettime(CLOCK_REALTIME, &now);
	collection->results->started_us = now.tv_sec * 1000000ull + now.tv_nsec / 1000;
	job->backend->command(job, &command);
	collection->results->command = buf_take(&command);
}

/* Follows the job from TEST to TEST. */
static void test_follow(struct collection *collection, struct job *job)
{
	const struct plan_test *plan;
	struct test_item *test;

	if (job->tally.current == collection->test)
		return;
	collection->test = job->tally.current;
	collection->index = RESULTS_NO_TEST;
	collection->pending = collection->results->check_count;
	if (collection->test < 0)
		return;
	plan = &job->plan.tests[collection->test];
	test = results_add_test(collection->results);
	collection->index = test - collection->results->tests;
	test->name = mem_copy(plan->name);
	test->sentence = mem_copy(plan->text);
	test->file = mem_copy(plan->file);
	test->line = plan->line;
	test->begin_ns = test->end_ns = now_ns() - job->started;
}

/* "FILE:LINE: EXPRESSION": sets @expression and returns FILE's length, or 0. */
static size_t place_parse(const char *text, uint64_t *line, const char **expression)
{
	size_t length = strcspn(text, ": \t");
	char *end;

	if (!length || text[length] != ':')
		return 0;
	*line = strtoull(text + length + 1, &end, 10);
	if (end == text + length + 1 || end[0] != ':' || end[1] != ' ')
		return 0;
	*expression = end + 2;
	return length;
}

/* A line that explains a failure. */
static void detail_take(struct collection *collection, const char *text)
{
	struct results *results = collection->results;
	bool open = results->check_count > collection->pending;
	struct check_item *check = open ? &results->checks[results->check_count - 1] : NULL;
	bool deeper = text[0] == '\t' && text[1] == '\t';
	const char *expression, *value;
	uint64_t line;
	size_t length = deeper ? 0 : place_parse(text + 1, &line, &expression);

	if (length && results->check_count < ITEMS_MAX) {
		check = results_add_check(results);
		check->file = text_clean(text + 1, length);
		check->line = line;
		check->expression = line_clean(expression);
		return;
	}
	if (!check) {
		check = results_add_check(results);
		check->expression = line_clean(text + 1);
		return;
	}
	value = deeper ? line_after(text + 2, "expected ") : NULL;
	if (value && !check->expected) {
		check->expected = line_clean(value);
		return;
	}
	value = deeper ? line_after(text + 2, "got ") : NULL;
	if (value && !check->got)
		check->got = line_clean(value + strspn(value, " "));
	else
		text_append(&check->text, text + 1 + deeper, TEXT_MAX);
}

/* The runner's own words: what a stack means, and how the machine ended. */
static void runner_take(struct collection *collection, const char *text)
{
	struct results *results = collection->results;

	if (line_after(text, "flatbed: ")) {
		if (collection->autopsy.length < AUTOPSY_MAX)
			buf_printf(&collection->autopsy, "%s\n", text);
	} else if (results->check_count > collection->pending) {
		text_append(&results->checks[results->check_count - 1].text, text, TEXT_MAX);
	}
}

static void metric_take(struct collection *collection, const char *text)
{
	size_t name = strcspn(text, " \r"), value;
	struct metric_item *metric;

	if (text[name] != ' ' || collection->results->metric_count >= ITEMS_MAX)
		return;
	value = strcspn(text + name + 1, " \r");
	metric = results_add_metric(collection->results);
	metric->test = collection->index;
	metric->name = text_clean(text, name);
	metric->value = text_clean(text + name + 1, value);
	metric->unit = line_clean(text[name + 1 + value] == ' ' ? text + name + 2 + value : "");
}

/* Cuts " (reason)" off the end of a path, and returns the reason. */
static char *reason_cut(char *path)
{
	size_t length = strlen(path);
	char *open = strstr(path, " ("), *reason;

	if (!open || path[length - 1] != ')')
		return NULL;
	reason = mem_text(open + 2, path + length - 1 - (open + 2));
	*open = '\0';
	return reason;
}

static void item_take(struct collection *collection, struct job *job, const struct line *line)
{
	struct results *results = collection->results;
	struct test_item *test = collection->index < results->test_count ?
		&results->tests[collection->index] : NULL;
	const char *word = line->known ? "XFAIL" : result_name(line->result);
	const char *rest = test ? line_after(line->what, test->name) : NULL;
	struct result_item *item;

	if (results->item_count >= ITEMS_MAX) {
		results->dropped++;
		return;
	}
	item = results_add_item(results);
	item->test = collection->index;
	item->word = mem_copy(word);
	item->check = collection->pending;
	if (strcmp(word, "PASS") && strcmp(word, "SKIP")) {
		item->checks = results->check_count - collection->pending;
		collection->pending = results->check_count;
	}
	if (rest && (!*rest || *rest == ' ')) {
		item->path = line_clean(rest);
		test->word = mem_copy(word);
		test->end_ns = now_ns() - job->started;
	} else {
		item->path = line_clean(rest && rest[0] == ':' && rest[1] == ' ' ? rest + 2 :
					line->what);
	}
	/* Elsewhere parentheses belong to the name. */
	if (job->plan.ours && (line->result == ABI_RESULT_SKIP || strstr(item->path, " (error: ")))
		item->reason = reason_cut(item->path);
	if (line->known)
		item->reason = mem_copy(line->known->reason);
	else if (line->result == ABI_RESULT_XFAIL && test)
		item->reason = mem_copy(job->plan.tests[job->tally.current].xfail);
}

static void results_line(struct report *report, struct job *job, const struct line *line)
{
	struct collection *collection = collection_of(job);
	const char *metric;

	(void)report;
	test_follow(collection, job);
	if (line->is_result) {
		item_take(collection, job, line);
		return;
	}
	if (line->origin == LINE_STDERR)
		return;
	metric = line_after(line->text, "METRIC: ");
	if (metric) {
		metric_take(collection, metric);
	} else if (line->text[0] == '\t') {
		detail_take(collection, line->text);
	} else if (line->origin == LINE_RUNNER) {
		runner_take(collection, line->text);
	}
}

static char *ending_describe(const struct ending *ending)
{
	static const char *const names[] = {
		[ENDING_VERDICT] = "debug exit", [ENDING_SHUTDOWN] = "shutdown",
		[ENDING_POWER_OFF] = "power off", [ENDING_INTERNAL_ERROR] = "internal error",
		[ENDING_UNSUPPORTED] = "unsupported", [ENDING_ERROR] = "VMM error",
		[ENDING_SIGNAL] = "signal", [ENDING_TIMEOUT] = "timeout",
		[ENDING_INTERRUPTED] = "interrupted",
	};
	struct buf text = { 0 };

	buf_puts(&text, names[ending->kind]);
	if (ending->kind == ENDING_VERDICT || ending->kind == ENDING_SIGNAL)
		buf_printf(&text, " %u", ending->code);
	return buf_take(&text);
}

/* The only TEST that fails, if its name selects it; else NULL. */
static const char *failing_test(const struct job *job)
{
	const struct results *results = job->results;
	const char *found = NULL;

	if (!job->plan.ours || job->machine.append)
		return NULL;
	for (size_t i = 0; i < results->item_count; i++) {
		const char *test = results_test_name(results, results->items[i].test);

		if (!results_failing(&results->items[i]))
			continue;
		if (!*test || (found && strcmp(found, test)))
			return NULL;
		found = test;
	}
	return found;
}

/* What a user types to see this case again, and only this one. */
static char *rerun_command(const struct job *job)
{
	static const char *const variables[] = { "QEMU", "ACCEL", "MACHINE", "TIMEOUT", "CHECK" };
	const struct session *session = job->session;
	const char *test = failing_test(job);
	struct buf out = { 0 }, subject = { 0 };

	for (size_t i = 0; i < sizeof(variables) / sizeof(*variables); i++) {
		const char *value = getenv(variables[i]);

		if (!value || !*value)
			continue;
		buf_printf(&out, "%s=", variables[i]);
		word_quote(&out, value);
		buf_puts(&out, " ");
	}
	buf_puts(&out, "./run_tests.sh");
	if (strcmp(session->arch, session->configured_arch))
		buf_printf(&out, " --arch=%s", session->arch);
	if (job->wanted != VMM_AUTO)
		buf_printf(&out, " --backend=%s", backend_word(job->wanted));
	conduct_command(&out);
	buf_printf(&subject, "%s", job->name);
	if (test)
		buf_printf(&subject, ":%s", test);
	buf_puts(&out, " ");
	word_quote(&out, buf_text(&subject));
	buf_free(&subject);
	return buf_take(&out);
}

static void results_end(struct report *report, struct job *job)
{
	struct results *results = collection_of(job)->results;
	struct collection *collection = job->collection;

	(void)report;
	results->superseded = job->superseded;
	results->verdict = mem_copy(verdict_name(job->verdict));
	results->text = line_clean(buf_text(&job->text));
	results->boots = job->boots;
	results->log = mem_copy(job->log_path);
	results->rerun = rerun_command(job);
	if (job->boots) {
		results->duration_ns = now_ns() - job->started;
		results->ending = ending_describe(&job->ending);
	}
	if (collection->autopsy.length)
		results->autopsy = text_clean(collection->autopsy.data,
					      collection->autopsy.length - 1);
}

void report_results_free(struct job *job)
{
	struct collection *collection = job->collection;

	results_free(job->results);
	if (collection)
		buf_free(&collection->autopsy);
	free(collection);
}

struct report *report_results(void)
{
	struct report *report = mem_new(sizeof(*report));

	report->begin = results_begin;
	report->line = results_line;
	report->end = results_end;
	return report;
}
