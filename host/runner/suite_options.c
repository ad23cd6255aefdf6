/* SPDX-License-Identifier: BSD-2-Clause */
/* The options of run_tests.sh. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/conduct.h"
#include "runner/suite.h"

/* A number from 1; 0 after a message if it is none. */
static unsigned int number_take(const char *option, const char *text)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);

	if (end != text && !*end && number && number < UINT_MAX && *text != '-')
		return number;
	complain("--%s=%s: it is a number from 1", option, text);
	return 0;
}

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

static int backend_take(void *context, const char *words)
{
	struct suite *suite = context;
	char why[300];

	if (vmm_wishes_read(words, &suite->vmms, &suite->vmm_count, why, sizeof(why)))
		return OPTIONS_GO_ON;
	complain("--backend: %s", why);
	return 2;
}

static int cfg_take(void *context, const char *path)
{
	struct suite *suite = context;
	char *whole = realpath(path, NULL);

	if (!whole) {
		complain("--cfg=%s: %s", path, strerror(errno));
		return 2;
	}
	suite->cfgs = mem_grow(suite->cfgs, suite->cfg_count, sizeof(*suite->cfgs));
	suite->cfgs[suite->cfg_count++] = whole;
	return OPTIONS_GO_ON;
}

static int shard_take(void *context, const char *text)
{
	struct selection *selection = &((struct suite *)context)->selection;
	int length = 0;

	if (sscanf(text, "%u/%u%n", &selection->shard, &selection->shards, &length) == 2 &&
	    !text[length] && selection->shard && selection->shard <= selection->shards)
		return OPTIONS_GO_ON;
	complain("--shard=%s: it is K/N, the K-th of N parts", text);
	return 2;
}

static int shuffle_take(void *context, const char *text)
{
	struct suite *suite = context;
	char *end;

	suite->order = ORDER_SHUFFLED;
	if (!text) {
		suite->seed = now_ns() % 1000000;
		return OPTIONS_GO_ON;
	}
	suite->seed = strtoull(text, &end, 10);
	if (end != text && !*end)
		return OPTIONS_GO_ON;
	complain("--shuffle=%s: the seed is a number", text);
	return 2;
}

static int order_take(void *context, const char *word)
{
	struct suite *suite = context;

	if (!strcmp(word, "file"))
		suite->order = ORDER_FILE;
	else if (!strcmp(word, "longest"))
		suite->order = ORDER_LONGEST;
	else
		return complain("--order=%s: it is one of file, longest", word), 2;
	suite->order_given = true;
	return OPTIONS_GO_ON;
}

static int repeat_take(void *context, const char *text)
{
	struct suite *suite = context;

	suite->selection.rounds = number_take("repeat", text);
	return suite->selection.rounds ? OPTIONS_GO_ON : 2;
}

static int retry_take(void *context, const char *text)
{
	struct suite *suite = context;

	suite->retries = number_take("retry", text);
	return suite->retries ? OPTIONS_GO_ON : 2;
}

static int rerun_take(void *context, const char *run)
{
	struct suite *suite = context;

	suite->rerun = true;
	suite->rerun_of = run;
	return OPTIONS_GO_ON;
}

static int resume_take(void *context, const char *run)
{
	struct suite *suite = context;

	suite->resume = true;
	suite->resume_of = run;
	return OPTIONS_GO_ON;
}

static int time_take(void *context, const char *text)
{
	struct suite *suite = context;

	if (duration_ns(text, &suite->time_ns))
		return OPTIONS_GO_ON;
	complain("--run-timeout=%s: it is a duration: 90, 90s, 10m, 2h", text);
	return 2;
}

static int param_take(void *context, const char *text)
{
	words_add(&((struct suite *)context)->parameters, text);
	return OPTIONS_GO_ON;
}

#define FLAG(field)	.kind = OPTION_FLAG, .offset = offsetof(struct suite, field)
#define TEXT(field)	.kind = OPTION_TEXT, .offset = offsetof(struct suite, field)
#define CALL(function)	.kind = OPTION_CALL, .take = function

static const struct option_row case_rows[] = {
	{ "all", 'a', NULL, "run cases of group nodefault too, and set ERRATA_FORCE=y",
	  FLAG(selection.all), .classic = true },
	{ "group", 'g', "GROUP", "only the cases of this group",
	  TEXT(selection.group), .values = "<group>", .classic = true },
	{ "filter", 0, "EXPRESSION", "only cases of which it is true: "
	  "'smp>2 & !nested | test=nmi*'", TEXT(filter) },
	{ "list", 'l', NULL, "list the cases' names", FLAG(list), .classic = true },
	{ "plan", 0, NULL, "tell what would become of each case, and run nothing", FLAG(plan) },
	{ "json", 0, NULL, "with --list or --plan: as JSON, with all that is known", FLAG(json) },
	{ "cfg", 0, "PATH", "further cases, and changed ones, from a file or a folder's *.cfg",
	  CALL(cfg_take), .values = "<file>" },
	{ "tests", 0, "DIR", "the cases and images of another built tree",
	  TEXT(tree), .values = "<directory>" },
	{ "arch", 0, "ARCH[,ARCH]", "images of other architectures, from build/ARCH; all: what is "
	  "built", TEXT(arch), .values = "<arch>" },
	{ "shard", 0, "K/N", "only the K-th of N equal parts", CALL(shard_take) },
	{ "rerun-failed", 0, "RUN", "only what was red in the last run, or in that one",
	  CALL(rerun_take), .optional = true },
	{ "resume", 0, "RUN", "go on with the last run, or that one, where it was killed",
	  CALL(resume_take), .optional = true },
};

static const struct option_row machine_rows[] = {
	{ "backend", 0, "VMM[,VMM]", "on which to run: auto, kvm (the embedded one), qemu, "
	  "qemu-kvm, qemu-tcg, bochs, kvmtool, command:TEMPLATE", CALL(backend_take),
	  .values = "<backend>" },
	{ "parallel", 'j', "N", "keep N CPUs busy", CALL(jobs_take), .classic = true },
	{ "order", 0, "ORDER", "file, or longest: by the history; the default with -j",
	  CALL(order_take), .values = "file longest" },
	{ "shuffle", 0, "SEED", "in an order that the seed determines", CALL(shuffle_take),
	  .optional = true },
	{ "repeat", 0, "N", "every case N times", CALL(repeat_take) },
	{ "until-fail", 0, NULL, "over and over, until something is red", FLAG(until_fail) },
	{ "retry", 0, "N", "what is red up to N times more; if it passes then, it is flaky",
	  CALL(retry_take) },
	{ "allow-flaky", 0, NULL, "what passes at another attempt is not red",
	  FLAG(session.allow_flaky) },
	{ "fail-fast", 0, NULL, "begin nothing new once something is red", FLAG(fail_fast) },
	{ "run-timeout", 0, "DURATION", "the whole run ends then", CALL(time_take) },
	{ "param", 0, "MODULE.NAME=VALUE[,VALUE]", "a round for each value of a kernel module's "
	  "parameter", CALL(param_take) },
	{ "reload-modules", 0, NULL, "with --param: reload modules where that is what it takes",
	  FLAG(reload) },
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
	{ "TIMEOUT_SCALE", "timeouts are so many times as long: 2.5" },
	{ "BENEATH", "the hypervisor that this host runs on, where none shows: bochs" },
	{ "MAX_SMP", "for $MAX_SMP in cases; otherwise the CPUs online" },
	{ "KVM_UNIT_TESTS_ENV", "file of NAME=value lines for guests" },
	{ "ERRATA_FORCE", "y: guests run what errata would keep from running" },
	{ "unittest_log_dir", "in place of logs" },
	{ "unittest_run_queues", "-j where no option says it" },
	{ "KVMTOOL, KVMTOOL_DEFAULT_OPTS", "kvmtool's program, and its first options" },
	{ "EL2", "1: arm machines have EL2" },
	{ "TARGET_CPU, TARGET_CPU_OVERRIDE", "the CPU model of arm's and riscv's machines" },
	{ "MACHINE_OVERRIDE, FIRMWARE_OVERRIDE", "behind riscv's \"virt\"; its firmware" },
	{ "NO_COLOR", "no colour unless --color=always" },
	{ "FLATBED_EXIT_ZERO", "1: as --exit-zero" },
	{ NULL, NULL }
};

const struct text_row suite_statuses[] = {
	{ "0", "all green: passed, failed as expected, or skipped" },
	{ "1", "something is red" },
	{ "2", "a mistake in the call or the set-up" },
	{ "3", "incomplete: the run's time was over before all had run" },
	{ "4", "no test ran" },
	{ "129, 130, 143", "ended by SIGHUP, SIGINT, SIGTERM" },
	{ NULL, NULL }
};

int suite_defaults(struct suite *suite)
{
	const char *zero = getenv("FLATBED_EXIT_ZERO"), *queues = getenv("unittest_run_queues");
	const char *scale = getenv("TIMEOUT_SCALE");
	char *end;

	suite->jobs = 1;
	suite->exit_zero = zero && *zero && strcmp(zero, "0");
	suite->select.timeout_scale = 1;
	color_take(suite, "auto");
	if (scale && *scale) {
		suite->select.timeout_scale = strtod(scale, &end);
		if (end == scale || *end || !(suite->select.timeout_scale > 0) ||
		    suite->select.timeout_scale > 1e6) {
			complain("TIMEOUT_SCALE=%s: it is a number above 0", scale);
			return 2;
		}
	}
	return queues && *queues ? jobs_take(suite, queues) : OPTIONS_GO_ON;
}
