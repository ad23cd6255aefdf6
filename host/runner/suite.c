/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed suite: the cases of unittests.cfg, as run_tests.sh is called. */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/cfg.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/select.h"
#include "runner/session.h"

struct suite {
	struct session session;
	struct selection selection;
	struct report_options report_options;
	struct cfg cfg;
	size_t next;			/* case to look at */
	bool tap, list, probe, exit_zero;
	const char *arch;
	unsigned int jobs;
	unsigned int ran, red;		/* cases with a verdict; red ones */
	bool unknown;			/* a name that exists nowhere */
};

enum { OPTION_COLOR = 256, OPTION_BACKEND, OPTION_EXIT_ZERO, OPTION_ARCH, OPTION_PROBE };

/* `a` and `al` abbreviate --all, as they always did. */
static const struct option long_options[] = {
	{ "help", no_argument, NULL, 'h' }, { "verbose", no_argument, NULL, 'v' },
	{ "all", no_argument, NULL, 'a' }, { "a", no_argument, NULL, 'a' },
	{ "group", required_argument, NULL, 'g' },
	{ "parallel", required_argument, NULL, 'j' }, { "tap13", no_argument, NULL, 't' },
	{ "list", no_argument, NULL, 'l' }, { "probe-maxsmp", no_argument, NULL, OPTION_PROBE },
	{ "color", required_argument, NULL, OPTION_COLOR },
	{ "backend", required_argument, NULL, OPTION_BACKEND },
	{ "exit-zero", no_argument, NULL, OPTION_EXIT_ZERO },
	{ "arch", required_argument, NULL, OPTION_ARCH },
	{ 0 }
};

static void usage_print(void)
{
	printf("Usage: run_tests.sh [OPTIONS] [CASE...]\n\n"
	       "    -h, --help          this text\n"
	       "    -v, --verbose       show the command of each case, and failing lines\n"
	       "    -a, --all           run cases of group nodefault too, and set ERRATA_FORCE=y\n"
	       "    -g, --group=GROUP   only the cases of this group\n"
	       "    -j, --parallel=N    keep N CPUs busy\n"
	       "    -t, --tap13         report as TAP, version 13\n"
	       "    -l, --list          list the cases' names\n"
	       "        --probe-maxsmp  ask the VMM how many CPUs it can make\n"
	       "        --arch=ARCH     images of another architecture, from build/ARCH\n"
	       "        --backend=VMM   auto, kvm (the embedded one), qemu, qemu-kvm, qemu-tcg\n"
	       "        --color=WHEN    auto, always, never\n"
	       "        --exit-zero     status 0 whatever the verdicts\n\n"
	       "Exit status: 0 all green, 1 something red, 2 a mistake in the call or the\n"
	       "set-up, 4 no test ran.  Variables: QEMU, ACCEL, MACHINE, TIMEOUT, CHECK,\n"
	       "MAX_SMP, KVM_UNIT_TESTS_ENV, NO_COLOR, FLATBED_EXIT_ZERO.\n");
}

static bool jobs_take(struct suite *suite, const char *text)
{
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (end == text || *end || !count || count > 4096 || *text == '-') {
		fprintf(stderr, "Invalid -j option: %s\n", text);
		return false;
	}
	suite->jobs = count;
	return true;
}

static bool color_take(struct suite *suite, const char *when)
{
	const char *none = getenv("NO_COLOR");

	/* Into a pipe too: scripts strip it or match around it. */
	suite->report_options.color = !strcmp(when, "always") ||
		(!strcmp(when, "auto") && !(none && *none));
	if (!strcmp(when, "always") || !strcmp(when, "auto") || !strcmp(when, "never"))
		return true;
	complain("--color=%s: it is one of auto, always, never", when);
	return false;
}

/* Returns -1 to go on, or the exit status. */
static int option_take(struct suite *suite, int option)
{
	switch (option) {
	case 'h':
		usage_print();
		return 0;
	case 'v':
		suite->report_options.verbose = true;
		return -1;
	case 'a':
		suite->selection.all = true;
		return -1;
	case 'g':
		suite->selection.group = optarg;
		return -1;
	case 'j':
		return jobs_take(suite, optarg) ? -1 : 2;
	case 't':
		suite->tap = true;
		return -1;
	case 'l':
		suite->list = true;
		return -1;
	case OPTION_PROBE:
		suite->probe = true;
		return -1;
	case OPTION_COLOR:
		return color_take(suite, optarg) ? -1 : 2;
	case OPTION_BACKEND:
		if (backend_named(optarg, &suite->session.vmms.wanted))
			return -1;
		complain("unknown backend: %s", optarg);
		return 2;
	case OPTION_EXIT_ZERO:
		suite->exit_zero = true;
		return -1;
	case OPTION_ARCH:
		suite->arch = optarg;
		return -1;
	default:
		return 2;
	}
}

static int options_take(struct suite *suite, int argc, char **argv)
{
	const char *zero = getenv("FLATBED_EXIT_ZERO"), *queues = getenv("unittest_run_queues");
	static char name[] = "run_tests.sh";
	int option, status;

	/* getopt's messages begin with it. */
	argv[0] = name;
	suite->jobs = 1;
	suite->exit_zero = zero && *zero && strcmp(zero, "0");
	color_take(suite, "auto");
	if (queues && *queues && !jobs_take(suite, queues))
		return 2;
	while ((option = getopt_long(argc, argv, "vag:htj:l", long_options, NULL)) >= 0) {
		status = option_take(suite, option);
		if (status >= 0)
			return status;
	}
	suite->selection.names = argv + optind;
	suite->selection.count = argc - optind;
	return -1;
}

static void quiet(const char *message)
{
	(void)message;
}

static bool cases_read(struct suite *suite)
{
	struct session *session = &suite->session;
	struct buf path = { 0 };
	size_t size;
	char *text;

	buf_printf(&path, "%s/unittests.cfg", session->test_dir);
	text = file_read(buf_text(&path), &size);
	if (text)
		cfg_parse(&suite->cfg, buf_text(&path), text, size,
			  suite->list ? quiet : complain_line);
	else if (errno != ENOENT)
		complain("%s: %s", buf_text(&path), strerror(errno));
	free(text);
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
	if (job_red(job))
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

static void reports_make(struct suite *suite, struct score *score)
{
	const char *directory = getenv("unittest_log_dir");
	struct report *log = report_log(&suite->session, directory && *directory ?
					directory : "logs");
	struct report *shown = suite->tap ? report_tap() :
		report_terminal(&suite->report_options);
	struct report *totals;

	for (size_t i = 0; i < suite->cfg.count; i++)
		suite->report_options.cases +=
			select_case(&suite->selection, &suite->cfg.cases[i]);
	totals = report_totals(&suite->report_options);
	*score = (struct score){ .report.end = score_keep, .suite = suite };
	/* The totals first: they take their line of progress away. */
	suite->session.reports = totals;
	totals->next = shown;
	shown->next = log;
	log->next = &score->report;
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

int suite_command(const char *program, int argc, char **argv)
{
	static struct suite suite;
	struct buf text = { 0 };
	struct score score;
	int status = options_take(&suite, argc, argv), signal_number;

	if (status >= 0)
		return status;
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
	vmms_describe(&suite.session, &text);
	complain_line(buf_text(&text));
	buf_free(&text);
	session_known(&suite.session);
	known_check(&suite);
	maximum_set(&suite);
	reports_make(&suite, &score);
	signal_number = schedule(&suite.session, job_take, &suite, suite.jobs);
	REPORTS(&suite.session, finish);
	if (signal_number) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return suite_status(&suite);
}
