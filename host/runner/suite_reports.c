/* SPDX-License-Identifier: BSD-2-Clause */
/* What a suite is asked to report, beside the lines on standard output. */
#include "runner/suite_reports.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "runner/compare.h"
#include "runner/fingerprint.h"
#include "runner/history.h"
#include "runner/job.h"
#include "runner/report_file.h"
#include "runner/suite.h"

#define LOST_MOST	20	/* lines of what used to run */

static int report_take(void *context, const char *what)
{
	struct suite *suite = context;

	return writing_wish(what, &suite->wishes.reports, &suite->wishes.count);
}

static int budget_take(void *context, const char *text)
{
	struct suite *suite = context;
	char *end;

	suite->wishes.skip_budget = strtol(text, &end, 10);
	suite->wishes.has_budget = true;
	if (end != text && !*end && suite->wishes.skip_budget >= 0)
		return OPTIONS_GO_ON;
	complain("--skip-budget=%s: it is a number from 0", text);
	return 2;
}

static const struct option_row rows[] = {
	{ "report", 0, "KIND[=FILE]", "write a report too, of each KIND given; --report=help lists "
	  "them", .kind = OPTION_CALL, .take = report_take,
	  .values = "junit json html tap ktap github help" },
	{ "baseline", 0, "RUN", "judge by an earlier run: only what is NEW or CHANGED is red",
	  .kind = OPTION_TEXT, .offset = offsetof(struct suite, wishes.baseline),
	  .values = "<run>" },
	{ "skip-budget", 0, "N", "red if more than N cases or TESTs that used to run are SKIP",
	  .kind = OPTION_CALL, .take = budget_take },
	{ "allow-xpass", 0, NULL, "a recorded failure that is gone is not red",
	  .kind = OPTION_FLAG, .offset = offsetof(struct suite, session.allow_xpass) },
	{ "no-history", 0, NULL, "neither ask the history nor add to it", .kind = OPTION_FLAG,
	  .offset = offsetof(struct suite, wishes.no_history) },
};

const struct option_group suite_reports_group = { "Reports", OPTION_ROWS(rows) };

bool suite_baseline(struct suite *suite)
{
	char why[300];

	if (!suite->wishes.baseline ||
	    run_set_load(&suite->wishes.before, suite->wishes.baseline, why, sizeof(why)))
		return true;
	complain("--baseline: %s", why);
	return false;
}

struct baseline_report {
	struct report report;
	const struct run_set *before;
};

/* First of all, so that the other reports know it. */
static void baseline_end(struct report *report, struct job *job)
{
	struct results *results = job->results;
	enum relation relation = relation_of(
		run_set_find(((struct baseline_report *)report)->before, results), results);

	results->relation = mem_copy(relation_name(relation));
	job->excused = relation == RELATION_SAME;
}

static struct report *report_baseline(const struct run_set *before)
{
	struct baseline_report *baseline = mem_new(sizeof(*baseline));

	baseline->report.end = baseline_end;
	baseline->before = before;
	return &baseline->report;
}

bool suite_reports_print(const struct suite *suite)
{
	for (size_t i = 0; i < suite->wishes.count; i++) {
		const char *file = strchr(suite->wishes.reports[i], '=');

		if (file && !strcmp(file, "=-") && strcmp(suite->wishes.reports[i], "github=-"))
			return true;
	}
	return false;
}

struct report *suite_reports(struct suite *suite, char **words, struct report *last)
{
	struct report_wishes *wishes = &suite->wishes;
	struct session *session = &suite->session;
	const char *slash = strrchr(session->run_directory, '/');

	run_info_make(&wishes->run, session, slash ? slash + 1 : session->run_directory,
		      suite->jobs, words);
	if (wishes->baseline) {
		struct report *baseline = report_baseline(&wishes->before);
		struct report *first = session->reports;

		baseline->next = first->next;
		first->next = baseline;
	}
	last = last->next = report_journal(session, &wishes->run);
	for (size_t i = 0; i < wishes->count; i++) {
		struct report *report = report_file(session, wishes->reports[i], &wishes->run,
						    suite->report_options.cases);

		if (!report)
			return NULL;
		last = last->next = report;
	}
	return last;
}

/* What used to run, by the history. */
struct losses {
	struct buf lines;
	size_t count;
};

static void loss_note(struct losses *losses, const struct results *results, const char *place,
		      const char *reason)
{
	struct history_last last;

	if (!history_ran(results->name, *place ? place : NULL, results->arch, results->kind, &last))
		return;
	if (losses->count++ < LOST_MOST)
		buf_printf(&losses->lines, "LOST    %s%s%s: was %s in %s, SKIP now (%s)\n",
			   results->name, *place ? ": " : "", place, last.verdict, last.run,
			   reason ? reason : "");
	free(last.verdict);
	free(last.run);
}

static void losses_take(void *context, struct results *results)
{
	struct losses *losses = context;

	if (!strcmp(results->verdict, "SKIP"))
		loss_note(losses, results, "", results->text);
	for (size_t i = 0; i < results->item_count && strcmp(results->verdict, "SKIP"); i++) {
		const struct result_item *item = &results->items[i];
		struct buf place = { 0 };

		if (strcmp(item->word, "SKIP"))
			continue;
		results_place(results, item, &place);
		loss_note(losses, results, buf_text(&place), item->reason);
		buf_free(&place);
	}
	results_free(results);
}

static size_t losses_tell(struct suite *suite)
{
	struct losses losses = { 0 };
	struct run_info run;
	char why[300];

	if (!results_read(suite->session.run_directory, &run, losses_take, &losses, why,
			  sizeof(why)))
		return 0;
	run_info_free(&run);
	if (losses.count) {
		complain("%zu that used to run on this kind of host %s SKIP now:", losses.count,
			 losses.count == 1 ? "is" : "are");
		write_all(STDERR_FILENO, losses.lines.data, losses.lines.length);
	}
	buf_free(&losses.lines);
	return losses.count;
}

static size_t baseline_tell(struct suite *suite)
{
	struct report_wishes *wishes = &suite->wishes;
	bool partial = suite->selection.count || suite->selection.group;
	struct run_set now = { 0 };
	struct comparison found;
	struct buf lines = { 0 };
	char why[300];

	if (!run_set_load(&now, suite->session.run_directory, why, sizeof(why))) {
		complain("--baseline: %s", why);
		suite->session.status = 2;
		return 0;
	}
	found = compare(&wishes->before, &now, partial, suite->report_options.verbose, &lines);
	buf_printf(&lines, "flatbed: against %s: ", wishes->baseline);
	compare_totals(&found, &lines);
	buf_puts(&lines, "\n");
	write_all(STDERR_FILENO, lines.data, lines.length);
	buf_free(&lines);
	run_set_free(&now);
	return found.lost;
}

void suite_reports_finish(struct suite *suite)
{
	struct report_wishes *wishes = &suite->wishes;
	size_t lost = 0;
	char why[300];

	if (wishes->baseline)
		lost = baseline_tell(suite);
	else if (!wishes->no_history && !history_missing())
		lost = losses_tell(suite);
	else if (wishes->has_budget)
		complain("--skip-budget: %s; give a --baseline", history_missing() ?
			 history_missing() : "without the history, nothing says what used to run");
	if (wishes->has_budget && lost > (size_t)wishes->skip_budget) {
		complain("%zu are more than --skip-budget=%ld", lost, wishes->skip_budget);
		suite->red++;
	}
	if (!wishes->no_history && !history_missing() &&
	    !history_add(suite->session.run_directory, why, sizeof(why)))
		complain_line(why);
	run_info_free(&wishes->run);
	run_set_free(&wishes->before);
}
