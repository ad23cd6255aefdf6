/* SPDX-License-Identifier: BSD-2-Clause */
/* What a suite is asked to report, beside the lines on standard output. */
#ifndef HOST_RUNNER_SUITE_REPORTS_H
#define HOST_RUNNER_SUITE_REPORTS_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/options.h"
#include "runner/results_file.h"
#include "runner/run_set.h"

struct report;
struct suite;

struct report_wishes {
	const char **reports;		/* "KIND" or "KIND=FILE" */
	size_t count;
	const char *baseline;		/* runs, or NULL */
	long skip_budget;		/* -1: none */
	bool has_budget;
	bool no_history;
	struct run_info run;		/* made when the run begins */
	struct run_set before;		/* the baseline */
};

extern const struct option_group suite_reports_group;

/**
 * suite_baseline() - read the baseline, if one is wished
 * @suite: its options are read
 *
 * Returns false after a message if it cannot be read.
 */
bool suite_baseline(struct suite *suite);

/**
 * suite_reports_print() - does a report take standard output for itself?
 * @suite: its options are read
 *
 * Annotations stand between other lines; every other kind of report is a whole.
 */
bool suite_reports_print(const struct suite *suite);

/**
 * suite_reports() - make the reports that the user wishes
 * @suite: its run directory is there
 * @words: as the user called it, ended by NULL
 * @last: the list's last report, behind which they go
 *
 * Returns the list's last report then; NULL, after a message, if one cannot be made.
 */
struct report *suite_reports(struct suite *suite, char **words, struct report *last);

/**
 * suite_reports_finish() - after the run: the comparison with the baseline, what used to
 * run and is SKIP now, and the history
 * @suite: all reports are finished
 *
 * What is beyond the budget of skips makes the suite red.
 */
void suite_reports_finish(struct suite *suite);

#endif
