/* SPDX-License-Identifier: BSD-2-Clause */
/* A job: what its machines print, and which machine comes next. */
#include "runner/job.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "base/symbols.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/efi.h"
#include "runner/known.h"
#include "runner/migrate.h"
#include "runner/report.h"
#include "runner/session.h"

#define FAILING_LINES	12	/* kept for a summary */
#define LEAVE_NS	500000000ull	/* from a machine's last line to its end */

static void failing_keep(struct job *job, const struct line *line)
{
	if (!line->is_result || line->known ||
	    (line->result != ABI_RESULT_FAIL && line->result != ABI_RESULT_XPASS))
		return;
	job->failing_shown = true;
	if (job->failing_lines++ >= FAILING_LINES)
		return;
	buf_puts(&job->failing, "\t");
	utf8_add(&job->failing, line->text, strcspn(line->text, "\r\n"));
	buf_puts(&job->failing, "\n");
}

void job_line(struct job *job, const struct line *line)
{
	const char *stack;

	failing_keep(job, line);
	REPORTS(job->session, line, job, line);
	stack = line->origin == LINE_CONSOLE ? line_after(line->text, "\tSTACK:") : NULL;
	if (stack)
		symbols_show(job, stack);
}

void job_say(struct job *job, const char *format, ...)
{
	va_list arguments;
	char text[1024];
	struct line line = { .text = text, .origin = LINE_RUNNER };

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	line.length = strlen(text);
	job_line(job, &line);
}

void job_result(struct job *job, enum abi_result result, const char *what, const char *ending)
{
	struct event event = { .kind = EVENT_RESULT, .result = result, .text = what };
	struct event end = {
		.kind = EVENT_TEST_END, .test = job->tally.current, .result = result,
		.checks = CHECKS_UNKNOWN,
	};
	struct line line = {
		.origin = LINE_CONSOLE, .is_result = true, .result = result, .what = what,
	};
	/* The ledger has a record of its own for a TEST's end. */
	bool ends = !job->boot.ledger && tally_ends(&job->tally, what);
	struct buf text = { 0 };

	line.known = tally_event(&job->tally, &event);
	if (line.known)
		buf_printf(&text, "XFAIL: %s (known failure: %s)%s", what,
			   line.known->reason, ending);
	else
		buf_printf(&text, "%s: %s%s", result_name(result), what, ending);
	line.text = buf_text(&text);
	line.length = text.length;
	job_line(job, &line);
	if (ends)
		tally_event(&job->tally, &end);
	buf_free(&text);
}

/* "NAME: sentence" at a TEST's begin. */
static void info_take(struct job *job, const char *text)
{
	const char *colon = strstr(text, ": ");
	struct event event = { .kind = EVENT_TEST_BEGIN };
	int test;

	if (!colon)
		return;
	test = tally_test_named(&job->tally, text, colon - text);
	if (test < 0)
		return;
	event.test = test;
	tally_event(&job->tally, &event);
}

/* Some machines cannot leave by themselves: they get a while to. */
static void status_take(struct job *job, const char *text)
{
	struct boot *boot = &job->boot;

	if (boot->told_status >= 0)
		return;
	boot->told_status = line_status(text);
	if (boot->told_status >= 0 && boot->stop == STOP_NOT) {
		boot->stop = STOP_TOLD;
		boot->kill_at = now_ns() + LEAVE_NS;
	}
}

/* What VMM and firmware print is no business of anyone's. */
static bool is_shown(struct job *job, char *text, size_t *length)
{
	if (efi_is(job->image) && !efi_line(text))
		return false;
	if (job->backend && job->backend->console && !job->backend->console(job, text))
		return false;
	if (efi_is(job->image) || (job->backend && job->backend->console))
		*length = strlen(text);
	return true;
}

static void console_line(void *context, char *text, size_t length)
{
	struct job *job = context;
	struct event event = { .kind = EVENT_SUMMARY };
	struct line line = { .text = text, .length = length, .origin = LINE_CONSOLE };
	enum abi_result result;
	const char *what;
	bool carriage;

	if (!is_shown(job, text, &line.length))
		return;
	length = line.length;
	carriage = length && text[length - 1] == '\r';
	if (job->boot.watch && !watch_line(job, text))
		return;
	job->tally.lines++;
	if (carriage)
		text[length - 1] = '\0';
	if (job->backend && job->backend->tells_status)
		status_take(job, text);
	what = line_result(text, &result);
	if (what) {
		job_result(job, result, what, carriage ? "\r" : "");
		return;
	}
	event.text = line_after(text, "SUMMARY: ");
	if (event.text) {
		tally_event(&job->tally, &event);
		/* Several machines give one summary: it comes at the end. */
		if (job->plan.ours)
			return;
	}
	what = line_after(text, "INFO: ");
	if (what)
		info_take(job, what);
	if (text[0] == '\t' && !line_after(text, "\tSTACK:")) {
		event.kind = EVENT_DETAIL;
		tally_event(&job->tally, &event);
	}
	if (carriage)
		text[length - 1] = '\r';
	job_line(job, &line);
}

void job_console(struct job *job, const char *bytes, size_t size)
{
	job->boot.spoke = true;
	lines_feed(&job->boot.console_lines, bytes, size, console_line, job);
}

static bool is_warning(const char *text)
{
	return strcasestr(text, "warning");
}

static void error_line(void *context, char *text, size_t length)
{
	struct job *job = context;
	struct line line = { .text = text, .length = length, .origin = LINE_STDERR };

	if (job->backend && job->backend->error && !job->backend->error(job, text))
		return;
	if (length && !is_warning(text) && job->boot.error_text.length < LINE_MAX_BYTES) {
		buf_puts(&job->boot.error_text, text);
		buf_puts(&job->boot.error_text, "\n");
	}
	/* QEMU stops the machine then, and waits. */
	if (line_after(text, "KVM internal error") && job->boot.stop == STOP_NOT) {
		job->boot.stop = STOP_INTERNAL_ERROR;
		job->boot.kill_at = now_ns() + 200000000;
	}
	job_line(job, &line);
}

void job_errors(struct job *job, const char *bytes, size_t size)
{
	lines_feed(&job->boot.error_lines, bytes, size, error_line, job);
}

void job_flush(struct job *job)
{
	lines_flush(&job->boot.console_lines, console_line, job);
	lines_flush(&job->boot.error_lines, error_line, job);
}

void job_fail(struct job *job, const char *text)
{
	if (!job->failure.length)
		buf_puts(&job->failure, text);
}

void job_decide(struct job *job, enum verdict verdict, const char *format, ...)
{
	va_list arguments;
	char text[1024];

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	job->verdict = verdict;
	buf_free(&job->text);
	buf_puts(&job->text, text);
}

bool job_own_boot(const struct job *job, size_t index)
{
	/* Chosen by the runner, one by one. */
	if (job->only)
		return true;
	return job->plan.tests[index].ends &&
	       !plan_selectors(&job->plan, job->machine.append);
}

bool job_selects(const struct job *job, size_t index)
{
	const char *only = job->only, *word;
	size_t length;

	if (!plan_selects(&job->plan, index, job->machine.append))
		return false;
	while (only && (word = str_word(&only, " ", &length)))
		if (name_matches(word, length, job->plan.tests[index].name))
			return true;
	return !job->only;
}

void job_tally(struct job *job)
{
	const struct known_host host = {
		.kind = backend_kind(job), .arch = job->session->target->name,
		.backend = job->backend->name, .perturbed = backend_perturbed(job),
	};

	tally_start(&job->tally, &job->plan, &job->session->known, job->image, &host);
	job->set_up = true;
}

bool job_set_up(struct job *job)
{
	char why[600];

	job->boot.console = job->boot.errors = -1;
	switch (plan_read(&job->plan, job->image, why, sizeof(why))) {
	case PLAN_MISSING:
		job_decide(job, VERDICT_ERROR, "error: %s is not built; run make", job->image);
		return false;
	case PLAN_BAD:
		job_decide(job, VERDICT_ERROR, "error: %s", why);
		return false;
	case PLAN_OK:
		break;
	}
	if (efi_is(job->image))
		efi_options(&job->options);
	machine_read(&job->machine, &job->options);
	if (!backend_choose(job, why, sizeof(why))) {
		job_decide(job, VERDICT_SKIP, "%s", why);
		return false;
	}
	if (*why && job->session->need_vmm_line)
		complain("%s: %s", job->label, why);
	job_tally(job);
	job->tried = mem_new(job->plan.count);
	if (!job->plan.ours && !job->only)
		return true;
	for (size_t i = 0; i < job->plan.count; i++) {
		if (!job_selects(job, i))
			continue;
		if (job->plan.tests[i].ends == ABI_ENDS_MIGRATION && !job_own_boot(job, i) &&
		    !job->backend->migrates) {
			job_decide(job, VERDICT_SKIP, "this VMM does not migrate machines");
			return false;
		}
		return true;
	}
	if (job->only)
		job_decide(job, VERDICT_ERROR, "error: no TEST is named '%s'", job->only);
	else if (job->machine.append)
		job_decide(job, VERDICT_ERROR, "error: no TEST matches '%s'", job->machine.append);
	else
		job_decide(job, VERDICT_ERROR, "error: %s has no TEST", job->image);
	return false;
}

/* A TEST that no machine here can run. */
static void test_skip(struct job *job, size_t index, const char *why)
{
	struct event begin = { .kind = EVENT_TEST_BEGIN, .test = index };
	struct event end = {
		.kind = EVENT_TEST_END, .test = index, .result = ABI_RESULT_SKIP,
		.checks = CHECKS_UNKNOWN,
	};
	struct buf text = { 0 };

	tally_event(&job->tally, &begin);
	buf_printf(&text, "%s (%s)", job->plan.tests[index].name, why);
	job_result(job, ABI_RESULT_SKIP, buf_text(&text), "");
	tally_event(&job->tally, &end);
	buf_free(&text);
}

bool job_next(struct job *job)
{
	struct boot *boot = &job->boot;

	boot->first = boot->only = -1;
	boot->first_index = 0;
	memcpy(boot->results, job->tally.results, sizeof(boot->results));
	if (job->stopped)
		return false;
	if (!job->plan.ours)
		return !job->boots;
	for (size_t i = job->next_first; !job->main_over && i < job->plan.count; i++) {
		if (!job_selects(job, i) || job_own_boot(job, i))
			continue;
		boot->first_index = job->next_first;
		boot->first = job->next_first ? job->next_first : -1;
		return true;
	}
	job->main_over = true;
	for (size_t i = 0; i < job->plan.count; i++) {
		if (!job_selects(job, i) || !job_own_boot(job, i) || job->tried[i])
			continue;
		job->tried[i] = true;
		if (job->plan.tests[i].ends == ABI_ENDS_MIGRATION && !job->backend->migrates) {
			test_skip(job, i, "this VMM does not migrate machines");
			continue;
		}
		boot->only = boot->first_index = i;
		return true;
	}
	return false;
}

void job_free(struct job *job)
{
	report_results_free(job);
	if (job->set_up)
		tally_free(&job->tally);
	symbols_close(job->symbols);
	plan_free(&job->plan);
	machine_free(&job->machine);
	words_free(&job->options);
	buf_free(&job->boot.error_text);
	buf_free(&job->boot.last_words);
	buf_free(&job->error);
	buf_free(&job->failure);
	buf_free(&job->text);
	buf_free(&job->failing);
	buf_free(&job->held);
	free(job->tried);
	free(job->log_path);
	words_free(&job->kvmtool_options);
	free(job->only);
	free(job->label);
	free(job->name);
	free(job->image);
	free(job->file);
	free(job->timeout);
	free(job);
}
