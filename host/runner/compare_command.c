/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed compare: where two runs, or two sets of runs, differ. */
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "runner/compare.h"
#include "runner/options.h"
#include "runner/run_set.h"
#include "runner/session.h"

struct compare_wishes {
	bool verbose, partial;
};

static const struct option_row rows[] = {
	{ "verbose", 'v', NULL, "list also what fails as before", .kind = OPTION_FLAG,
	  .offset = offsetof(struct compare_wishes, verbose) },
	{ "partial", 0, NULL, "what the second leaves out is not reported as gone",
	  .kind = OPTION_FLAG, .offset = offsetof(struct compare_wishes, partial) },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

static const struct text_row statuses[] = {
	{ "0", "nothing is worse: no NEW, CHANGED, LOST, FLAKY, SLOWER" },
	{ "1", "something is worse" },
	{ "2", "a mistake in the call, or no such run" },
	{ NULL, NULL }
};

static void set_describe(const char *name, const struct run_set *set)
{
	for (size_t i = 0; i < set->run_count; i++) {
		const struct run_info *run = &set->runs[i];

		printf("%s %s: %s, Linux %s%s%s%s%s\n", name, run->id ? run->id : "?",
		       run->vmm ? run->vmm : "an unknown VMM", run->kernel ? run->kernel : "?",
		       run->cpu ? ", " : "", run->cpu ? run->cpu : "",
		       run->build ? ", tree " : "", run->build ? run->build : "");
		name = "      ";
	}
}

static int compare_run(const char *program, int argc, char **argv)
{
	struct compare_wishes wishes = { 0 };
	int first, status = options_read(&compare_command, &wishes, argc, argv, &first);
	struct run_set before = { 0 }, now = { 0 };
	struct comparison found;
	struct buf lines = { 0 };
	char why[300];

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	if (argc - first != 2) {
		usage_print(&compare_command, stderr);
		return 2;
	}
	status = 2;
	if (!run_set_load(&before, argv[first], why, sizeof(why)) ||
	    !run_set_load(&now, argv[first + 1], why, sizeof(why))) {
		complain_line(why);
	} else {
		set_describe("before", &before);
		set_describe("now   ", &now);
		found = compare(&before, &now, wishes.partial, wishes.verbose, &lines);
		if (lines.length)
			buf_puts(&lines, "\n");
		compare_totals(&found, &lines);
		printf("\n%s\n", buf_text(&lines));
		status = found.fresh || found.changed || found.lost || found.flaky ||
			 found.slower;
	}
	buf_free(&lines);
	run_set_free(&before);
	run_set_free(&now);
	return status;
}

const struct command compare_command = {
	.name = "compare", .operands = "RUN[,RUN...] RUN[,RUN...]", .groups = groups,
	.statuses = statuses, .run = compare_run,
	.text = "where two runs differ: new, fixed, flaky, slower; RUN is a folder, the name of "
		"one in logs/runs or in the history, latest, or build:HASH",
};
