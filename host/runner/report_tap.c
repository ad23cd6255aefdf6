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

struct tap {
	struct report report;
	unsigned int count;
	struct buf out;
};

static void tap_put(struct tap *tap, const struct job *job, bool good, const char *text,
		    size_t length, const char *directive)
{
	buf_printf(&tap->out, "%s %u - %s: ", good ? "ok" : "not ok", ++tap->count, job->label);
	utf8_add(&tap->out, text, length);
	buf_printf(&tap->out, "%s\n", directive);
}

static void tap_flush(struct report *report, struct job *job)
{
	struct tap *tap = (struct tap *)report;

	(void)job;
	if (tap->out.length)
		write_all(STDOUT_FILENO, tap->out.data, tap->out.length);
	tap->out.length = 0;
}

/* Lines that begin with a result's word, whatever follows it. */
static void tap_line(struct report *report, struct job *job, const struct line *line)
{
	struct tap *tap = (struct tap *)report;
	const char *text = line->text;
	size_t length = strcspn(text, "\r");
	bool fail;

	if (line->origin != LINE_CONSOLE)
		return;
	if (line->known || (line->is_result && line->result == ABI_RESULT_XFAIL)) {
		tap_put(tap, job, true, line->what, strlen(line->what), " # skip expected failure");
		return;
	}
	if (line->is_result && line->result == ABI_RESULT_XPASS) {
		tap_put(tap, job, false, line->what, strlen(line->what), "");
		return;
	}
	fail = !strncmp(text, "FAIL", 4);
	if (!fail && strncmp(text, "PASS", 4) && strncmp(text, "SKIP", 4))
		return;
	if (length >= 6)
		tap_put(tap, job, !fail, text + 6, length - 6, *text == 'S' ? " # skip" : "");
	else
		tap_put(tap, job, !fail, text, 4, *text == 'S' ? " # skip" : "");
	job->failing_shown |= fail;
}

static void tap_end(struct report *report, struct job *job)
{
	struct tap *tap = (struct tap *)report;
	const char *text = buf_text(&job->text);
	bool aborted = job->verdict == VERDICT_ERROR && job->boots && job->bare;
	bool skipped = job->verdict == VERDICT_SKIP && (!job->set_up || !tally_total(&job->tally));

	if (!*text)
		text = aborted ? "aborted" : skipped ? "skipped" : "failed";
	if (job_red(job) && (job->verdict != VERDICT_FAIL || !job->failing_shown))
		tap_put(tap, job, false, text, strlen(text), "");
	else if (skipped)
		tap_put(tap, job, true, text, strlen(text), " # skip");
	tap_flush(report, job);
}

static void tap_finish(struct report *report)
{
	struct tap *tap = (struct tap *)report;

	buf_printf(&tap->out, "1..%u\n", tap->count);
	tap_flush(report, NULL);
}

struct report *report_tap(void)
{
	struct tap *tap = mem_new(sizeof(*tap));

	tap->report.line = tap_line;
	tap->report.flush = tap_flush;
	tap->report.end = tap_end;
	tap->report.finish = tap_finish;
	buf_puts(&tap->out, "TAP version 13\n");
	tap_flush(&tap->report, NULL);
	return &tap->report;
}
