/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed suite: the cases of unittests.cfg, as run_tests.sh is called. */
#include "runner/suite.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/job.h"

static void quiet(const char *message)
{
	(void)message;
}

static bool cases_read(struct suite *suite)
{
	struct session *session = &suite->session;
	struct buf path = { 0 };

	buf_printf(&path, "%s/unittests.cfg", session->test_dir);
	if (!cfg_read(&suite->cfg, buf_text(&path), suite->list ? quiet : complain_line) &&
	    errno != ENOENT)
		complain("%s: %s", buf_text(&path), strerror(errno));
	select_defaults(session, &suite->cfg);
	if (!suite->cfg.count)
		complain("%s has no cases, and there is no image in %s; run make",
			 buf_text(&path), session->test_dir);
	buf_free(&path);
	return suite->cfg.count;
}

static void names_check(struct suite *suite)
{
	for (size_t n = 0; n < suite->selection.count; n++) {
		const char *name = suite->selection.names[n], *nearest = NULL;
		size_t best = strlen(name) / 2 + 1;
		bool found = false;

		for (size_t i = 0; i < suite->cfg.count && !found; i++) {
			const char *known = suite->cfg.cases[i].name;

			found = !strcmp(known, name);
			if (strlen(known) < 64 && str_nearest(name, strlen(name), known, &best))
				nearest = known;
		}
		if (found)
			continue;
		suite->unknown = true;
		if (nearest)
			complain("no case is named '%s'; the nearest is '%s'", name, nearest);
		else
			complain("no case is named '%s'", name);
	}
}

/* Entries about images that no case uses. */
static void known_check(struct suite *suite)
{
	const struct known *known = &suite->session.known;

	for (size_t i = 0; i < known->count; i++) {
		const struct known_entry *entry = &known->entries[i];
		bool found = !*entry->image;

		for (size_t c = 0; c < suite->cfg.count && !found; c++) {
			const char *file = suite->cfg.cases[c].file, *stem;
			size_t length;

			stem = file ? image_stem(file, &length) : NULL;
			found = stem && str_same(stem, length, entry->image);
		}
		if (!found)
			complain("%s:%u: there is no image '%s'", entry->path, entry->line,
				 entry->image);
	}
}

/* Whether an earlier case has this image. */
static bool image_seen(const struct suite *suite, const struct cfg_case *one)
{
	for (const struct cfg_case *c = suite->cfg.cases; c < one; c++)
		if (c->file && one->file && !strcmp(c->file, one->file) &&
		    select_case(&suite->selection, c))
			return true;
	return false;
}

static struct job *job_take(void *context)
{
	struct suite *suite = context;

	while (suite->next < suite->cfg.count) {
		const struct cfg_case *one = &suite->cfg.cases[suite->next++];
		struct job *job;

		if (!select_case(&suite->selection, one))
			continue;
		job = select_job(&suite->session, &suite->selection, one);
		if (suite->session.known.count && !image_seen(suite, one))
			known_doubts(&suite->session.known, job->image, &job->plan, complain_line);
		return job;
	}
	return NULL;
}

struct score {
	struct report report;
	struct suite *suite;
};

static void score_keep(struct report *report, struct job *job)
{
	struct suite *suite = ((struct score *)report)->suite;

	if (job->verdict != VERDICT_SKIP)
		suite->ran++;
	if (job_red(job) && !job->excused)
		suite->red++;
}

static void cases_list(const struct suite *suite)
{
	for (size_t i = 0; i < suite->cfg.count; i++)
		if (!suite->selection.group ||
		    select_in_group(&suite->cfg.cases[i], suite->selection.group))
			printf("%s\n", suite->cfg.cases[i].name);
}

static void maximum_set(struct suite *suite)
{
	const char *given = getenv("MAX_SMP");
	unsigned long wanted = given && *given ? strtoul(given, NULL, 10) : 0;
	unsigned int most;
	char text[16];

	if (!wanted)
		wanted = sysconf(_SC_NPROCESSORS_ONLN);
	if (suite->probe) {
		most = qemu_max_cpus(&suite->session, wanted);
		if (most < wanted)
			fprintf(stderr, "Restricting MAX_SMP from (%lu) to the max "
				"supported (%u)\n", wanted, most);
		wanted = most;
	}
	snprintf(text, sizeof(text), "%lu", wanted);
	setenv("MAX_SMP", text, 1);
}

static bool reports_make(struct suite *suite, struct score *score, char **words)
{
	const char *directory = getenv("unittest_log_dir");
	struct report *log = report_log(&suite->session, directory && *directory ?
					directory : "logs");
	struct report *shown = suite->tap ? report_tap() :
		report_terminal(&suite->report_options);
	struct report *totals, *last;

	for (size_t i = 0; i < suite->cfg.count; i++)
		suite->report_options.cases +=
			select_case(&suite->selection, &suite->cfg.cases[i]);
	totals = report_progress(&suite->session, &suite->report_options);
	*score = (struct score){ .report.end = score_keep, .suite = suite };
	/* The totals first: they take their line of progress away. */
	suite->session.reports = report_results();
	suite->session.reports->next = totals;
	totals->next = shown;
	shown->next = log;
	last = suite_reports(suite, words, log);
	if (last)
		last->next = &score->report;
	return last;
}

static int suite_status(const struct suite *suite)
{
	if (suite->exit_zero)
		return 0;
	if (suite->unknown)
		return 2;
	if (suite->red)
		return 1;
	if (suite->session.status)
		return suite->session.status;
	return suite->ran ? 0 : 4;
}

static int suite_run(const char *program, int argc, char **argv)
{
	static struct suite suite;
	struct buf text = { 0 };
	struct score score;
	int status = suite_defaults(&suite), signal_number, first;

	if (status == OPTIONS_GO_ON)
		status = options_read(&suite_command, &suite, argc, argv, &first);
	if (status != OPTIONS_GO_ON)
		return status;
	suite.selection.names = argv + first;
	suite.selection.count = argc - first;
	if (!session_start(&suite.session, program, suite.arch)) {
		printf("run ./configure && make first. See ./configure -h\n");
		return 1;
	}
	if (!cases_read(&suite))
		return 2;
	if (suite.list) {
		cases_list(&suite);
		return 0;
	}
	suite.session.errata_force = suite.selection.all;
	suite.session.need_vmm_line = suite.report_options.verbose;
	names_check(&suite);
	vmms_find(&suite.session);
	vmms_check(&suite.session, suite.session.wanted);
	vmms_describe(&suite.session, suite.session.wanted, &text);
	complain_line(buf_text(&text));
	buf_free(&text);
	session_known(&suite.session);
	known_check(&suite);
	maximum_set(&suite);
	if (!suite_baseline(&suite) || !reports_make(&suite, &score, argv))
		return 2;
	signal_number = schedule(&suite.session, job_take, &suite, suite.jobs);
	REPORTS(&suite.session, finish);
	suite_reports_finish(&suite);
	if (signal_number) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return suite_status(&suite);
}

const struct command suite_command = {
	.name = "suite", .alias = "run_tests.sh", .operands = "[CASE...]",
	.text = "run the cases of unittests.cfg", .groups = suite_options,
	.variables = suite_variables, .statuses = suite_statuses, .run = suite_run,
};
