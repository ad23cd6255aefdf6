/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed run: one image, its output as it comes. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/arch.h"
#include "runner/conduct.h"
#include "runner/job.h"
#include "runner/options.h"
#include "runner/report.h"
#include "runner/session.h"

#define PROBE_NAME	"_NO_FILE_4Uhere_"

static struct {
	struct session session;
	struct job *job;
	const char *template;
	int status;
} run;

static struct job *job_take(void *context)
{
	struct job *job = run.job;

	(void)context;
	run.job = NULL;
	return job;
}

static void status_keep(struct report *report, struct job *job)
{
	(void)report;
	run.status = job_status(job);
}

/*
 * Scripts ask with this name whether a VMM takes their options; that the file
 * is missed is the only complaint then.
 */
static int options_check(struct job *job)
{
	char why[600];

	machine_read(&job->machine, &job->options);
	job->boot.first = job->boot.only = -1;
	if (!backend_choose(job, why, sizeof(why))) {
		printf("%s\n", why);
		return 1;
	}
	if (job->backend == &backend_kvm) {
		fprintf(stderr, "%s: could not open kernel file '%s': No such file or directory\n",
			run.session.program, PROBE_NAME);
		return 1;
	}
	job_tally(job);
	return -1;
}

static struct job *job_make(int argc, char **argv)
{
	struct job *job = mem_new(sizeof(*job));
	const char *name = getenv("TESTNAME"), *timeout = getenv("TIMEOUT");
	const char *slash = strrchr(argv[1], '/');

	job->session = &run.session;
	job->wanted = run.session.wanted;
	job->command_template = run.template;
	job->image = mem_copy(argv[1]);
	job->file = mem_copy(slash ? slash + 1 : argv[1]);
	job->name = mem_copy(name && *name ? name : job->file);
	job->label = mem_copy(job->name);
	job->attempt = 1;
	job->timeout = mem_copy(timeout ? timeout : "");
	for (int i = 2; i < argc; i++)
		words_add(&job->options, argv[i]);
	if (*job->timeout && !duration_ns(job->timeout, &job->timeout_ns)) {
		complain("TIMEOUT=%s is not a duration", job->timeout);
		job_free(job);
		return NULL;
	}
	return job;
}

static bool color_wanted(void)
{
	const char *none = getenv("NO_COLOR");

	return isatty(STDOUT_FILENO) && !(none && *none);
}

static int backend_take(void *context, const char *name)
{
	struct vmm_wish *wishes = NULL;
	size_t count = 0;
	char why[300] = "one is enough";

	(void)context;
	if (!vmm_wishes_read(name, &wishes, &count, why, sizeof(why)) || count != 1) {
		complain("--backend=%s: %s", name, why);
		return 2;
	}
	run.session.wanted = wishes->choice;
	run.template = wishes->template;
	free(wishes);
	return OPTIONS_GO_ON;
}

static const struct option_row rows[] = {
	{ "backend", 0, "VMM", "auto, kvm (the embedded one), qemu, qemu-kvm, qemu-tcg, bochs, "
	  "kvmtool, command:TEMPLATE",
	  OPTION_CALL, .take = backend_take, .values = "<backend>" },
};

static const struct text_row variables[] = {
	{ "QEMU", "name or path of the QEMU binary" },
	{ "BOCHS", "name or path of Bochs, or a folder with its unpacked packages" },
	{ "ACCEL", "kvm or tcg, properties behind a comma" },
	{ "MACHINE", "powerpc's machine: pseries, powernv9" },
	{ "EL2", "1: arm machines have EL2" },
	{ "MIGRATION, PANIC", "yes: the machine moves when its test asks; it must panic" },
	{ "TIMEOUT", "10, 90s, 2m; 0 or nothing for none" },
	{ "TESTNAME", "the case's name in messages" },
	{ "KVM_UNIT_TESTS_ENV", "file of NAME=value lines for the guest" },
	{ NULL, NULL }
};

static const struct text_row statuses[] = {
	{ "0", "passed" }, { "3", "failed" }, { "77", "skipped" },
	{ "124", "timeout" }, { "127", "the image aborted" },
	{ "1", "any other error, the VMM's or the test's" },
	{ "2", "a mistake in the call, no image" },
	{ "128 + N", "the VMM died of signal N" },
	{ NULL, NULL }
};

static const struct option_group group = { "Options", OPTION_ROWS(rows) };

static int run_run(const char *program, int argc, char **argv)
{
	const struct work work = { .take = job_take, .cpus = 1, .in_order = true };
	struct report keep = { .end = status_keep };
	struct job *job;
	int signal_number, first, status = options_read(&run_command, &run, argc, argv, &first);

	if (status != OPTIONS_GO_ON)
		return status;
	argc -= first - 1;
	argv += first - 1;
	if (argc < 2) {
		usage_print(&run_command, stderr);
		return 2;
	}
	session_start(&run.session, program, NULL);
	session_target(&run.session, arch_of_image(argv[1], run.session.configured_arch));
	run.session.need_vmm_line = run.session.single = true;
	vmms_find(&run.session);
	vmms_check(&run.session, run.session.wanted, run.template);
	if (vmms_fallback(&run.session, run.session.wanted)) {
		struct buf text = { 0 };

		vmms_describe(&run.session, run.session.wanted, &text);
		complain_line(buf_text(&text));
		buf_free(&text);
	}
	session_known(&run.session, argv[1]);
	job = job_make(argc, argv);
	if (!job)
		return 2;
	run.session.reports = report_live(color_wanted());
	run.session.reports->next = &keep;
	if (!strcmp(argv[1], PROBE_NAME)) {
		run.status = options_check(job);
		if (run.status >= 0)
			return run.status;
	} else {
		job_set_up(job);
	}
	run.job = job;
	signal_number = schedule(&run.session, &work).signal;
	if (signal_number) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return run.status;
}

const struct command run_command = {
	.name = "run", .operands = "IMAGE [VMM OPTIONS]",
	.text = "run one image, with its output as it comes", .operands_first = true,
	.groups = (const struct option_group *const[]){ &group, &conduct_options, NULL },
	.variables = variables, .statuses = statuses, .run = run_run,
};
