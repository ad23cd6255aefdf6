/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the suite: what the user asked for, and how far it is. */
#ifndef HOST_RUNNER_SUITE_H
#define HOST_RUNNER_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/cfg.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/select.h"
#include "runner/session.h"
#include "runner/suite_reports.h"

struct suite {
	struct session session;
	struct selection selection;
	struct report_options report_options;
	struct report_wishes wishes;
	struct cfg cfg;
	size_t next;			/* case to look at */
	bool tap, list, probe, exit_zero;
	const char *arch;
	unsigned int jobs;
	unsigned int ran, red;		/* cases with a verdict; red ones */
	bool unknown;			/* a name that exists nowhere */
};

extern const struct option_group *const suite_options[];
extern const struct text_row suite_variables[], suite_statuses[];

/**
 * suite_defaults() - what holds without options: the environment's wishes
 * @suite: filled in
 *
 * Returns OPTIONS_GO_ON, or the status to leave with.
 */
int suite_defaults(struct suite *suite);

#endif
