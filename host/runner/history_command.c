/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed history: what a case, or one TEST of it, did in earlier runs. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/history.h"
#include "runner/options.h"
#include "runner/session.h"

struct history_wishes {
	const char *kind;
	const char *most;
	const char *add;
	const char *forget;
	bool path;
};

#define AT(field)	.offset = offsetof(struct history_wishes, field)

static const struct option_row rows[] = {
	{ "kind", 0, "KIND", "only results of this kind of host and VMM: kvm_intel, tcg, …",
	  .kind = OPTION_TEXT, AT(kind) },
	{ "last", 'n', "N", "no more than the last N results (20)", .kind = OPTION_TEXT, AT(most) },
	{ "add", 0, "FOLDER", "take the run of this folder into the history",
	  .kind = OPTION_TEXT, AT(add), .values = "<directory>" },
	{ "forget", 0, "DAYS", "drop runs that are older than so many days",
	  .kind = OPTION_TEXT, AT(forget) },
	{ "path", 0, NULL, "print where the history is", .kind = OPTION_FLAG, AT(path) },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

static void row_print(void *context, const struct history_row *row)
{
	unsigned int *count = context;
	time_t seconds = row->started_us / 1000000;
	struct tm local;
	char when[32];

	localtime_r(&seconds, &local);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &local);
	printf("%s  %-24s %-10s", when, row->run, row->kind ? row->kind : "-");
	if (*row->verdict)
		printf(" %-7s", row->verdict);
	printf(" %9.1f ms", row->duration_ns / 1e6);
	if (row->fingerprint)
		printf("  %08llx", (unsigned long long)row->fingerprint >> 32);
	if (row->kernel)
		printf("  %s", row->kernel);
	if (row->build)
		printf("  %s", row->build);
	if (*row->text)
		printf("  %s", row->text);
	printf("\n");
	(*count)++;
}

struct nearest {
	const char *wanted;
	char *name;
	size_t best;
};

static void nearest_take(void *context, const char *name)
{
	struct nearest *nearest = context;

	if (strlen(name) >= 64 ||
	    !str_nearest(nearest->wanted, strlen(nearest->wanted), name, &nearest->best))
		return;
	free(nearest->name);
	nearest->name = mem_copy(name);
}

static int nothing_found(const char *name, const char *test)
{
	struct nearest nearest = { .wanted = name, .best = strlen(name) / 2 + 1 };

	if (!test)
		history_names(nearest_take, &nearest);
	if (nearest.name && strcmp(nearest.name, name))
		complain("the history has nothing of '%s'; the nearest is '%s'", name,
			 nearest.name);
	else
		complain("the history has nothing of '%s%s%s'", name, test ? ":" : "",
			 test ? test : "");
	free(nearest.name);
	return 1;
}

static int case_print(const struct history_wishes *wishes, const char *word, unsigned int most)
{
	char *name = mem_copy(word), *test = strchr(name, ':'), why[300];
	unsigned int count = 0;
	int status = 0;

	if (test) {
		*test++ = '\0';
		test += strspn(test, " ");
	}
	if (!history_rows(name, test, wishes->kind, most, row_print, &count, why, sizeof(why))) {
		complain_line(why);
		status = 2;
	} else if (!count) {
		status = nothing_found(name, test);
	}
	free(name);
	return status;
}

/* Reads a number from 1. */
static bool number_read(const char *option, const char *text, unsigned int *number)
{
	char *end;

	*number = strtoul(text, &end, 10);
	if (!*end && *number)
		return true;
	complain("--%s=%s: it is a number from 1", option, text);
	return false;
}

static int forget(const char *text)
{
	unsigned int days, count;
	char why[300];

	if (!number_read("forget", text, &days))
		return 2;
	if (!history_forget(days, &count, why, sizeof(why))) {
		complain_line(why);
		return 2;
	}
	printf("%u run%s dropped\n", count, count == 1 ? "" : "s");
	return 0;
}

static int path_print(void)
{
	char *path = history_file();

	printf("%s\n", path);
	free(path);
	return 0;
}

/* What is asked for beside rows; OPTIONS_GO_ON: nothing is. */
static int extra(const struct history_wishes *wishes)
{
	char why[300];

	if (wishes->path)
		return path_print();
	if (wishes->forget)
		return forget(wishes->forget);
	if (!wishes->add)
		return OPTIONS_GO_ON;
	if (history_add(wishes->add, why, sizeof(why)))
		return 0;
	complain_line(why);
	return 2;
}

static int history_run(const char *program, int argc, char **argv)
{
	struct history_wishes wishes = { 0 };
	int first, status = options_read(&history_command, &wishes, argc, argv, &first);
	unsigned int most = 20, count = 0;
	char why[300];

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	if (history_missing()) {
		complain_line(history_missing());
		return 2;
	}
	if (wishes.most && !number_read("last", wishes.most, &most))
		return 2;
	status = extra(&wishes);
	if (status != OPTIONS_GO_ON)
		return status;
	status = 0;
	if (first == argc && !history_runs(most, row_print, &count, why, sizeof(why))) {
		complain_line(why);
		return 2;
	}
	for (int i = first; i < argc; i++) {
		int one = case_print(&wishes, argv[i], most);

		status = one > status ? one : status;
	}
	return status;
}

const struct command history_command = {
	.name = "history", .operands = "[CASE[:TEST]...]", .groups = groups, .run = history_run,
	.text = "what cases and TESTs did in earlier runs; without a name, the runs",
};
