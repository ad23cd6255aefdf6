/* SPDX-License-Identifier: BSD-2-Clause */
/* flatbed run: one image, its output as it comes. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/job.h"
#include "runner/report.h"
#include "runner/session.h"

#define PROBE_NAME	"_NO_FILE_4Uhere_"

static struct {
	struct session session;
	struct job *job;
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
	job->set_up = true;
	tally_start(&job->tally, &job->plan, &run.session.known, job->image,
		    backend_kind(job), run.session.arch);
	return -1;
}

/* An image of another architecture than the configured one says so by its place. */
static const char *arch_of(const char *image)
{
	return strstr(image, "build/i386/") ? "i386" : NULL;
}

static struct job *job_make(int argc, char **argv)
{
	struct job *job = mem_new(sizeof(*job));
	const char *name = getenv("TESTNAME"), *timeout = getenv("TIMEOUT");
	const char *slash = strrchr(argv[1], '/');

	job->session = &run.session;
	job->image = mem_copy(argv[1]);
	job->file = mem_copy(slash ? slash + 1 : argv[1]);
	job->name = mem_copy(name && *name ? name : job->file);
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

int run_command(const char *program, int argc, char **argv)
{
	struct report keep = { .end = status_keep };
	struct job *job;
	int signal_number;

	while (argc > 1 && !strncmp(argv[1], "--backend=", 10)) {
		if (!backend_named(argv[1] + 10, &run.session.vmms.wanted)) {
			complain("unknown backend: %s", argv[1] + 10);
			return 2;
		}
		argc--;
		argv++;
	}
	if (argc < 2 || argv[1][0] == '-') {
		fprintf(stderr, "Usage: %s run [--backend=kvm|qemu|qemu-kvm|qemu-tcg] IMAGE "
			"[VMM OPTIONS]\n", program);
		return 2;
	}
	session_start(&run.session, program, arch_of(argv[1]));
	run.session.need_vmm_line = true;
	vmms_find(&run.session);
	if (vmms_fallback(&run.session)) {
		struct buf text = { 0 };

		vmms_describe(&run.session, &text);
		complain_line(buf_text(&text));
		buf_free(&text);
	}
	session_known(&run.session);
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
	signal_number = schedule(&run.session, job_take, NULL, 1);
	if (signal_number) {
		signal(signal_number, SIG_DFL);
		raise(signal_number);
	}
	return run.status;
}
