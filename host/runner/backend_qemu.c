/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU as a machine. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/die.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/backend.h"
#include "runner/efi.h"
#include "runner/job.h"
#include "runner/migrate.h"
#include "runner/process.h"
#include "runner/session.h"

static char *qemu_ask(const struct session *session, const char *first, const char *second,
		      const char *third, const char *fourth)
{
	return program_ask((const char *const[]){ session->vmms.qemu, first, second, third, fourth,
						  NULL }, NULL);
}

/* What has been asked once needs no asking again, until the program changes. */
static const char *qemu_fact(struct session *session, const char *name,
			     char *(*ask)(struct session *session))
{
	struct cache *facts = &session->vmms.qemu_facts;

	if (!cache_get(facts, name)) {
		char *answer = ask(session);

		cache_put(facts, name, answer);
		free(answer);
	}
	return settings_get(&facts->facts, name, "");
}

static char *ask_qemu(struct session *session)
{
	char *help = qemu_ask(session, "--help", NULL, NULL, NULL);
	bool is = strstr(help, "QEMU");

	free(help);
	return mem_copy(is ? "y" : "n");
}

static char *ask_version(struct session *session)
{
	char *text = qemu_ask(session, "--version", NULL, NULL, NULL);
	const char *number = strstr(text, "version ");
	char *version;

	number = number ? number + strlen("version ") : "";
	version = mem_text(number, strspn(number, "0123456789."));
	free(text);
	return version;
}

/* Only a list of devices can prove that one is missing. */
static char *ask_device(struct session *session, const char *device)
{
	char *devices = qemu_ask(session, "-device", "help", NULL, NULL);
	struct buf name = { 0 };
	const char *answer = "y";

	buf_printf(&name, "\"%s\"", device);
	if (!strstr(devices, buf_text(&name)))
		answer = strstr(devices, "name \"") ? "n" : "unknown";
	buf_free(&name);
	free(devices);
	return mem_copy(answer);
}

static char *ask_must(struct session *session)
{
	return ask_device(session, session->target->must_have);
}

static char *ask_may(struct session *session)
{
	return ask_device(session, session->target->may_have);
}

/* All words of the list, on one line. */
static char *ask_cpus(struct session *session)
{
	char *text = qemu_ask(session, "-cpu", "help", NULL, NULL);

	for (char *c = text; *c; c++)
		if (isspace((unsigned char)*c))
			*c = ' ';
	return text;
}

static bool qemu_take(struct session *session, const char *name)
{
	struct vmms *vmms = &session->vmms;

	vmms->qemu = program_find(name);
	if (vmms->qemu)
		cache_open(&vmms->qemu_facts, vmms->qemu);
	return vmms->qemu;
}

static void qemu_seek(struct session *session)
{
	struct vmms *vmms = &session->vmms;

	vmms->qemu_sought = true;
	if (vmms->qemu_given) {
		if (!qemu_take(session, vmms->qemu_given) ||
		    *qemu_fact(session, "is_qemu", ask_qemu) != 'y')
			die("QEMU=%s: a QEMU binary was not found: it does not answer --help "
			    "as QEMU does", vmms->qemu_given);
		return;
	}
	for (size_t i = 0; session->target->qemu[i] && !vmms->qemu; i++)
		qemu_take(session, session->target->qemu[i]);
}

const char *qemu_path(struct session *session)
{
	if (!session->vmms.qemu_sought)
		qemu_seek(session);
	return session->vmms.qemu;
}

void qemu_probe(struct session *session)
{
	const struct arch *target = session->target;
	struct vmms *vmms = &session->vmms;

	if (vmms->qemu_probed)
		return;
	vmms->qemu_probed = true;
	if (target->must_have && *qemu_fact(session, "must_have", ask_must) == 'n')
		die("%s: No Qemu test device support found", vmms->qemu);
	vmms->qemu_may_have = target->may_have && *qemu_fact(session, "may_have", ask_may) == 'y';
	snprintf(vmms->qemu_version, sizeof(vmms->qemu_version), "%s",
		 qemu_fact(session, "version", ask_version));
}

bool qemu_has_cpu(struct session *session, const char *model)
{
	const char *list = qemu_fact(session, "cpus", ask_cpus), *word;
	size_t length;

	while ((word = str_word(&list, " ", &length)))
		if (str_same(word, length, model))
			return true;
	return false;
}

unsigned int qemu_max_cpus(struct session *session, unsigned int wanted)
{
	char count[16], *answer, *last;
	unsigned int most = wanted;

	if (!qemu_path(session))
		return wanted;
	snprintf(count, sizeof(count), "%u", wanted);
	answer = qemu_ask(session, "-smp", count, "-kernel", "_NO_FILE_4Uhere_");
	last = strstr(answer, "SMP");
	last = last ? strrchr(last, '(') : NULL;
	if (last && isdigit((unsigned char)last[1]))
		most = strtoul(last + 1, NULL, 10);
	free(answer);
	return most < wanted ? most : wanted;
}

static void qemu_words(struct job *job, struct words *argv)
{
	qemu_probe(job->session);
	words_add(argv, job->session->vmms.qemu);
	job->session->target->qemu_words(job, argv);
	if (efi_is(job->image)) {
		efi_words(job, argv);
	} else {
		words_add(argv, "-kernel");
		words_add(argv, job->image);
	}
	for (size_t i = 0; i < job->options.count; i++)
		words_add(argv, job->options.word[i]);
}

static bool has_environment(const struct job *job)
{
	return !job->machine.initrd && (!efi_is(job->image) || efi_has_environment(job));
}

static void qemu_command(struct job *job, struct buf *out)
{
	struct words argv = { 0 };

	if (job->timeout_ns)
		buf_printf(out, "timeout -k 1s --foreground %s ", job->timeout);
	qemu_words(job, &argv);
	words_line(out, &argv);
	if (has_environment(job))
		buf_puts(out, " # -initrd ENVIRONMENT");
	words_free(&argv);
}

static bool qemu_start(struct job *job, char *why, size_t size)
{
	struct boot *boot = &job->boot;
	struct words argv = { 0 };
	bool started;

	if (efi_is(job->image) && !efi_ready(job, why, size))
		return false;
	boot->starting = true;
	qemu_words(job, &argv);
	boot->starting = false;
	started = (!has_environment(job) ||
		   environment_hand_over(job, &argv, "-initrd", why, size)) &&
		  (watch_wanted(job) ? watch_start(job, &argv, why, size) :
		   boot_spawn(boot, &argv, why, size));
	words_free(&argv);
	return started;
}

/*
 * QEMU that refuses its options leaves with 1 and says why before the image
 * runs.  What the runner itself got wrong is no reason to skip, nor is an image
 * that cannot be loaded, nor what this host lacks only now.
 */
static bool is_refusal(const struct boot *boot, const char *text)
{
	static const char *const others[] = {
		"invalid accelerator", "could not load", "could not open", "too large to fit",
		"elf kernel", "elf section", "linux kernel too old",
		"does not fit in address space",
		"cannot open", "initrd", "cannot allocate memory", "no space left",
		"too many open files", "resource temporarily unavailable",
		"input/output error", "permission denied", "failed to initialize",
	};

	for (size_t i = 0; i < sizeof(others) / sizeof(*others); i++)
		if (strcasestr(text, others[i]))
			return false;
	return !boot->spoke && *text;
}

static void qemu_finish(struct job *job, int status, struct ending *ending)
{
	const char *stopped = strstr(buf_text(&job->boot.error_text), "KVM internal error");

	program_finish(job, status, is_refusal, ending);
	if (job->boot.watch)
		watch_finish(job, ending);
	if (job->boot.stop == STOP_INTERNAL_ERROR && stopped) {
		ending->kind = ENDING_INTERNAL_ERROR;
		snprintf(ending->text, sizeof(ending->text), "%.*s",
			 (int)strcspn(stopped, "\n"), stopped);
	}
}

static int qemu_refuses(struct job *job, char *why, size_t size)
{
	struct session *session = job->session;

	if (!qemu_path(session)) {
		snprintf(why, size, "no QEMU was found");
		return -1;
	}
	if (accel_is(job->accel, "kvm") && !session->vmms.kvm) {
		snprintf(why, size, "KVM is needed, but not available on this host");
		return 1;
	}
	/* Now, and not while a case's time runs. */
	qemu_probe(session);
	return efi_is(job->image) ? efi_refuses(job, why, size) : 0;
}

const struct backend backend_qemu = {
	.name = "qemu", .refuses = qemu_refuses, .start = qemu_start, .finish = qemu_finish,
	.command = qemu_command, .stop_signal = SIGTERM, .tells_status = true, .migrates = true,
	.starts_efi = true,
};
