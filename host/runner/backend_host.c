/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * No VMM at all: images that are programs of the host's, and test its KVM by
 * themselves.  They print and leave as machines do.
 */
#include <signal.h>
#include <stdio.h>

#include "runner/backend.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"
#include "runner/words.h"

static int host_refuses(struct job *job, char *why, size_t size)
{
	const struct vmms *vmms = &job->session->vmms;
	enum vmm_choice wanted = job->wanted;

	if ((wanted != VMM_AUTO && wanted != VMM_EMBEDDED && wanted != VMM_QEMU_KVM) ||
	    (vmms->accel && !accel_is(vmms->accel, "kvm"))) {
		snprintf(why, size, "it tests this host's KVM");
		return 1;
	}
	if (!vmms->kvm) {
		snprintf(why, size, "%s", vmms->kvm_why);
		return 1;
	}
	return 0;
}

/* The program needs to know no more than the names of its TESTs. */
static void host_words(struct job *job, struct words *argv)
{
	const struct boot *boot = &job->boot;

	words_add(argv, job->image);
	for (size_t i = boot->first < 0 ? 0 : boot->first; i < job->plan.count; i++)
		if (boot->only >= 0 ? i == (size_t)boot->only : job_selects(job, i))
			words_add(argv, job->plan.tests[i].name);
}

static bool host_start(struct job *job, char *why, size_t size)
{
	struct words argv = { 0 };
	bool started;

	host_words(job, &argv);
	started = boot_spawn(&job->boot, &argv, why, size);
	words_free(&argv);
	return started;
}

/* It is not asked to be a machine. */
static bool is_refusal(const struct boot *boot, const char *text)
{
	(void)boot;
	(void)text;
	return false;
}

static void host_finish(struct job *job, int status, struct ending *ending)
{
	program_finish(job, status, is_refusal, ending);
}

static void host_command(struct job *job, struct buf *out)
{
	struct words argv = { 0 };

	host_words(job, &argv);
	words_line(out, &argv);
	words_free(&argv);
}

const struct backend backend_host = {
	.name = "host", .refuses = host_refuses, .start = host_start, .finish = host_finish,
	.command = host_command, .stop_signal = SIGTERM,
};
