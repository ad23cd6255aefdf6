/* SPDX-License-Identifier: BSD-2-Clause */
/* From what was reported and how the machines ended to a verdict. */
#include <stdio.h>
#include <string.h>

#include "runner/backend.h"
#include "runner/job.h"
#include "runner/known.h"
#include "runner/session.h"

#define SUMMARY_WITHIN	5	/* a foreign image's summary: of the last lines */

static const char *signal_word(unsigned int number)
{
	static char text[24];
	const char *name = sigabbrev_np(number);

	if (name)
		snprintf(text, sizeof(text), "SIG%s", name);
	else
		snprintf(text, sizeof(text), "SIG%u", number);
	return text;
}

static void note_error(struct job *job, const char *text)
{
	if (!job->error.length)
		buf_puts(&job->error, text);
}

static void ending_text(const struct ending *ending, struct buf *out)
{
	switch (ending->kind) {
	case ENDING_VERDICT:
		if (ending->code == ABI_EXIT_ABORT)
			buf_puts(out, "the image aborted");
		else
			buf_printf(out, "the image left with code %u", ending->code);
		break;
	case ENDING_TIMEOUT:
		buf_printf(out, "the machine was stopped, its time was over%s%s",
			   *ending->text ? ": " : "", ending->text);
		break;
	case ENDING_SHUTDOWN:
		buf_puts(out, *ending->text ? ending->text :
			 "the machine shut down (triple fault)");
		break;
	case ENDING_POWER_OFF:
		buf_puts(out, "the machine powered off");
		break;
	case ENDING_SIGNAL:
		buf_printf(out, "the VMM was terminated on %s", signal_word(ending->code));
		break;
	default:
		buf_puts(out, *ending->text ? ending->text : "the machine ended, why is not known");
		break;
	}
}

/* Whether such an end leaves open what the hypervisor did. */
static bool ending_is_error(const struct ending *ending)
{
	return ending->kind != ENDING_SHUTDOWN && ending->kind != ENDING_POWER_OFF &&
	       ending->kind != ENDING_INTERNAL_ERROR;
}

/* The TEST that had begun takes the blame. */
static void ended_inside(struct job *job, const struct ending *ending)
{
	int test = job->tally.current;
	struct event detail = { .kind = EVENT_DETAIL };
	struct event end = {
		.kind = EVENT_TEST_END, .test = test, .result = ABI_RESULT_FAIL,
		.checks = CHECKS_UNKNOWN,
	};
	unsigned int known = job->tally.known_failures;
	struct buf text = { 0 }, place = { 0 };

	tally_place(&job->tally, &place);
	ending_text(ending, &text);
	job_say(job, "\t%s", buf_text(&text));
	tally_event(&job->tally, &detail);
	job_result(job, ABI_RESULT_FAIL, buf_text(&place), "");
	if (ending_is_error(ending) && job->tally.known_failures == known) {
		buf_printf(&place, ": %s", buf_text(&text));
		note_error(job, buf_text(&place));
	}
	tally_event(&job->tally, &end);
	job->next_first = test + 1;
	buf_free(&text);
	buf_free(&place);
}

/* No TEST was running: at start-up, or between two. */
static void ended_outside(struct job *job, const struct ending *ending)
{
	int last = -1;
	struct buf text = { 0 };

	for (size_t i = job->boot.first_index; i < job->plan.count; i++)
		if (job->tally.tests[i].state == TEST_ENDED)
			last = i;
	if (memcmp(job->boot.results, job->tally.results, sizeof(job->boot.results)) == 0)
		last = -1;
	ending_text(ending, &text);
	if (ending->kind == ENDING_UNSUPPORTED && job->boots == 1) {
		job_decide(job, VERDICT_SKIP, "%s", buf_text(&text));
		job->stopped = true;
	} else {
		if (last < 0 && ending->kind != ENDING_ERROR)
			buf_puts(&text, " before any TEST began");
		else if (last >= 0)
			buf_printf(&text, " after TEST %s", job->plan.tests[last].name);
		job_say(job, "flatbed: %s", buf_text(&text));
		if (ending_is_error(ending))
			note_error(job, buf_text(&text));
		else if (!job->failure.length)
			buf_puts(&job->failure, buf_text(&text));
		job->stopped = last < 0 && job->boot.only < 0;
		job->next_first = last + 1;
	}
	buf_free(&text);
}

/* "3 tests, 1 unexpected failures": whether there are any. */
static bool summary_fails(const struct tally *tally)
{
	const char *words = tally->summary ? strstr(tally->summary, " unexpected failures") : NULL;

	return words && words > tally->summary && words[-1] != '0';
}

/* The exit code against the lines of this machine. */
static void verdict_check(struct job *job, unsigned int code)
{
	const unsigned int *now = job->tally.results, *before = job->boot.results;
	unsigned int failed = now[ABI_RESULT_FAIL] - before[ABI_RESULT_FAIL] +
			      now[ABI_RESULT_XPASS] - before[ABI_RESULT_XPASS];
	unsigned int passed = now[ABI_RESULT_PASS] - before[ABI_RESULT_PASS] +
			      now[ABI_RESULT_XFAIL] - before[ABI_RESULT_XFAIL];
	const char *told = NULL;

	if (code == ABI_EXIT_PASS && failed)
		told = "the image left with success, but a result line says otherwise";
	else if (code == ABI_EXIT_PASS && !job->plan.ours && summary_fails(&job->tally))
		told = "the image left with success, but its summary says otherwise";
	else if (code == ABI_EXIT_FAIL && !failed && job->plan.ours)
		told = "the image left with failure, but no result line says so";
	else if (code == ABI_EXIT_SKIP && (failed || passed))
		told = "the image says that it skipped everything, and result lines differ";
	if (told && !job->failure.length)
		buf_puts(&job->failure, told);
}

static void missing_check(struct job *job)
{
	struct buf text = { 0 };

	for (size_t i = job->boot.first_index; i < job->plan.count; i++) {
		bool due = job->boot.only < 0 ?
			job_selects(job, i) &&
			!job_own_boot(job, i) : (int)i == job->boot.only;

		if (!due || job->tally.tests[i].state == TEST_ENDED)
			continue;
		buf_printf(&text, "%s never ran, though the image said that it was done",
			   job->plan.tests[i].name);
		note_error(job, buf_text(&text));
		break;
	}
	buf_free(&text);
}

static bool ends_so(enum abi_ends declared, enum ending_kind kind)
{
	switch (declared) {
	case ABI_ENDS_SHUTDOWN:
		return kind == ENDING_SHUTDOWN;
	case ABI_ENDS_OFF:
	case ABI_ENDS_RESET:
		/* No VMM tells them apart by its exit status. */
		return kind == ENDING_POWER_OFF;
	default:
		return false;
	}
}

static bool ended_as_declared(struct job *job, const struct ending *ending)
{
	int test = job->tally.current;
	struct event end = {
		.kind = EVENT_TEST_END, .test = test, .result = ABI_RESULT_PASS,
		.checks = CHECKS_UNKNOWN,
	};

	if (test < 0 || !ends_so(job->plan.tests[test].ends, ending->kind))
		return false;
	job_result(job, ABI_RESULT_PASS, job->plan.tests[test].name, "");
	tally_event(&job->tally, &end);
	job->next_first = test + 1;
	return true;
}

static void stopped_say(struct job *job, const struct ending *ending)
{
	struct buf place = { 0 };

	if (job->tally.current >= 0) {
		buf_puts(&place, "in TEST ");
		tally_place(&job->tally, &place);
	} else {
		buf_puts(&place, job->plan.ours ? "while no TEST ran" : "and stopped");
	}
	if (*ending->text)
		buf_printf(&place, ": %s", ending->text);
	if (ending->kind == ENDING_TIMEOUT)
		job_say(job, "flatbed: timeout after %s %s", job->timeout, buf_text(&place));
	else
		job_say(job, "flatbed: interrupted %s", buf_text(&place));
	buf_free(&place);
}

static void foreign_say(struct job *job, const struct ending *ending)
{
	struct buf text = { 0 };

	ending_text(ending, &text);
	job_say(job, "flatbed: %s", buf_text(&text));
	buf_free(&text);
}

void job_boot_over(struct job *job, const struct ending *ending)
{
	job->ending = *ending;
	if (ending->kind == ENDING_TIMEOUT && tally_end_known(&job->tally)) {
		/* A recorded hang costs its own TEST; each has its own time. */
		stopped_say(job, ending);
		job->abnormal = true;
		job->deadline += job->timeout_ns;
		ended_inside(job, ending);
	} else if (ending->kind == ENDING_TIMEOUT || ending->kind == ENDING_INTERRUPTED) {
		stopped_say(job, ending);
		job->stopped = true;
	} else if (!job->plan.ours) {
		if (ending->kind == ENDING_VERDICT)
			verdict_check(job, ending->code);
		else
			foreign_say(job, ending);
	} else if (ended_as_declared(job, ending)) {
		return;
	} else if (ending->kind == ENDING_VERDICT && job->tally.current < 0 &&
		   ending->code != ABI_EXIT_ABORT) {
		verdict_check(job, ending->code);
		missing_check(job);
		job->main_over |= job->boot.only < 0;
	} else {
		job->abnormal = true;
		if (job->tally.current >= 0)
			ended_inside(job, ending);
		else
			ended_outside(job, ending);
	}
}

static void never_say(struct job *job)
{
	struct buf names = { 0 };

	for (size_t i = 0; i < job->plan.count; i++)
		if (job->tally.tests[i].state == TEST_NEVER &&
		    job_selects(job, i))
			buf_printf(&names, "%s%s", names.length ? ", " : "",
				   job->plan.tests[i].name);
	if (names.length)
		job_say(job, "flatbed: never ran: %s", buf_text(&names));
	buf_free(&names);
}

static void judge_foreign(struct job *job)
{
	const struct ending *ending = &job->ending;
	const struct tally *tally = &job->tally;
	bool summary = tally->summary && tally->lines - tally->summary_line < SUMMARY_WITHIN;
	enum verdict verdict = VERDICT_ERROR;
	struct buf text = { 0 };

	if (ending->kind == ENDING_VERDICT)
		verdict = ending->code == ABI_EXIT_PASS && !job->failure.length ? VERDICT_PASS :
			  ending->code == ABI_EXIT_SKIP && !job->failure.length ? VERDICT_SKIP :
			  ending->code == ABI_EXIT_ABORT ? VERDICT_ERROR : VERDICT_FAIL;
	else if (ending->kind == ENDING_UNSUPPORTED)
		verdict = VERDICT_SKIP;
	else if (ending->kind == ENDING_SHUTDOWN || ending->kind == ENDING_POWER_OFF ||
		 ending->kind == ENDING_INTERNAL_ERROR)
		verdict = VERDICT_FAIL;

	if (ending->kind == ENDING_SIGNAL)
		buf_printf(&text, "terminated on %s", signal_word(ending->code));
	else if (ending->kind == ENDING_UNSUPPORTED || ending->kind == ENDING_INTERNAL_ERROR)
		buf_puts(&text, ending->text);
	else if (job->failure.length)
		buf_puts(&text, buf_text(&job->failure));
	else if (ending->kind == ENDING_ERROR && *ending->text)
		buf_printf(&text, "error: %s", ending->text);
	else if (summary)
		utf8_add(&text, tally->summary, strlen(tally->summary));
	job->bare = !text.length;
	job_decide(job, verdict, "%s", buf_text(&text));
	buf_free(&text);
}

static void decide_with_summary(struct job *job, enum verdict verdict, const char *before,
				const char *text)
{
	struct buf summary = { 0 };

	tally_summary(&job->tally, &summary);
	if (!*text)
		job_decide(job, verdict, "%s", buf_text(&summary));
	else if (tally_total(&job->tally))
		job_decide(job, verdict, "%s%s; %s", before, text, buf_text(&summary));
	else
		job_decide(job, verdict, "%s%s", before, text);
	buf_free(&summary);
}

static void judge_ours(struct job *job)
{
	const struct tally *tally = &job->tally;
	unsigned int total = tally_total(tally), passed = tally->results[ABI_RESULT_PASS] +
		tally->results[ABI_RESULT_XFAIL];
	struct buf xpass = { 0 };
	unsigned int gone = tally_xpass(tally, &xpass);

	if (gone)
		buf_printf(&xpass, " unexpectedly pass%s", gone == 1 ? "es" : "");
	if (tally->error)
		note_error(job, tally->error);
	if (job->error.length)
		decide_with_summary(job, VERDICT_ERROR, "error: ", buf_text(&job->error));
	else if (job->failure.length)
		decide_with_summary(job, VERDICT_FAIL, "", buf_text(&job->failure));
	else if (tally_unexpected(tally))
		decide_with_summary(job, VERDICT_FAIL, "", gone ? buf_text(&xpass) : "");
	else if (gone)
		job_decide(job, VERDICT_XPASS, "%s", buf_text(&xpass));
	else if (total == tally->results[ABI_RESULT_SKIP])
		decide_with_summary(job, VERDICT_SKIP, "", "");
	else if (tally->known_failures && job->abnormal && !passed)
		job_decide(job, VERDICT_SKIP, "known failure: %s", tally->reason);
	else
		decide_with_summary(job, tally->known_failures || tally->results[ABI_RESULT_XFAIL] ?
				    VERDICT_XFAIL : VERDICT_PASS, "", "");
	buf_free(&xpass);
}

void job_judge(struct job *job)
{
	struct buf summary = { 0 };

	if (job->verdict != VERDICT_NONE)
		return;
	if (job->plan.ours) {
		never_say(job);
		tally_summary(&job->tally, &summary);
		if (tally_total(&job->tally))
			job_say(job, "SUMMARY: %s", buf_text(&summary));
		buf_free(&summary);
	}
	if (job->ending.kind == ENDING_TIMEOUT && job->stopped)
		job_decide(job, VERDICT_TIMEOUT, "timeout; duration=%s", job->timeout);
	else if (job->ending.kind == ENDING_INTERRUPTED)
		job_decide(job, VERDICT_INTERRUPTED, "interrupted");
	else if (job->plan.ours)
		judge_ours(job);
	else
		judge_foreign(job);
}

bool verdict_red(const struct session *session, enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_PASS:
	case VERDICT_XFAIL:
	case VERDICT_SKIP:
		return false;
	case VERDICT_FLAKY:
		return !session->allow_flaky;
	case VERDICT_XPASS:
		return !session->allow_xpass;
	default:
		return true;
	}
}

bool job_red(const struct job *job)
{
	return verdict_red(job->session, job->verdict);
}

int job_status(const struct job *job)
{
	const struct ending *ending = &job->ending;

	switch (job->verdict) {
	case VERDICT_PASS:
	case VERDICT_XFAIL:
		return 0;
	case VERDICT_SKIP:
		return 77;
	case VERDICT_TIMEOUT:
		return 124;
	case VERDICT_XPASS:
		return 3;
	case VERDICT_FAIL:
		if (job->plan.ours || job->failure.length)
			return 3;
		return ending->kind == ENDING_VERDICT ? (ending->code << 1 | 1) & 0xff : 1;
	default:
		if (!job->boots)
			return 2;
		if (ending->kind == ENDING_VERDICT && ending->code == ABI_EXIT_ABORT)
			return 127;
		return ending->kind == ENDING_SIGNAL ? 128 + ending->code : 1;
	}
}
