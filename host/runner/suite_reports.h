/* SPDX-License-Identifier: BSD-2-Clause */
/* What a suite is asked to report, beside the lines on standard output. */
#ifndef HOST_RUNNER_SUITE_REPORTS_H
#define HOST_RUNNER_SUITE_REPORTS_H

#include <stddef.h>

#include "runner/options.h"
#include "runner/results_file.h"

struct report;
struct suite;

struct report_wishes {
	const char **reports;		/* "KIND" or "KIND=FILE" */
	size_t count;
	struct run_info run;		/* made when the run begins */
};

extern const struct option_group suite_reports_group;

/**
 * suite_reports() - make the reports that the user wishes
 * @suite: its run directory is there
 * @words: as the user called it, ended by NULL
 * @last: the list's last report, behind which they go
 *
 * Returns the list's last report then; NULL, after a message, if one cannot be made.
 */
struct report *suite_reports(struct suite *suite, char **words, struct report *last);

#endif
