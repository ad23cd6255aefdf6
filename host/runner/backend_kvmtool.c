/* SPDX-License-Identifier: BSD-2-Clause */
/* kvmtool as a machine, for arm and riscv: the image says its status in a line. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/cfg.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

#define DEFAULTS	"--nodefaults --network mode=none --loglevel=warning"

/* Sought once. */
static const char *kvmtool_path(void)
{
	static const char *const names[] = { "lkvm", "vm", "lkvm-static" };
	static bool sought;
	static char *path;
	const char *given = getenv("KVMTOOL");

	if (!sought && given && *given)
		path = program_find(given);
	for (size_t i = 0; !sought && !(given && *given) && !path &&
	     i < sizeof(names) / sizeof(*names); i++)
		path = program_find(names[i]);
	sought = true;
	return path;
}

static bool kvmtool_usable(const char *template, char *why, size_t size)
{
	const char *given = getenv("KVMTOOL");

	(void)template;
	if (kvmtool_path())
		return true;
	if (given && *given)
		snprintf(why, size, "KVMTOOL=%s is no program", given);
	else
		snprintf(why, size, "no kvmtool was found: neither lkvm nor vm");
	return false;
}

static int kvmtool_refuses(struct job *job, char *why, size_t size)
{
	if (!job->session->vmms.kvm) {
		snprintf(why, size, "KVM is needed, but not available on this host");
		return 1;
	}
	return 0;
}

static void kvmtool_words(struct job *job, struct words *argv)
{
	const char *defaults = getenv("KVMTOOL_DEFAULT_OPTS"), *el2 = getenv("EL2");
	const struct machine *machine = &job->machine;
	char number[32];

	words_add(argv, kvmtool_path());
	words_add(argv, "run");
	words_split(argv, defaults && *defaults ? defaults : DEFAULTS);
	if (el2 && *el2 && strchr("1yY", *el2))
		words_add(argv, "--nested");
	if (!strcmp(job->session->target->name, "arm"))
		words_add(argv, "--aarch32");
	words_add(argv, "--kernel");
	words_add(argv, job->image);
	snprintf(number, sizeof(number), "%u", machine->cpus);
	words_add(argv, "--cpus");
	words_add(argv, number);
	if (job->cfg && job->cfg->memory) {
		snprintf(number, sizeof(number), "%llu",
			 (unsigned long long)machine->memory >> 20);
		words_add(argv, "--mem");
		words_add(argv, number);
	}
	if (machine->append) {
		words_add(argv, "--params");
		words_add(argv, machine->append);
	}
	for (size_t i = 0; i < job->kvmtool_options.count; i++)
		words_add(argv, job->kvmtool_options.word[i]);
}

static bool kvmtool_start(struct job *job, char *why, size_t size)
{
	struct words argv = { 0 };
	bool started;

	kvmtool_words(job, &argv);
	started = environment_hand_over(job, &argv, "--initrd", why, size) &&
		  boot_spawn(&job->boot, &argv, why, size);
	words_free(&argv);
	return started;
}

/* "Fatal: …" before the image has said anything. */
static bool is_refusal(const struct boot *boot, const char *text)
{
	return !boot->spoke && strstr(text, "Fatal") && !strcasestr(text, "kernel") &&
	       !strcasestr(text, "memory");
}

static void kvmtool_finish(struct job *job, int status, struct ending *ending)
{
	program_finish(job, status, is_refusal, ending);
}

static void kvmtool_command(struct job *job, struct buf *out)
{
	struct words argv = { 0 };

	kvmtool_words(job, &argv);
	words_line(out, &argv);
	buf_puts(out, " # --initrd ENVIRONMENT");
	words_free(&argv);
}

const struct backend backend_kvmtool = {
	.name = "kvmtool", .usable = kvmtool_usable, .refuses = kvmtool_refuses,
	.start = kvmtool_start, .finish = kvmtool_finish,
	.command = kvmtool_command, .stop_signal = SIGTERM,
	.tells_status = true,
};
