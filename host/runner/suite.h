/* SPDX-License-Identifier: BSD-2-Clause */
/* A run of the suite: what the user asked for, and how far it is. */
#ifndef HOST_RUNNER_SUITE_H
#define HOST_RUNNER_SUITE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/map.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/select.h"
#include "runner/session.h"
#include "runner/suite_reports.h"
#include "runner/units.h"

/* In which order units come. */
enum suite_order { ORDER_FILE, ORDER_LONGEST, ORDER_SHUFFLED };

struct suite {
	struct session session;		/* of the first architecture; reports are its */
	struct site *sites;		/* the architectures' cases */
	size_t site_count;
	struct vmm_wish *vmms;		/* wanted, none: auto */
	size_t vmm_count;
	char **cfgs;			/* further files and folders of cases */
	size_t cfg_count;
	struct selection selection;
	struct select_options select;
	struct report_options report_options;
	struct report_wishes wishes;
	struct units units;
	size_t next;			/* unit to look at */
	struct unit *again;		/* units to be tried again */
	size_t again_count;
	struct map images;		/* whose known failures have been looked at */
	/* what the command line said */
	bool tap, list, plan, json, probe, exit_zero;
	bool fail_fast, until_fail, reload;
	bool rerun, resume;		/* with or without the name of a run */
	const char *rerun_of, *resume_of;
	char **words;			/* the command line as it counts */
	const char *tree;		/* --tests */
	const char *arch;		/* one, several, "all"; NULL: the configured one */
	const char *filter;
	struct words parameters;	/* "kvm.x=0,1" */
	enum suite_order order;
	bool order_given;
	uint64_t seed;
	uint64_t time_ns;		/* for the whole run; 0: any */
	unsigned int retries;
	unsigned int jobs;
	/* what came of it */
	unsigned int ran, red;		/* cases with a verdict; red ones */
	bool stop;			/* nothing new is to begin */
	bool incomplete;		/* what was selected did not all run */
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

/**
 * suite_read() - read the cases of all architectures, and what is known of them
 * @suite: its options are known
 * @program: argv[0]
 *
 * Returns OPTIONS_GO_ON, or the status to leave with; it has said why.
 */
int suite_read(struct suite *suite, const char *program);

/**
 * suite_list() - print the cases' names, or all about them as JSON
 * @suite: cases are read
 */
void suite_list(const struct suite *suite);

/**
 * suite_plan() - print what would become of each unit, without running any
 * @suite: its units are made
 *
 * Returns the exit status.
 */
int suite_plan(struct suite *suite);

/**
 * suite_job() - the job of a unit
 * @suite: whose
 * @unit: which
 */
struct job *suite_job(struct suite *suite, struct unit *unit);

/**
 * suite_earlier() - select what an earlier run has left
 * @suite: whose --rerun-failed or --resume is looked at; units are made
 *
 * Returns false if there is no such run; it has said so.
 */
bool suite_earlier(struct suite *suite);

/**
 * suite_work() - run all units
 * @suite: reports are made
 *
 * Returns the signal that ended the run, or 0.
 */
int suite_work(struct suite *suite);

#endif
