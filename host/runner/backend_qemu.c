/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU as a machine. */
#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/die.h"
#include "runner/backend.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/session.h"

static char *qemu_ask(const char *qemu, const char *first, const char *second,
		      const char *third, const char *fourth)
{
	return program_ask((const char *const[]){ qemu, first, second, third, fourth, NULL },
			   NULL);
}

static bool is_qemu(const char *path)
{
	char *help = qemu_ask(path, "--help", NULL, NULL, NULL);
	bool is = strstr(help, "QEMU");

	free(help);
	return is;
}

static void qemu_seek(struct session *session)
{
	struct vmms *vmms = &session->vmms;
	struct buf name = { 0 };

	vmms->qemu_sought = true;
	if (vmms->qemu_given) {
		vmms->qemu = program_find(vmms->qemu_given);
		if (!vmms->qemu || !is_qemu(vmms->qemu))
			die("QEMU=%s: a QEMU binary was not found: it does not answer --help "
			    "as QEMU does", vmms->qemu_given);
		return;
	}
	buf_printf(&name, "qemu-system-%s", session->arch);
	vmms->qemu = program_find(buf_text(&name));
	if (!vmms->qemu)
		vmms->qemu = program_find("qemu-kvm");
	if (!vmms->qemu && !strcmp(session->arch, "i386"))
		vmms->qemu = program_find("qemu-system-x86_64");
	buf_free(&name);
}

const char *qemu_path(struct session *session)
{
	if (!session->vmms.qemu_sought)
		qemu_seek(session);
	return session->vmms.qemu;
}

void qemu_probe(struct session *session)
{
	struct vmms *vmms = &session->vmms;
	char *devices, *version, *number;

	if (vmms->qemu_probed)
		return;
	vmms->qemu_probed = true;
	devices = qemu_ask(vmms->qemu, "-device", "help", NULL, NULL);
	/* Only a list of devices can prove that one is missing. */
	if (strstr(devices, "name \"") && !strstr(devices, "\"pc-testdev\""))
		die("%s: No Qemu test device support found", vmms->qemu);
	vmms->qemu_pci_testdev = strstr(devices, "pci-testdev");
	free(devices);
	version = qemu_ask(vmms->qemu, "--version", NULL, NULL, NULL);
	number = strstr(version, "version ");
	if (number) {
		number += strlen("version ");
		snprintf(vmms->qemu_version, sizeof(vmms->qemu_version), "%.*s",
			 (int)strspn(number, "0123456789."), number);
	}
	free(version);
}

unsigned int qemu_max_cpus(struct session *session, unsigned int wanted)
{
	char count[16], *answer, *last;
	unsigned int most = wanted;

	if (!qemu_path(session))
		return wanted;
	snprintf(count, sizeof(count), "%u", wanted);
	answer = qemu_ask(session->vmms.qemu, "-smp", count, "-kernel", "_NO_FILE_4Uhere_");
	last = strstr(answer, "SMP");
	last = last ? strrchr(last, '(') : NULL;
	if (last && isdigit((unsigned char)last[1]))
		most = strtoul(last + 1, NULL, 10);
	free(answer);
	return most < wanted ? most : wanted;
}

static void qemu_words(struct job *job, struct words *argv)
{
	static const char *const always[] = {
		"--no-reboot", "-nodefaults", "-global", "kvm-pit.lost_tick_policy=discard",
		"-device", "pc-testdev", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
		"-display", "none", "-serial", "stdio",
	};
	struct buf machine = { 0 };

	qemu_probe(job->session);
	words_add(argv, job->session->vmms.qemu);
	for (size_t i = 0; i < sizeof(always) / sizeof(*always); i++)
		words_add(argv, always[i]);
	if (job->session->vmms.qemu_pci_testdev) {
		words_add(argv, "-device");
		words_add(argv, "pci-testdev");
	}
	/* Properties behind a comma belong to -accel, where they exist at all. */
	buf_printf(&machine, "accel=%s", job->accel);
	words_add(argv, strchr(job->accel, ',') ? "-accel" : "-machine");
	words_add(argv, strchr(job->accel, ',') ? job->accel : buf_text(&machine));
	buf_free(&machine);
	words_add(argv, "-kernel");
	words_add(argv, job->image);
	for (size_t i = 0; i < job->options.count; i++)
		words_add(argv, job->options.word[i]);
}

static void qemu_command(struct job *job, struct buf *out)
{
	struct words argv = { 0 };
	struct buf line = { 0 };

	if (job->timeout_ns)
		buf_printf(out, "timeout -k 1s --foreground %s ", job->timeout);
	qemu_words(job, &argv);
	words_quote(&line, &argv);
	buf_puts(out, buf_text(&line) + 1);
	if (!job->machine.initrd)
		buf_puts(out, " # -initrd ENVIRONMENT");
	buf_free(&line);
	words_free(&argv);
}

static bool qemu_start(struct job *job, char *why, size_t size)
{
	struct boot *boot = &job->boot;
	struct words argv = { 0 };
	struct buf text = { 0 };
	char file[32];
	bool started;
	int fd = -1;

	qemu_words(job, &argv);
	if (!job->machine.initrd)
		environment_add(job, &text);
	if (text.length) {
		fd = boot_file(boot, text.data, text.length);
		if (fd < 0)
			snprintf(why, size, "cannot hand over the environment: %s",
				 strerror(errno));
		snprintf(file, sizeof(file), "/dev/fd/%d", fd);
		words_add(&argv, "-initrd");
		words_add(&argv, file);
	}
	started = (!text.length || fd >= 0) && boot_spawn(boot, &argv, why, size);
	buf_free(&text);
	words_free(&argv);
	return started;
}

/* The last line of what was said on standard error, but for warnings. */
static void last_error(struct boot *boot, char *out, size_t size)
{
	const char *text = buf_text(&boot->error_text), *line;
	size_t length = boot->error_text.length;

	while (length && text[length - 1] == '\n')
		length--;
	line = memrchr(text, '\n', length);
	line = line ? line + 1 : text;
	snprintf(out, size, "%.*s", (int)(text + length - line), line);
	out[strcspn(out, "\r")] = '\0';
}

/*
 * QEMU that refuses its options leaves with 1 and says why before the image
 * runs.  What the runner itself got wrong is no reason to skip, nor is what
 * this host lacks only now.
 */
static bool is_refusal(const struct boot *boot, const char *text)
{
	static const char *const others[] = {
		"invalid accelerator", "could not load kernel", "could not open kernel",
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
	struct boot *boot = &job->boot;
	unsigned int code = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
	const char *died;

	*ending = (struct ending){ .kind = ENDING_VERDICT, .code = code >> 1 };
	boot_files_close(boot);
	last_error(boot, ending->text, sizeof(ending->text));
	died = strstr(buf_text(&boot->error_text), "terminating on signal ");
	if (boot->stop == STOP_INTERNAL_ERROR) {
		ending->kind = ENDING_INTERNAL_ERROR;
		snprintf(ending->text, sizeof(ending->text), "%.*s",
			 (int)strcspn(strstr(boot->error_text.data, "KVM internal error"), "\n"),
			 strstr(boot->error_text.data, "KVM internal error"));
	} else if (WIFSIGNALED(status)) {
		ending->kind = ENDING_SIGNAL;
		ending->code = WTERMSIG(status);
	} else if (code >= 128) {
		ending->kind = ENDING_SIGNAL;
		ending->code = code - 128;
	} else if (code == 0 && died) {
		ending->kind = ENDING_SIGNAL;
		ending->code = strtoul(died + strlen("terminating on signal "), NULL, 10);
	} else if (code == 0) {
		ending->kind = ENDING_SHUTDOWN;
	} else if (code == 1 && *ending->text) {
		ending->kind = is_refusal(boot, ending->text) ? ENDING_UNSUPPORTED :
			       ENDING_ERROR;
		ending->code = code;
	} else if (!(code & 1)) {
		ending->kind = ENDING_ERROR;
		ending->code = code;
		if (!*ending->text)
			snprintf(ending->text, sizeof(ending->text),
				 "QEMU left with status %u", code);
	}
}

const struct backend backend_qemu = {
	.name = "qemu", .start = qemu_start, .finish = qemu_finish,
	.command = qemu_command, .stop_signal = SIGTERM,
};
