/* SPDX-License-Identifier: BSD-2-Clause */
/* What people and scripts read on standard output and standard error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/cfg.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/results.h"
#include "runner/session.h"

#define GREEN	"\033[32m"
#define YELLOW	"\033[33m"
#define RED	"\033[31m"
#define PLAIN	"\033[0m"

struct terminal {
	struct report report;
	struct report_options options;
};

static struct terminal *terminal_of(struct report *report)
{
	return (struct terminal *)report;
}

const char *verdict_word(const struct job *job)
{
	return job_red(job) ? "FAIL" : job->verdict == VERDICT_SKIP ? "SKIP" : "PASS";
}

static const char *word_color(const char *word)
{
	return *word == 'P' ? GREEN : *word == 'S' ? YELLOW : RED;
}

/* The command as kvm-unit-tests shows it. */
static void case_command(struct report *report, struct job *job)
{
	struct terminal *terminal = terminal_of(report);
	const char *machine = getenv("MACHINE");
	struct buf line = { 0 };

	if (!terminal->options.verbose)
		return;
	buf_printf(&line, "TESTNAME=%s TIMEOUT=%s MACHINE=%s ACCEL=%s ./%s-run %s", job->name,
		   job->timeout, machine ? machine : "", job->accel,
		   job->session->test_dir, job->image);
	words_quote(&line, &job->options);
	buf_puts(&line, "\n");
	output_write(line.data, line.length);
	buf_free(&line);
}

static void verdict_line(struct terminal *terminal, const char *word, const char *label,
			 const char *text)
{
	struct buf line = { 0 };

	if (terminal->options.color)
		buf_printf(&line, "%s%s" PLAIN " %s ", word_color(word), word, label);
	else
		buf_printf(&line, "%s %s ", word, label);
	if (text)
		buf_printf(&line, "(%s)", text);
	buf_puts(&line, "\n");
	output_write(line.data, line.length);
	buf_free(&line);
}

static void case_verdict(struct report *report, struct job *job)
{
	struct terminal *terminal = terminal_of(report);

	if (job->superseded)
		return;
	verdict_line(terminal, verdict_word(job), job->label,
		     job->bare ? NULL : buf_text(&job->text));
	if (terminal->options.verbose && job_red(job) && job->failing.length)
		write_all(STDERR_FILENO, job->failing.data, job->failing.length);
}

static void case_replay(struct report *report, const struct results *results, bool red)
{
	const char *label = results->label ? results->label : results->name;

	verdict_line(terminal_of(report), red ? "FAIL" : strcmp(results->verdict, "SKIP") ? "PASS" :
		     "SKIP", label, *results->text ? results->text : NULL);
}

struct report *report_terminal(const struct report_options *options)
{
	struct terminal *terminal = mem_new(sizeof(*terminal));

	terminal->options = *options;
	terminal->report.begin = case_command;
	terminal->report.end = case_verdict;
	terminal->report.replay = case_replay;
	return &terminal->report;
}

struct live {
	struct report report;
	bool color;
	struct buf out;		/* written in one go */
};

static void live_begin(struct report *report, struct job *job)
{
	struct live *live = (struct live *)report;

	job->backend->command(job, &live->out);
	buf_puts(&live->out, "\n");
	output_write(live->out.data, live->out.length);
	live->out.length = 0;
}

static void live_line(struct report *report, struct job *job, const struct line *line)
{
	struct live *live = (struct live *)report;
	size_t word = line->is_result ? strcspn(line->text, ":") : 0;
	const char *color = line->known ? GREEN : word_color(line->text);

	(void)job;
	if (line->origin == LINE_STDERR) {
		struct buf text = { 0 };

		buf_add(&text, line->text, line->length);
		buf_puts(&text, "\n");
		write_all(STDERR_FILENO, text.data, text.length);
		buf_free(&text);
		return;
	}
	if (live->color && word) {
		if (line->result == ABI_RESULT_XFAIL)
			color = GREEN;
		buf_puts(&live->out, color);
		buf_add(&live->out, line->text, word);
		buf_puts(&live->out, PLAIN);
		buf_add(&live->out, line->text + word, line->length - word);
	} else {
		buf_add(&live->out, line->text, line->length);
	}
	buf_puts(&live->out, "\n");
}

static void live_flush(struct report *report, struct job *job)
{
	struct live *live = (struct live *)report;

	(void)job;
	if (live->out.length)
		output_write(live->out.data, live->out.length);
	live->out.length = 0;
}

static void live_end(struct report *report, struct job *job)
{
	live_flush(report, job);
	/* What no line of the image's says. */
	if (job->verdict == VERDICT_SKIP ? !tally_total(&job->tally) :
	    job_red(job) && (job->verdict != VERDICT_FAIL || job->failure.length))
		complain("%s: %s", job->image, buf_text(&job->text));
}

struct report *report_live(bool color)
{
	struct live *live = mem_new(sizeof(*live));

	live->color = color;
	live->report.begin = live_begin;
	live->report.line = live_line;
	live->report.flush = live_flush;
	live->report.end = live_end;
	return &live->report;
}
