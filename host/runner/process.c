/* SPDX-License-Identifier: BSD-2-Clause */
/* Children of the runner. */
#include "runner/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/die.h"
#include "runner/job.h"
#include "runner/report.h"
#include "runner/session.h"

#define ASK_NS	10000000000ull	/* for an answer to --help and the like */

void child_prepare(int parent, int input, int output, int errors)
{
	sigset_t none;

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	if (input < 0)
		input = open("/dev/null", O_RDONLY | O_CLOEXEC);
	if (input >= 0)
		dup2(input, STDIN_FILENO);
	dup2(output, STDOUT_FILENO);
	dup2(errors, STDERR_FILENO);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	signal(SIGXFSZ, SIG_DFL);
}

int boot_file(struct boot *boot, const void *bytes, size_t size)
{
	int fd = memfd_create("flatbed", MFD_CLOEXEC);

	if (fd < 0)
		return -1;
	if (!write_all(fd, bytes, size)) {
		close(fd);
		return -1;
	}
	boot->files[boot->file_count++] = fd;
	return fd;
}

void boot_files_close(struct boot *boot)
{
	while (boot->file_count)
		close(boot->files[--boot->file_count]);
}

static void __attribute__((noreturn)) program_exec(const struct boot *boot,
						   const char *const *argv)
{
	/* Only here: other children must not hold them. */
	for (unsigned int i = 0; boot && i < boot->file_count; i++)
		fcntl(boot->files[i], F_SETFD, 0);
	execvp(argv[0], (char **)(uintptr_t)argv);
	dprintf(STDERR_FILENO, "%s: %s\n", argv[0], strerror(errno));
	_exit(2);
}

bool boot_spawn(struct boot *boot, const struct words *argv, char *why, size_t size)
{
	int console[2] = { -1, -1 }, errors[2] = { -1, -1 }, parent = getpid();
	pid_t pid = -1;

	/* Memory is shared up to exec: copying its tables takes longer than all the rest. */
	if (!pipe2(console, O_CLOEXEC) && !pipe2(errors, O_CLOEXEC))
		pid = vfork();
	if (!pid) {
		child_prepare(parent, boot->input ? boot->input : -1, console[1], errors[1]);
		program_exec(boot, (const char *const *)argv->word);
	}
	if (pid < 0) {
		snprintf(why, size, "cannot start %s: %s", argv->word[0], strerror(errno));
		close(console[0]);
		close(errors[0]);
	} else {
		setpgid(pid, pid);
		boot->pid = pid;
		boot->console = console[0];
		boot->errors = errors[0];
	}
	close(console[1]);
	close(errors[1]);
	return pid > 0;
}

char *program_ask(const char *const *argv, const struct boot *boot)
{
	uint64_t until = now_ns() + ASK_NS;
	int ends[2], parent = getpid();
	struct buf all = { 0 };
	char chunk[8192];
	ssize_t got = 1;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		die_errno("cannot ask %s: pipe", argv[0]);
	pid = vfork();
	if (pid < 0)
		die_errno("cannot ask %s: fork", argv[0]);
	if (!pid) {
		child_prepare(parent, -1, ends[1], ends[1]);
		program_exec(boot, argv);
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

char *program_find(const char *name)
{
	const char *path = getenv("PATH");
	struct buf all = { 0 }, file = { 0 };
	char *rest, *one;

	if (strchr(name, '/'))
		return access(name, X_OK) ? NULL : mem_copy(name);
	buf_printf(&all, "%s:/usr/libexec", path ? path : "/usr/bin:/bin");
	buf_text(&all);
	rest = all.data;
	while ((one = strsep(&rest, ":"))) {
		buf_printf(&file, "%s/%s", *one ? one : ".", name);
		if (!access(buf_text(&file), X_OK))
			break;
		buf_free(&file);
	}
	buf_free(&all);
	return file.length ? buf_take(&file) : NULL;
}
