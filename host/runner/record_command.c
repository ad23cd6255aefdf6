/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * flatbed record: a run in the words that go under a patch: what it ran on, what
 * came of it, and what differs from the run without the patch.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/compare.h"
#include "runner/options.h"
#include "runner/report_file.h"
#include "runner/run_set.h"
#include "runner/session.h"

#define NAMES_WIDTH	68	/* columns of a line of names; mails are narrow */

struct record_wishes {
	const char *baseline;
};

static const struct option_row rows[] = {
	{ "baseline", 0, "RUN", "say what differs from this earlier run, or runs",
	  .kind = OPTION_TEXT, .offset = offsetof(struct record_wishes, baseline),
	  .values = "<run>" },
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };
static const struct option_group *const groups[] = { &group, NULL };

/* Words, in lines that mails do not break; a line of the text begins a line. */
static void row(const char *name, const char *text)
{
	size_t column = 0;

	if (!text || !*text)
		return;
	printf("  %-9s", name);
	while (*text) {
		size_t length = strcspn(text, " \n");

		if (column && column + length + 1 > NAMES_WIDTH) {
			printf("\n%11s", "");
			column = 0;
		}
		column += printf(" %.*s", (int)length, text);
		text += length;
		if (*text == '\n') {
			printf("\n%9s", "");
			column = 0;
		}
		text += *text != '\0';
	}
	printf("\n");
}

/* "suite …" is what run_tests.sh made of it. */
static void command_row(const struct run_info *run)
{
	struct buf text = { 0 };

	if (!run->command)
		return;
	if (!strncmp(run->command, "suite", 5))
		buf_printf(&text, "./run_tests.sh%s", run->command + 5);
	else
		buf_puts(&text, run->command);
	row("command", buf_text(&text));
	buf_free(&text);
}

static void vmm_row(const struct run_set *set)
{
	const char *vmm = set->runs[0].vmm;
	struct buf text = { 0 };
	size_t other = 0;

	if (!vmm)
		return;
	if (!strncmp(vmm, "using ", 6))
		vmm += 6;
	buf_puts(&text, vmm);
	for (size_t i = 0; i < set->count; i++)
		other += set->cases[i]->backend && strcmp(set->cases[i]->backend, "host") &&
			strcmp(set->cases[i]->backend,
			       strstr(vmm, "embedded") ? "kvm" : "qemu");
	if (other)
		buf_printf(&text, "; %zu cases by another one", other);
	row("VMM", buf_text(&text));
	buf_free(&text);
}

/* The names of all cases of a verdict, in lines. */
static void names_print(const struct run_set *set, const char *verdict)
{
	int column = 0;

	for (size_t i = 0; i < set->count; i++) {
		const struct results *results = set->cases[i];

		if (strcmp(results->verdict, verdict) || results->superseded)
			continue;
		if (!column)
			column = printf("  %-9s", verdict);
		else if (column + strlen(results_label(results)) + 1 > NAMES_WIDTH)
			column = printf("\n%11s", "") - 1;
		column += printf(" %s", results_label(results));
	}
	if (column)
		printf("\n");
}

static void cases_print(const struct run_set *set)
{
	struct totals totals = { 0 };
	struct buf text = { 0 };

	for (size_t i = 0; i < set->count; i++)
		if (!set->cases[i]->superseded)
			totals_add(&totals, set->cases[i]->verdict);
	totals_print(&totals, &text);
	printf("\n%s\n", buf_text(&text));
	buf_free(&text);
#define NAMES_PRINT(name)							\
	if (totals.name && strcmp(#name, "PASS"))				\
		names_print(set, #name);
	VERDICTS(NAMES_PRINT)
#undef NAMES_PRINT
}

static void failures_print(const struct run_set *set)
{
	struct run_set none = { 0 };
	struct buf lines = { 0 };
	const char *line;

	/* Against nothing, all that fails is new. */
	compare(&none, set, true, false, &lines);
	line = buf_text(&lines);
	if (strstr(line, "NEW "))
		printf("\n");
	while (*line) {
		size_t length = strcspn(line, "\n");

		if (!strncmp(line, "NEW ", 4))
			printf("  %.*s\n", (int)length - 8, line + 8);
		line += length + (line[length] == '\n');
	}
	buf_free(&lines);
}

static bool differences_print(const struct run_set *set, const char *words)
{
	struct run_set before = { 0 };
	struct comparison found;
	struct buf lines = { 0 }, totals = { 0 };
	char why[300];

	if (!run_set_load(&before, words, why, sizeof(why))) {
		complain("--baseline: %s", why);
		return false;
	}
	found = compare(&before, set, set->count < before.count, false, &lines);
	printf("\nAgainst %s", before.runs[0].id ? before.runs[0].id : words);
	if (before.runs[0].kernel)
		printf(" (Linux %s%s%s)", before.runs[0].kernel, before.runs[0].build ?
		       ", tree " : "", before.runs[0].build ? before.runs[0].build : "");
	compare_totals(&found, &totals);
	printf(": %s\n%s", buf_text(&totals), buf_text(&lines));
	buf_free(&totals);
	buf_free(&lines);
	run_set_free(&before);
	return true;
}

static void run_print(const struct run_set *set)
{
	const struct run_info *run = &set->runs[0];
	struct buf when = { 0 };

	time_utc(&when, run->started_us);
	printf("Tested with Flatbed%s%s, run %s (%s UTC)\n\n", run->build ? " " : "",
	       run->build ? run->build : "", run->id ? run->id : "?", buf_text(&when));
	buf_free(&when);
	row("CPU", run->cpu);
	row("kernel", run->kernel);
	row("KVM", run->kvm ? run->kvm : "none that works");
	row("modules", run->modules);
	vmm_row(set);
	command_row(run);
}

static int record_run(const char *program, int argc, char **argv)
{
	struct record_wishes wishes = { 0 };
	int first, status = options_read(&record_command, &wishes, argc, argv, &first);
	struct run_set set = { 0 };
	char why[300];

	(void)program;
	if (status != OPTIONS_GO_ON)
		return status;
	if (argc - first > 1) {
		usage_print(&record_command, stderr);
		return 2;
	}
	if (!run_set_load(&set, first < argc ? argv[first] : "latest", why, sizeof(why))) {
		complain_line(why);
		return 2;
	}
	run_print(&set);
	cases_print(&set);
	status = 0;
	if (!wishes.baseline)
		failures_print(&set);
	else if (!differences_print(&set, wishes.baseline))
		status = 2;
	run_set_free(&set);
	return status;
}

const struct command record_command = {
	.name = "record", .operands = "[RUN]", .groups = groups, .run = record_run,
	.text = "a run in the words that go under a patch, the latest if none is named",
};
