/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What machines print, of our own images and of others, in pieces of any size,
 * and the machine's end: a verdict, and no line that is no text.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/arch.h"
#include "runner/job.h"
#include "runner/qmp.h"
#include "runner/report.h"
#include "runner/session.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct plan_test tests[] = {
	{ .name = "one", .text = "", .file = "a.c", .needs = "", .lacks = "", .devices = "",
	  .xfail = "" },
	{ .name = "two", .text = "", .file = "a.c", .needs = "", .lacks = "", .devices = "",
	  .xfail = "" },
	{ .name = "dies", .text = "", .file = "a.c", .needs = "", .lacks = "", .devices = "",
	  .xfail = "", .ends = ABI_ENDS_SHUTDOWN },
};
static struct session session;
static uint64_t shown;		/* a sum over what reports were told */

static void line_sum(struct report *report, struct job *job, const struct line *line)
{
	(void)report;
	(void)job;
	for (size_t i = 0; i < line->length; i++)
		shown = shown * 31 + (unsigned char)line->text[i];
	shown = shown * 31 + line->is_result;
}

static struct job *job_make(bool ours)
{
	static struct report results, sum = { .line = line_sum };
	struct known_host host = { .kind = "tcg", .arch = "x86_64", .backend = "qemu" };
	struct job *job = mem_new(sizeof(*job));

	if (!session.target) {
		results = *report_results();
		results.next = &sum;
		session.reports = &results;
		session.arch = session.configured_arch = "x86_64";
		session.target = arch_find("x86_64");
	}
	job->session = &session;
	job->name = mem_copy("case");
	job->label = mem_copy("case");
	job->image = mem_copy("x86/case.flat");
	job->file = mem_copy("case.flat");
	job->timeout = mem_copy("1");
	job->backend = &backend_qemu;
	job->accel = "tcg";
	if (ours) {
		job->plan = (struct plan){ .ours = true, .count = 3, .word_size = 8,
					   .tests = mem_new(sizeof(tests)) };
		memcpy(job->plan.tests, tests, sizeof(tests));
	}
	tally_start(&job->tally, &job->plan, &session.known, job->image, &host);
	job->tried = mem_new(3);
	job->set_up = true;
	job->boot.console = job->boot.errors = -1;
	return job;
}

/* One boot after the other prints the same, and ends in one way. */
static uint64_t play(bool ours, const uint8_t *data, size_t size, size_t piece,
		     const struct ending *ending)
{
	struct job *job = job_make(ours);

	shown = 0;
	while (job_next(job) && job->boots < 8) {
		job->boots++;
		job->boot.told_status = -1;
		job->boot.stop = STOP_NOT;
		for (size_t at = 0; at < size; at += piece) {
			size_t part = size - at < piece ? size - at : piece;

			if (data[at] & 0x80)
				job_errors(job, (const char *)data + at, part);
			else
				job_console(job, (const char *)data + at, part);
		}
		job_flush(job);
		job_boot_over(job, ending);
	}
	job_judge(job);
	if (job->verdict == VERDICT_NONE || job_status(job) < 0)
		abort();
	REPORTS(&session, end, job);
	for (const char *c = buf_text(&job->text); *c; c++)
		shown = shown * 31 + (unsigned char)*c;
	shown = shown * 31 + job->verdict;
	job_free(job);
	return shown;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum ending_kind kinds[] = {
		ENDING_VERDICT, ENDING_SHUTDOWN, ENDING_POWER_OFF, ENDING_INTERNAL_ERROR,
		ENDING_UNSUPPORTED, ENDING_ERROR, ENDING_SIGNAL, ENDING_TIMEOUT,
		ENDING_INTERRUPTED,
	};
	struct ending ending = { .kind = ENDING_VERDICT };
	struct buf clean = { 0 };
	char value[64], *text;
	bool ours;

	if (size < 3)
		return 0;
	ours = data[0] & 1;
	ending.kind = kinds[(data[0] >> 1) % (sizeof(kinds) / sizeof(*kinds))];
	ending.code = data[1];
	/* However the bytes come, they say the same: all are of the console here. */
	text = mem_text((const char *)data + 2, size - 2);
	for (size_t i = 0; i < size - 2; i++)
		text[i] &= 0x7f;
	if (play(ours, (uint8_t *)text, size - 2, size, &ending) !=
	    play(ours, (uint8_t *)text, size - 2, 1 + data[2] % 7, &ending))
		abort();
	free(text);
	play(ours, data + 2, size - 2, 1 + data[2] % 50, &ending);

	/* What becomes text is text. */
	utf8_add(&clean, (const char *)data, size);
	for (size_t i = 0; i < clean.length; i++)
		if (!clean.data[i])
			abort();
	qmp_member(buf_text(&clean), "status", value, sizeof(value));
	buf_free(&clean);
	return 0;
}
