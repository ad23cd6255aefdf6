/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * TAP version 13, one line per result of an image.  Known parsers take every
 * line that begins with "not ok" for a failure and understand "# skip" only.
 */
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/report_file.h"

#define HELD_MOST	(4u << 20)	/* bytes of a case's lines that are kept back */

struct tap {
	struct report report;
	unsigned int count;
	struct buf out;
};

/* A line of a case's, which gets its number when it is told. */
static void line_put(struct buf *out, const char *label, bool good, const char *text,
		     size_t length, const char *directive)
{
	buf_printf(out, "%c - %s: ", good ? '+' : '-', label);
	utf8_add(out, text, length);
	buf_printf(out, "%s\n", directive);
}

static void tap_write(struct tap *tap)
{
	if (tap->out.length)
		output_write(tap->out.data, tap->out.length);
	tap->out.length = 0;
}

static void lines_tell(struct tap *tap, struct buf *lines)
{
	const char *at = buf_text(lines), *end;

	for (; *at; at = end + 1) {
		end = strchr(at, '\n');
		buf_printf(&tap->out, "%s %u", *at == '+' ? "ok" : "not ok", ++tap->count);
		buf_add(&tap->out, at + 1, end - at);
	}
	lines->length = 0;
	tap_write(tap);
}

/* Lines that begin with a result's word, whatever follows it. */
static void tap_line(struct report *report, struct job *job, const struct line *line)
{
	const char *text = line->text;
	size_t length = strcspn(text, "\r\n");
	struct buf *held = &job->held;
	bool fail;

	if (line->origin != LINE_CONSOLE)
		return;
	if (line->known || (line->is_result && line->result == ABI_RESULT_XFAIL)) {
		line_put(held, job->label, true, line->what, strcspn(line->what, "\r\n"),
			 " # skip expected failure");
		return;
	}
	if (line->is_result && line->result == ABI_RESULT_XPASS) {
		line_put(held, job->label, false, line->what, strcspn(line->what, "\r\n"), "");
		return;
	}
	fail = !strncmp(text, "FAIL", 4);
	if (!fail && strncmp(text, "PASS", 4) && strncmp(text, "SKIP", 4))
		return;
	if (length >= 6)
		line_put(held, job->label, !fail, text + 6, length - 6,
			 *text == 'S' ? " # skip" : "");
	else
		line_put(held, job->label, !fail, text, 4, *text == 'S' ? " # skip" : "");
	job->failing_shown |= fail;
	/* A flood is not kept: whatever becomes of the case, it has been seen. */
	if (held->length > HELD_MOST)
		lines_tell((struct tap *)report, held);
}

static void tap_end(struct report *report, struct job *job)
{
	const char *text = buf_text(&job->text);
	bool aborted = job->verdict == VERDICT_ERROR && job->boots && job->bare;
	bool skipped = job->verdict == VERDICT_SKIP && (!job->set_up || !tally_total(&job->tally));

	/* Another attempt follows, and this one has not been. */
	if (job->superseded)
		return;
	if (!*text)
		text = aborted ? "aborted" : skipped ? "skipped" : "failed";
	if (job_red(job) && (job->verdict != VERDICT_FAIL || !job->failing_shown))
		line_put(&job->held, job->label, false, text, strlen(text), "");
	else if (skipped)
		line_put(&job->held, job->label, true, text, strlen(text), " # skip");
	lines_tell((struct tap *)report, &job->held);
}

/* A case that ended before the run was resumed, from its results. */
static void tap_replay(struct report *report, const struct results *results, bool red)
{
	const char *label = results->label ? results->label : results->name;
	struct buf lines = { 0 }, place = { 0 };
	bool shown = false;

	for (size_t i = 0; i < results->item_count; i++) {
		const struct result_item *item = &results->items[i];
		bool failing = results_failing(item), expected = !strcmp(item->word, "XFAIL");

		place.length = 0;
		results_place(results, item, &place);
		line_put(&lines, label, !failing, buf_text(&place), place.length, expected ?
			 " # skip expected failure" : *item->word == 'S' ? " # skip" : "");
		shown |= failing;
	}
	if (red && (!shown || strcmp(results->verdict, "FAIL")))
		line_put(&lines, label, false, results->text, strlen(results->text), "");
	else if (!strcmp(results->verdict, "SKIP") && !results->item_count)
		line_put(&lines, label, true, results->text, strlen(results->text), " # skip");
	lines_tell((struct tap *)report, &lines);
	buf_free(&lines);
	buf_free(&place);
}

static void tap_finish(struct report *report)
{
	struct tap *tap = (struct tap *)report;

	buf_printf(&tap->out, "1..%u\n", tap->count);
	tap_write(tap);
}

struct report *report_tap(void)
{
	struct tap *tap = mem_new(sizeof(*tap));

	tap->report.line = tap_line;
	tap->report.end = tap_end;
	tap->report.replay = tap_replay;
	tap->report.finish = tap_finish;
	buf_puts(&tap->out, "TAP version 13\n");
	tap_write(tap);
	return &tap->report;
}
