/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of run_tests.sh. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/conduct.h"
#include "runner/suite.h"

static int jobs_take(void *context, const char *text)
{
	struct suite *suite = context;
	char *end;
	unsigned long count = strtoul(text, &end, 10);

	if (end == text || *end || !count || count > 4096 || *text == '-') {
		fprintf(stderr, "Invalid -j option: %s\n", text);
		return 2;
	}
	suite->jobs = count;
	return OPTIONS_GO_ON;
}

static int color_take(void *context, const char *when)
{
	struct suite *suite = context;
	const char *none = getenv("NO_COLOR");

	/* Into a pipe too: scripts strip it or match around it. */
	suite->report_options.color = !strcmp(when, "always") ||
		(!strcmp(when, "auto") && !(none && *none));
	if (!strcmp(when, "always") || !strcmp(when, "auto") || !strcmp(when, "never"))
		return OPTIONS_GO_ON;
	complain("--color=%s: it is one of auto, always, never", when);
	return 2;
}

static int backend_take(void *context, const char *name)
{
	struct suite *suite = context;

	if (backend_named(name, &suite->session.wanted))
		return OPTIONS_GO_ON;
	complain("unknown backend: %s", name);
	return 2;
}

#define FLAG(field)	.kind = OPTION_FLAG, .offset = offsetof(struct suite, field)
#define TEXT(field)	.kind = OPTION_TEXT, .offset = offsetof(struct suite, field)
#define CALL(function)	.kind = OPTION_CALL, .take = function

static const struct option_row case_rows[] = {
	{ "all", 'a', NULL, "run cases of group nodefault too, and set ERRATA_FORCE=y",
	  FLAG(selection.all), .classic = true },
	{ "group", 'g', "GROUP", "only the cases of this group",
	  TEXT(selection.group), .values = "<group>", .classic = true },
	{ "list", 'l', NULL, "list the cases' names", FLAG(list), .classic = true },
	{ "arch", 0, "ARCH", "images of another architecture, from build/ARCH",
	  TEXT(arch), .values = "<arch>" },
};

static const struct option_row machine_rows[] = {
	{ "backend", 0, "VMM", "auto, kvm (the embedded one), qemu, qemu-kvm, qemu-tcg, bochs",
	  CALL(backend_take), .values = "<backend>" },
	{ "parallel", 'j', "N", "keep N CPUs busy", CALL(jobs_take), .classic = true },
	{ "probe-maxsmp", 0, NULL, "ask the VMM how many CPUs it can make", FLAG(probe),
	  .classic = true },
};

static const struct option_row report_rows[] = {
	{ "verbose", 'v', NULL, "show the command of each case, and failing lines",
	  FLAG(report_options.verbose), .classic = true },
	{ "tap13", 't', NULL, "report as TAP, version 13", FLAG(tap), .classic = true },
	{ "color", 0, "WHEN", "auto, always, never", CALL(color_take),
	  .values = "auto always never" },
	{ "exit-zero", 0, NULL, "status 0 whatever the verdicts", FLAG(exit_zero) },
};

static const struct option_group case_group = { "Which cases", OPTION_ROWS(case_rows) };
static const struct option_group machine_group = { "Where and how", OPTION_ROWS(machine_rows) };
static const struct option_group report_group = { "What is told", OPTION_ROWS(report_rows) };

const struct option_group *const suite_options[] = {
	&case_group, &machine_group, &conduct_options, &report_group, &suite_reports_group, NULL
};

const struct text_row suite_variables[] = {
	{ "QEMU", "name or path of the QEMU binary" },
	{ "BOCHS", "name or path of Bochs, or a folder with its unpacked packages" },
	{ "ACCEL", "kvm or tcg, properties behind a comma; cases for another one are SKIP" },
	{ "MACHINE", "cases for another machine type are SKIP" },
	{ "TIMEOUT", "every case's timeout: 10, 90s, 2m; 0 for none" },
	{ "CHECK", "PATH=VALUE words in place of every case's check" },
	{ "MAX_SMP", "for $MAX_SMP in cases; otherwise the CPUs online" },
	{ "KVM_UNIT_TESTS_ENV", "file of NAME=value lines for guests" },
	{ "ERRATA_FORCE", "y: guests run what errata would keep from running" },
	{ "unittest_log_dir", "in place of logs" },
	{ "unittest_run_queues", "-j where no option says it" },
	{ "NO_COLOR", "no colour unless --color=always" },
	{ "FLATBED_EXIT_ZERO", "1: as --exit-zero" },
	{ NULL, NULL }
};

const struct text_row suite_statuses[] = {
	{ "0", "all green: passed, failed as expected, or skipped" },
	{ "1", "something is red" },
	{ "2", "a mistake in the call or the set-up" },
	{ "4", "no test ran" },
	{ "129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM" },
	{ NULL, NULL }
};

int suite_defaults(struct suite *suite)
{
	const char *zero = getenv("FLATBED_EXIT_ZERO"), *queues = getenv("unittest_run_queues");

	suite->jobs = 1;
	suite->exit_zero = zero && *zero && strcmp(zero, "0");
	color_take(suite, "auto");
	return queues && *queues ? jobs_take(suite, queues) : OPTIONS_GO_ON;
}
