/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Standard error of a suite: what runs at the moment, and at the end what
 * failed, why, where in the source, and how to run just that again.
 *
 * Scripts count words in capitals there too, so verdicts are in small letters.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/report_file.h"
#include "runner/results.h"
#include "runner/session.h"

#define DRAW_MS		200		/* between two looks at a terminal, */
#define QUIET_MS	60000		/* and two lines where there is none */
#define FAILED_MOST	(64u << 10)	/* bytes of failures that are repeated */
#define CHECKS_MOST	3		/* failed checks shown of one result, */
#define RESULTS_MOST	8		/* and failing results of one case */
#define SLOW_SHOWN	5
#define SLOW_NS		2000000000ull	/* cases quicker than this are nobody's worry */

#define RED	"\033[31m"
#define BOLD	"\033[1m"
#define FAINT	"\033[2m"
#define PLAIN	"\033[0m"

struct running {
	struct job *job;
	uint64_t since;
};

struct slow {
	char *name;
	uint64_t ns;
};

struct progress {
	struct report report;
	struct report_options options;
	bool terminal;		/* standard error is one */
	bool color;
	unsigned int lines;	/* that stand there and are to be taken away */
	uint64_t started, told;	/* ns; when the last line came */
	struct running *running;
	size_t running_count;
	size_t over;
	unsigned int passed, failed, skipped, interrupted;
	struct buf failures;	/* what is repeated at the end */
	size_t unrepeated;
	struct slow slow[SLOW_SHOWN];	/* the longest, longest first */
};

static void paint(const struct progress *progress, struct buf *out, const char *color)
{
	if (progress->color)
		buf_puts(out, color);
}

static unsigned int width(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	unsigned int given = columns ? strtoul(columns, NULL, 10) : 0;

	if (!ioctl(STDERR_FILENO, TIOCGWINSZ, &size) && size.ws_col)
		return size.ws_col;
	return given ? given : 80;
}

/* So much of a line of UTF-8 as fits, with one column left free. */
static void line_add(struct buf *out, const char *text, unsigned int columns)
{
	size_t length = 0;

	while (text[length] && columns > 1) {
		columns--;
		length++;
		while (((unsigned char)text[length] & 0xc0) == 0x80)
			length++;
	}
	buf_add(out, text, length);
}

static void clear(struct progress *progress, struct buf *out)
{
	if (!progress->lines)
		return;
	buf_puts(out, "\r\033[K");
	while (--progress->lines)
		buf_puts(out, "\033[A\033[K");
}

static void put(struct buf *out)
{
	if (out->length)
		write_all(STDERR_FILENO, out->data, out->length);
	buf_free(out);
}

static void counts_add(const struct progress *progress, struct buf *out)
{
	buf_printf(out, "%u passed, %u failed, %u skipped", progress->passed, progress->failed,
		   progress->skipped);
	if (progress->interrupted)
		buf_printf(out, ", %u interrupted", progress->interrupted);
}

static double seconds(uint64_t ns)
{
	return ns / 1e9;
}

static void status_line(const struct progress *progress, uint64_t now, struct buf *line)
{
	uint64_t spent = now - progress->started;
	size_t left = progress->options.cases > progress->over ?
		progress->options.cases - progress->over : 0;

	buf_printf(line, "%zu of %zu: ", progress->over, progress->options.cases);
	counts_add(progress, line);
	buf_printf(line, "; %.0f s", seconds(spent));
	/* A guess that needs something to go by. */
	if (progress->over >= 4 && left && spent > 2000000000)
		buf_printf(line, ", about %.0f more",
			   seconds(spent) * left / progress->over);
}

static int running_order(const void *a, const void *b)
{
	const struct running *x = a, *y = b;

	return x->since < y->since ? -1 : x->since > y->since;
}

/* The longest first. */
static void running_line(struct progress *progress, uint64_t now, unsigned int columns,
			 struct buf *line)
{
	qsort(progress->running, progress->running_count, sizeof(*progress->running),
	      running_order);
	for (size_t i = 0; i < progress->running_count; i++) {
		const struct running *one = &progress->running[i];
		const struct tally *tally = &one->job->tally;
		struct buf text = { 0 };

		buf_puts(&text, one->job->name);
		if (one->job->plan.ours && tally->current >= 0)
			buf_printf(&text, ": %s", one->job->plan.tests[tally->current].name);
		buf_printf(&text, " %.1f s", seconds(now - one->since));
		if (i && line->length + text.length + 12 > columns) {
			buf_printf(line, "  and %zu more", progress->running_count - i);
			buf_free(&text);
			return;
		}
		buf_printf(line, "  %s", buf_text(&text));
		buf_free(&text);
	}
}

static void draw(struct progress *progress)
{
	unsigned int columns = width();
	struct buf out = { 0 }, line = { 0 };
	uint64_t now = now_ns();

	clear(progress, &out);
	status_line(progress, now, &line);
	paint(progress, &out, BOLD);
	line_add(&out, buf_text(&line), columns);
	paint(progress, &out, PLAIN);
	line.length = 0;
	running_line(progress, now, columns, &line);
	buf_puts(&out, "\n");
	line_add(&out, buf_text(&line), columns);
	progress->lines = 2;
	progress->told = now;
	put(&out);
	buf_free(&line);
}

static void progress_tick(struct report *report)
{
	struct progress *progress = (struct progress *)report;
	uint64_t now = now_ns();
	struct buf line = { 0 };

	if (progress->terminal) {
		if (!progress->lines || now - progress->told >= DRAW_MS * 1000000ull)
			draw(progress);
	} else if (now - progress->told >= QUIET_MS * 1000000ull) {
		status_line(progress, now, &line);
		buf_puts(&line, "; running:");
		running_line(progress, now, 400, &line);
		complain_line(buf_text(&line));
		buf_free(&line);
		progress->told = now;
	}
}

static void progress_begin(struct report *report, struct job *job)
{
	struct progress *progress = (struct progress *)report;
	struct buf out = { 0 };

	progress->running = mem_grow(progress->running, progress->running_count,
				     sizeof(*progress->running));
	progress->running[progress->running_count++] = (struct running){ job, now_ns() };
	/* The other reports may write now. */
	clear(progress, &out);
	put(&out);
}

/* The line of the source that a check stands in. */
static void source_add(struct progress *progress, const struct check_item *check)
{
	FILE *file = check->file ? fopen(check->file, "re") : NULL;
	char *line = NULL, *text;
	size_t room = 0;
	uint64_t number = 0;

	while (file && number < check->line && getline(&line, &room, file) > 0)
		number++;
	if (file && number && number == check->line) {
		text = line;
		while (isspace((unsigned char)*text))
			text++;
		text[strcspn(text, "\r\n")] = '\0';
		paint(progress, &progress->failures, FAINT);
		buf_printf(&progress->failures, "        > %s\n", text);
		paint(progress, &progress->failures, PLAIN);
	}
	free(line);
	if (file)
		fclose(file);
}

static void check_repeat(struct progress *progress, const struct check_item *check)
{
	struct buf *out = &progress->failures;

	if (check->file)
		buf_printf(out, "      %s:%llu: ", check->file, (unsigned long long)check->line);
	else
		buf_puts(out, "      ");
	buf_printf(out, "%s\n", check->expression);
	source_add(progress, check);
	if (check->expected)
		buf_printf(out, "        expected %s\n        got      %s\n", check->expected,
			   check->got ? check->got : "something else");
	else if (check->text)
		buf_printf(out, "        %.*s\n", (int)strcspn(check->text, "\n"), check->text);
}

static void items_repeat(struct progress *progress, const struct results *results)
{
	struct buf *out = &progress->failures;
	size_t shown = 0, failing = 0;

	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];

		if (!results_failing(item) || (!item->checks && *item->path == '\0' && shown))
			continue;
		failing++;
		if (shown == RESULTS_MOST)
			continue;
		shown++;
		buf_puts(out, "    ");
		results_place(results, item, out);
		buf_printf(out, "%s%s%s%s\n", strcmp(item->word, "XPASS") ? "" :
			   " passes, and should not", item->reason ? " (" : "",
			   item->reason ? item->reason : "", item->reason ? ")" : "");
		for (uint64_t c = 0; c < item->checks && c < CHECKS_MOST; c++)
			check_repeat(progress, &results->checks[item->check + c]);
		if (item->checks > CHECKS_MOST)
			buf_printf(out, "      and %llu more checks\n",
				   (unsigned long long)item->checks - CHECKS_MOST);
	}
	if (failing > shown)
		buf_printf(out, "    and %zu more results\n", failing - shown);
}

static void failure_keep(struct progress *progress, const struct results *results)
{
	struct buf *out = &progress->failures;

	if (out->length > FAILED_MOST) {
		progress->unrepeated++;
		return;
	}
	buf_puts(out, "  ");
	paint(progress, out, RED);
	buf_puts(out, results_label(results));
	paint(progress, out, PLAIN);
	buf_puts(out, ": ");
	if (!strcmp(results->verdict, "FAIL") && !results_whole(results))
		buf_puts(out, "failed");
	else if (!*results->text)
		buf_printf(out, "ended by %s", results->ending ? results->ending : "nothing known");
	else if (strcmp(results->verdict, "FAIL") && strcmp(results->verdict, "XPASS"))
		buf_puts(out, results->text);
	else
		buf_printf(out, "failed: %s", results->text);
	if (results->relation && !strcmp(results->relation, "SAME"))
		buf_puts(out, ", as in the baseline");
	buf_puts(out, "\n");
	items_repeat(progress, results);
	/* Where every TEST came to its end, there is nothing to explain. */
	if (results->autopsy && results->ending && strncmp(results->ending, "debug exit 1", 12))
		buf_printf(out, "      %.*s\n", (int)strcspn(results->autopsy, "\n"),
			   results->autopsy);
	buf_printf(out, "    again: %s\n", results->rerun);
	if (results->log)
		buf_printf(out, "    log: %s\n", results->log);
}

static void slow_keep(struct progress *progress, const struct results *results)
{
	size_t at = SLOW_SHOWN;

	if (results->duration_ns < SLOW_NS)
		return;
	while (at && progress->slow[at - 1].ns < results->duration_ns)
		at--;
	if (at == SLOW_SHOWN)
		return;
	free(progress->slow[SLOW_SHOWN - 1].name);
	memmove(&progress->slow[at + 1], &progress->slow[at],
		(SLOW_SHOWN - 1 - at) * sizeof(*progress->slow));
	progress->slow[at] = (struct slow){
		mem_copy(results_label(results)), results->duration_ns
	};
}

static void progress_end(struct report *report, struct job *job)
{
	struct progress *progress = (struct progress *)report;
	struct buf out = { 0 };

	for (size_t i = 0; i < progress->running_count; i++)
		if (progress->running[i].job == job)
			progress->running[i] = progress->running[--progress->running_count];
	clear(progress, &out);
	put(&out);
	if (job->superseded)
		return;
	progress->over++;
	if (job->verdict == VERDICT_INTERRUPTED)
		progress->interrupted++;
	else if (job_red(job))
		progress->failed++;
	else if (job->verdict == VERDICT_SKIP)
		progress->skipped++;
	else
		progress->passed++;
	if (job_red(job))
		failure_keep(progress, job->results);
	slow_keep(progress, job->results);
	/* A terminal is drawn at the next tick; others have just been told something. */
	if (!progress->terminal)
		progress->told = now_ns();
}

static void progress_replay(struct report *report, const struct results *results, bool red)
{
	struct progress *progress = (struct progress *)report;

	progress->over++;
	if (red)
		progress->failed++;
	else if (!strcmp(results->verdict, "SKIP"))
		progress->skipped++;
	else
		progress->passed++;
	if (red)
		failure_keep(progress, results);
	slow_keep(progress, results);
}

static void progress_finish(struct report *report)
{
	struct progress *progress = (struct progress *)report;
	struct buf out = { 0 }, line = { 0 };

	clear(progress, &out);
	if (progress->failures.length)
		buf_printf(&out, "\n%s\n", buf_text(&progress->failures));
	if (progress->unrepeated)
		buf_printf(&out, "  and %zu more cases\n", progress->unrepeated);
	put(&out);
	for (size_t i = 0; i < SLOW_SHOWN && progress->slow[i].name; i++) {
		buf_printf(&line, "%s%s %.1f s", i ? ", " : "the longest: ",
			   progress->slow[i].name, seconds(progress->slow[i].ns));
		free(progress->slow[i].name);
	}
	if (line.length && progress->over > 1)
		complain_line(buf_text(&line));
	line.length = 0;
	buf_printf(&line, "%zu cases: ", progress->over);
	counts_add(progress, &line);
	buf_printf(&line, " in %.2f s", seconds(now_ns() - progress->started));
	complain_line(buf_text(&line));
	buf_free(&line);
	buf_free(&progress->failures);
	free(progress->running);
}

struct report *report_progress(struct session *session, const struct report_options *options)
{
	struct progress *progress = mem_new(sizeof(*progress));
	const char *none = getenv("NO_COLOR"), *kind = getenv("TERM");

	progress->options = *options;
	progress->terminal = isatty(STDERR_FILENO) && kind && *kind && strcmp(kind, "dumb");
	progress->color = options->color && progress->terminal && !(none && *none);
	progress->started = progress->told = now_ns();
	progress->report.begin = progress_begin;
	progress->report.end = progress_end;
	progress->report.replay = progress_replay;
	progress->report.tick = progress_tick;
	progress->report.finish = progress_finish;
	session->tick_ms = progress->terminal ? DRAW_MS : QUIET_MS;
	return &progress->report;
}
