/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed report: reports of an earlier run. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/options.h"
#include "runner/report_file.h"
#include "runner/run_set.h"
#include "runner/session.h"

struct report_call {
	const char **reports;
	size_t count;
};

static int report_take(void *context, const char *what)
{
	struct report_call *call = context;

	return writing_wish(what, &call->reports, &call->count);
}

static const struct option_row rows[] = {
	{ "report", 0, "KIND[=FILE]", "which, as of run_tests.sh; without a FILE it goes into the "
	  "run's folder", .kind = OPTION_CALL, .take = report_take,
	  .values = "junit json html tap ktap github help" },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

struct replay {
	struct writing **writings;
	size_t count;
	struct totals totals;
	uint64_t end_us;
};

static void case_take(void *context, struct results *results)
{
	struct replay *replay = context;
	uint64_t end_us = results->started_us + results->duration_ns / 1000;

	for (size_t i = 0; i < replay->count && !results->superseded; i++)
		writing_add(replay->writings[i], results);
	if (!results->superseded)
		totals_add(&replay->totals, results->verdict);
	if (results->started_us && end_us > replay->end_us)
		replay->end_us = end_us;
	results_free(results);
}

/* How many, so that plans can stand in front. */
static void case_count(void *context, struct results *results)
{
	if (!results->superseded)
		totals_add(context, results->verdict);
	results_free(results);
}

static int replay_run(const struct report_call *call, const char *path)
{
	struct replay replay = { 0 };
	struct run_info run, again;
	struct totals before = { 0 };
	char why[300];
	int status = 0;

	if (!results_read(path, &run, case_count, &before, why, sizeof(why))) {
		complain_line(why);
		return 2;
	}
	replay.writings = mem_new(call->count * sizeof(*replay.writings));
	for (size_t i = 0; i < call->count; i++) {
		struct writing *writing = writing_start(call->reports[i], &run, path, before.cases);

		if (writing)
			replay.writings[replay.count++] = writing;
		else
			status = 2;
	}
	if (results_read(path, &again, case_take, &replay, why, sizeof(why)))
		run_info_free(&again);
	for (size_t i = 0; i < replay.count; i++) {
		uint64_t wall = replay.end_us > run.started_us ?
			(replay.end_us - run.started_us) * 1000 : 0;

		if (!writing_end(replay.writings[i], wall))
			status = 2;
	}
	if (!call->count) {
		struct buf text = { 0 };

		totals_print(&replay.totals, &text);
		printf("%s: %s\n", run.id ? run.id : path, buf_text(&text));
		buf_free(&text);
	}
	free(replay.writings);
	run_info_free(&run);
	return status;
}

static int report_run(const char *program, int argc, char **argv)
{
	struct report_call call = { 0 };
	int first, status = options_read(&report_command, &call, argc, argv, &first);
	char *path;

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	if (argc - first > 1) {
		usage_print(&report_command, stderr);
		return 2;
	}
	path = run_path(first < argc ? argv[first] : "latest");
	status = replay_run(&call, path);
	free(path);
	free(call.reports);
	return status;
}

const struct command report_command = {
	.name = "report", .operands = "[RUN]", .groups = groups, .run = report_run,
	.text = "write reports of an earlier run, of the latest if none is named",
};
