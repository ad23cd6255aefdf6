/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed suite: the cases of unittests.cfg, as run_tests.sh is called. */
#include "runner/suite.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/conduct.h"
#include "runner/filter.h"
#include "runner/job.h"
#include "runner/parameters.h"
#include "runner/results_file.h"

enum status {
	STATUS_GREEN = 0,
	STATUS_RED = 1,
	STATUS_MISTAKE = 2,
	STATUS_INCOMPLETE = 3,
	STATUS_NOTHING = 4,
};

/* Entries about images that no case uses; the configured architecture has them all. */
static void known_check(const struct site *site)
{
	const struct known *known = &site->session->known;
	struct map images = { 0 };
	bool programs = false;

	if (strcmp(site->session->target->name, site->session->configured_arch))
		return;
	for (size_t c = 0; c < site->cfg.count; c++) {
		size_t length;
		const char *file = site->cfg.cases[c].file;
		const char *stem = file ? image_stem(file, &length) : NULL;
		char *name = stem ? mem_text(stem, length) : NULL;

		if (name)
			map_at(&images, name);
		programs |= file && !strncmp(file, "../api/", strlen("../api/"));
		free(name);
	}
	for (size_t i = 0; i < known->count; i++) {
		const struct known_entry *entry = &known->entries[i];

		if (!*entry->image || map_find(&images, entry->image))
			continue;
		/* Where the images were carried to, the host's programs may not have been. */
		if (programs || !strstr(entry->path, "/api.cfg"))
			complain("%s:%u: there is no image '%s'", entry->path, entry->line,
				 entry->image);
	}
	map_free(&images);
}

struct score {
	struct report report;
	struct suite *suite;
	struct map first;	/* verdicts of cases that run several times */
	bool flaky;
};

/* What runs several times should end in one way. */
static void score_repeat(struct score *score, const char *label, const char *verdict)
{
	size_t *first = map_at(&score->first, label), sum = 1;

	for (const char *c = verdict; *c; c++)
		sum = sum * 31 + *c;
	if (!*first)
		*first = sum;
	else if (*first != sum && *first != SIZE_MAX) {
		complain("flaky: %s does not always end in the same way", label);
		*first = SIZE_MAX;
		score->flaky = true;
	}
}

static void score_keep(struct report *report, struct job *job)
{
	struct score *score = (struct score *)report;
	struct suite *suite = score->suite;

	if (job->superseded || job->verdict == VERDICT_INTERRUPTED)
		return;
	if (job->verdict != VERDICT_SKIP)
		suite->ran++;
	if (job_red(job) && !job->excused)
		suite->red++;
	if (suite->selection.rounds > 1 || suite->until_fail)
		score_repeat(score, job->label, verdict_name(job->verdict));
}

static void score_replay(struct report *report, const struct results *results, bool red)
{
	struct suite *suite = ((struct score *)report)->suite;

	if (strcmp(results->verdict, "SKIP"))
		suite->ran++;
	if (red && (!results->relation || strcmp(results->relation, "SAME")))
		suite->red++;
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

static bool reports_make(struct suite *suite, struct score *score)
{
	const char *directory = getenv("unittest_log_dir");
	struct report *log = report_log(&suite->session, directory && *directory ?
					directory : "logs");
	struct report *progress, *last;

	suite->report_options.cases = suite->units.count;
	progress = report_progress(&suite->session, &suite->report_options);
	*score = (struct score){
		.report = { .end = score_keep, .replay = score_replay }, .suite = suite,
	};
	/* Progress first: it takes its lines away. */
	suite->session.reports = report_results();
	last = suite->session.reports->next = progress;
	if (suite->tap)
		last = last->next = report_tap();
	else if (!suite_reports_print(suite))
		last = last->next = report_terminal(&suite->report_options);
	last->next = log;
	last = suite_reports(suite, suite->words, log);
	if (!last)
		return false;
	last->next = &score->report;
	for (size_t i = 0; i < suite->site_count; i++) {
		suite->sites[i].session->reports = suite->session.reports;
		suite->sites[i].session->run_directory = suite->session.run_directory;
	}
	return true;
}

static void replay_take(void *context, struct results *results)
{
	struct suite *suite = context;

	if (strcmp(results->verdict, "INTERRUPTED") && !results->superseded)
		REPORTS(&suite->session, replay, results,
			verdict_red(&suite->session, verdict_named(results->verdict)));
	results_free(results);
}

static int suite_status(const struct suite *suite, const struct score *score)
{
	if (suite->exit_zero)
		return STATUS_GREEN;
	if (suite->units.unmatched)
		return STATUS_MISTAKE;
	if (suite->red || (score->flaky && !suite->session.allow_flaky))
		return STATUS_RED;
	if (suite->session.status || output_state() != OUTPUT_GOOD)
		return STATUS_MISTAKE;
	if (suite->incomplete)
		return STATUS_INCOMPLETE;
	return suite->ran ? STATUS_GREEN : STATUS_NOTHING;
}

/* Which VMMs are used is said once, for each architecture. */
static void vmms_prepare(struct suite *suite)
{
	static const struct vmm_wish automatic = { VMM_AUTO, "auto", NULL };

	if (!suite->vmm_count) {
		suite->vmms = mem_new(sizeof(*suite->vmms));
		suite->vmms[suite->vmm_count++] = automatic;
	}
	for (size_t s = 0; s < suite->site_count; s++) {
		struct session *session = suite->sites[s].session;

		session->errata_force = suite->selection.all;
		session->need_vmm_line = suite->report_options.verbose;
		session->allow_xpass = suite->session.allow_xpass;
		session->allow_flaky = suite->session.allow_flaky;
		session->wanted = suite->vmms[0].choice;
		vmms_find(session);
	}
}

static void vmms_say(struct suite *suite)
{
	for (size_t s = 0; s < suite->site_count; s++) {
		struct session *session = suite->sites[s].session;

		for (size_t v = 0; v < suite->vmm_count; v++) {
			struct buf text = { 0 };

			vmms_check(session, suite->vmms[v].choice, suite->vmms[v].template);
			if (suite->site_count > 1)
				buf_printf(&text, "%s: ", session->arch);
			vmms_describe(session, suite->vmms[v].choice, &text);
			complain_line(buf_text(&text));
			buf_free(&text);
		}
	}
	if (suite->select.timeout_scale != 1)
		complain("timeouts are %g times as long", suite->select.timeout_scale);
	if (suite->order == ORDER_SHUFFLED)
		complain("the order is that of --shuffle=%llu", (unsigned long long)suite->seed);
}

/* What the texts among the options mean. */
static bool wishes_read(struct suite *suite)
{
	struct words rounds = { 0 };
	char why[300];

	if (suite->filter) {
		suite->selection.filter = filter_parse(suite->filter, why, sizeof(why));
		if (!suite->selection.filter) {
			complain("--filter: %s", why);
			return false;
		}
	}
	if (!parameters_rounds(&suite->parameters, &rounds))
		return false;
	suite->selection.parameters = (const char *const *)rounds.word;
	suite->select.timeout_scale *= conduct_slowdown();
	suite->select.all = suite->selection.all;
	suite->select.grouped = suite->selection.group;
	suite->select.named = suite->selection.count;
	/* With one slot, the file's order is a promise. */
	if (!suite->order_given && suite->order == ORDER_FILE && suite->jobs > 1)
		suite->order = ORDER_LONGEST;
	if (suite->rerun && suite->resume) {
		complain("--rerun-failed and --resume exclude each other");
		return false;
	}
	return true;
}

static int options_take(struct suite *suite, int argc, char **argv)
{
	int first, status = options_read(&suite_command, suite, argc, argv, &first);

	if (status == OPTIONS_GO_ON && first < argc) {
		suite->selection.names = argv + first;
		suite->selection.count = argc - first;
	}
	return status;
}

/* A resumed run was called as it was; what is added now comes behind. */
static int resumed_options(struct suite *suite)
{
	char *folder = run_path(suite->resume_of ? suite->resume_of : "latest");
	struct words *words = mem_new(sizeof(*words));
	struct run_info run;
	char why[300];
	int status;

	if (!results_read(folder, &run, NULL, NULL, why, sizeof(why)) || !run.command) {
		complain("--resume: %s", why);
		free(folder);
		return STATUS_MISTAKE;
	}
	words_split(words, run.command);
	run_info_free(&run);
	free(folder);
	/* getopt reorders them; the words live as long as the run. */
	status = options_take(suite, words->count, words->word);
	suite->words = words->word;
	suite->resume = true;
	return status;
}

static int run_all(struct suite *suite)
{
	struct score score;
	int signal_number;

	if (!suite_baseline(suite) || !reports_make(suite, &score))
		return STATUS_MISTAKE;
	if (suite->session.resumed) {
		struct run_info run;
		char why[300];

		if (results_read(suite->session.resumed, &run, replay_take, suite, why,
				 sizeof(why)))
			run_info_free(&run);
	}
	signal_number = suite_work(suite);
	REPORTS(&suite->session, finish);
	suite_reports_finish(suite);
	map_free(&score.first);
	if (signal_number) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return suite_status(suite, &score);
}

static int suite_run(const char *program, int argc, char **argv)
{
	static struct suite suite;
	int status = suite_defaults(&suite);

	suite.words = argv;
	if (status == OPTIONS_GO_ON)
		status = options_take(&suite, argc, argv);
	if (status == OPTIONS_GO_ON && suite.resume)
		status = resumed_options(&suite);
	if (status == OPTIONS_GO_ON && !wishes_read(&suite))
		status = STATUS_MISTAKE;
	if (status == OPTIONS_GO_ON)
		status = suite_read(&suite, program);
	if (status != OPTIONS_GO_ON)
		return status;
	if (suite.list) {
		suite_list(&suite);
		return STATUS_GREEN;
	}
	vmms_prepare(&suite);
	if (!suite.plan)
		vmms_say(&suite);
	for (size_t i = 0; i < suite.site_count; i++) {
		session_known(suite.sites[i].session, NULL);
		known_check(&suite.sites[i]);
	}
	maximum_set(&suite);
	units_make(&suite.units, suite.sites, suite.site_count, suite.vmms, suite.vmm_count,
		   &suite.selection);
	if ((suite.rerun || suite.resume) && !suite_earlier(&suite))
		return STATUS_MISTAKE;
	return suite.plan ? suite_plan(&suite) : run_all(&suite);
}

const struct command suite_command = {
	.name = "suite", .alias = "run_tests.sh", .operands = "[CASE[:TEST]...]",
	.text = "run the cases of unittests.cfg", .groups = suite_options,
	.variables = suite_variables, .statuses = suite_statuses, .run = suite_run,
};
