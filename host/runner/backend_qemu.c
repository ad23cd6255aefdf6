/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU as a machine. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "runner/backend.h"
#include "runner/job.h"
#include "runner/session.h"

#define PROBE_NS	10000000000ull	/* for an answer to --help and the like */

/* What `qemu ARGUMENT…` prints, on both streams; "" if it does not answer. */
static char *qemu_ask(const char *qemu, const char *first, const char *second,
		      const char *third, const char *fourth)
{
	const char *argv[] = { qemu, first, second, third, fourth, NULL };
	uint64_t until = now_ns() + PROBE_NS;
	int ends[2], parent = getpid();
	struct buf all = { 0 };
	char chunk[8192];
	ssize_t got = 1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die_errno("cannot ask %s: pipe", qemu);
	pid = fork();
	if (pid < 0)
		die_errno("cannot ask %s: fork", qemu);
	if (!pid) {
		child_prepare(parent, ends[1], ends[1]);
		execvp(qemu, (char **)(uintptr_t)argv);
		_exit(127);
	}
	close(ends[1]);
	while (got > 0 && now_ns() < until) {
		struct pollfd ready = { ends[0], POLLIN, 0 };

		if (poll(&ready, 1, 1000) <= 0)
			continue;
		got = read(ends[0], chunk, sizeof(chunk));
		if (got > 0)
			buf_add(&all, chunk, got);
	}
	close(ends[0]);
	kill(-pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return buf_take(&all);
}

static bool is_qemu(const char *path)
{
	char *help = qemu_ask(path, "--help", NULL, NULL, NULL);
	bool is = strstr(help, "QEMU");

	free(help);
	return is;
}

static bool in_path(const char *name)
{
	const char *path = getenv("PATH");
	struct buf all = { 0 };
	bool found = false;
	char *rest, *one;

	buf_printf(&all, "%s:/usr/libexec", path ? path : "/usr/bin:/bin");
	buf_text(&all);
	rest = all.data;
	while (!found && (one = strsep(&rest, ":"))) {
		struct buf file = { 0 };

		buf_printf(&file, "%s/%s", one, name);
		found = !access(buf_text(&file), X_OK);
		buf_free(&file);
	}
	buf_free(&all);
	return found;
}

static void qemu_seek(struct session *session)
{
	struct vmms *vmms = &session->vmms;
	const char *path = getenv("PATH");
	struct buf name = { 0 }, wider = { 0 };

	vmms->qemu_sought = true;
	/* Some distributions keep qemu-kvm there. */
	buf_printf(&wider, "%s:/usr/libexec", path ? path : "/usr/bin:/bin");
	setenv("PATH", buf_text(&wider), 1);
	buf_free(&wider);
	if (vmms->qemu_given) {
		if (!is_qemu(vmms->qemu_given))
			die("QEMU=%s: a QEMU binary was not found: it does not answer --help "
			    "as QEMU does", vmms->qemu_given);
		vmms->qemu = mem_copy(vmms->qemu_given);
		return;
	}
	buf_printf(&name, "qemu-system-%s", session->arch);
	if (in_path(buf_text(&name)))
		vmms->qemu = buf_take(&name);
	else if (in_path("qemu-kvm"))
		vmms->qemu = mem_copy("qemu-kvm");
	else if (!strcmp(session->arch, "i386") && in_path("qemu-system-x86_64"))
		vmms->qemu = mem_copy("qemu-system-x86_64");
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

/* The environment as a file without a name; -1 if there is none to give. */
static bool environment_open(struct job *job)
{
	struct boot *boot = &job->boot;
	struct buf text = { 0 };
	bool good = true;

	boot->environment_fd = -1;
	if (job->machine.initrd)
		return true;
	environment_add(job, &text);
	if (text.length) {
		boot->environment_fd = memfd_create("environment", 0);
		good = boot->environment_fd >= 0 &&
		       write(boot->environment_fd, text.data, text.length) ==
		       (ssize_t)text.length;
	}
	buf_free(&text);
	return good;
}

static bool qemu_start(struct job *job, char *why, size_t size)
{
	int console[2] = { -1, -1 }, errors[2] = { -1, -1 };
	struct boot *boot = &job->boot;
	struct words argv = { 0 };
	int parent = getpid();
	char file[32];

	qemu_words(job, &argv);
	if (!environment_open(job) || pipe2(console, O_CLOEXEC) < 0 ||
	    pipe2(errors, O_CLOEXEC) < 0) {
		snprintf(why, size, "cannot start %s: %s", job->session->vmms.qemu,
			 strerror(errno));
		words_free(&argv);
		return false;
	}
	if (boot->environment_fd >= 0) {
		snprintf(file, sizeof(file), "/dev/fd/%d", boot->environment_fd);
		words_add(&argv, "-initrd");
		words_add(&argv, file);
	}
	boot->pid = fork();
	if (!boot->pid) {
		child_prepare(parent, console[1], errors[1]);
		execvp(argv.word[0], argv.word);
		dprintf(STDERR_FILENO, "%s: %s\n", argv.word[0], strerror(errno));
		_exit(2);
	}
	if (boot->pid < 0) {
		snprintf(why, size, "cannot start %s: %s", argv.word[0], strerror(errno));
		boot->pid = 0;
		close(console[0]);
		close(errors[0]);
	} else {
		setpgid(boot->pid, boot->pid);
		boot->console = console[0];
		boot->errors = errors[0];
	}
	close(console[1]);
	close(errors[1]);
	words_free(&argv);
	return boot->pid;
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
	if (boot->environment_fd >= 0)
		close(boot->environment_fd);
	boot->environment_fd = -1;
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
