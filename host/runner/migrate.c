/* SPDX-License-Identifier: BSD-2-Clause */
/* Machines that move while their test runs, and machines that must panic. */
#include "runner/migrate.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "runner/cfg.h"
#include "runner/job.h"
#include "runner/process.h"
#include "runner/qmp.h"
#include "runner/select.h"
#include "runner/session.h"

#define PASSED_ON	"flatbed"	/* name of the stream's descriptor in QEMU */

/* A QEMU, and the ends of what leads to it. */
struct side {
	struct boot boot;	/* pid, console, errors */
	struct qmp qmp;
	int input;		/* of the guest's console */
};

enum moving { STANDING, MOVING };

struct watch {
	struct words argv;	/* for the next machine */
	struct qmp qmp;		/* of the one that runs */
	int input;
	struct side next;	/* where it moves to */
	enum moving moving;
	bool panics;		/* it must, and nothing else */
	bool panicked;
	bool continuous;	/* begin again once it has moved */
	bool answered;		/* a migration, or that there is none, has been */
	unsigned int moves;
	char failure[300];	/* the test's own fault, "" for none */
	char error[400];	/* of QEMU's */
};

static bool named_in_environment(const char *name)
{
	const char *value = getenv(name);

	return value && !strcmp(value, "yes");
}

static bool panic_wanted(const struct job *job)
{
	return named_in_environment("PANIC") ||
	       (job->cfg && select_in_group(job->cfg, "panic"));
}

bool watch_wanted(const struct job *job)
{
	if (panic_wanted(job))
		return true;
	if (job->plan.ours && job->boot.only >= 0)
		return job->plan.tests[job->boot.only].ends == ABI_ENDS_MIGRATION;
	for (size_t i = 0; job->plan.ours && i < job->plan.count; i++)
		if (job->plan.tests[i].ends == ABI_ENDS_MIGRATION && job_selects(job, i) &&
		    !job_own_boot(job, i))
			return true;
	if (job->plan.ours)
		return false;
	return named_in_environment("MIGRATION") ||
	       (job->cfg && select_in_group(job->cfg, "migration"));
}

/* A QEMU that can be talked to, through its monitor and its guest's console. */
static bool side_start(struct job *job, struct side *side, const struct words *words,
		       const char *option, int stream, char *why, size_t size)
{
	struct words argv = { 0 };
	int input[2], theirs;
	char number[32];
	bool started;

	for (size_t i = 0; i < words->count; i++)
		words_add(&argv, words->word[i]);
	if (pipe2(input, O_CLOEXEC)) {
		snprintf(why, size, "pipe: %s", strerror(errno));
		words_free(&argv);
		return false;
	}
	if (!qmp_open(&side->qmp, &argv, &theirs)) {
		snprintf(why, size, "a pair of sockets: %s", strerror(errno));
		close(input[0]);
		close(input[1]);
		words_free(&argv);
		if (stream >= 0)
			close(stream);
		return false;
	}
	/* Files of this boot go to each of its machines, under the same numbers. */
	memcpy(side->boot.files, job->boot.files, sizeof(side->boot.files));
	side->boot.file_count = job->boot.file_count;
	side->boot.files[side->boot.file_count++] = theirs;
	if (option) {
		words_add(&argv, option);
		if (stream >= 0) {
			snprintf(number, sizeof(number), "fd:%d", stream);
			words_add(&argv, number);
			side->boot.files[side->boot.file_count++] = stream;
		}
	}
	side->boot.input = input[0];
	side->input = input[1];
	fcntl(side->input, F_SETFL, O_NONBLOCK);
	started = boot_spawn(&side->boot, &argv, why, size);
	close(theirs);
	if (stream >= 0)
		close(stream);
	close(input[0]);
	words_free(&argv);
	if (!started) {
		qmp_close(&side->qmp);
		close(side->input);
	}
	return started;
}

bool watch_start(struct job *job, struct words *argv, char *why, size_t size)
{
	struct watch *watch = mem_new(sizeof(*watch));
	struct side side = { .boot = { 0 } };
	struct boot *boot = &job->boot;

	watch->panics = panic_wanted(job);
	for (size_t i = 0; i < argv->count; i++)
		words_add(&watch->argv, argv->word[i]);
	if (!side_start(job, &side, argv, watch->panics ? "-S" : NULL, -1, why, size)) {
		words_free(&watch->argv);
		free(watch);
		return false;
	}
	boot->pid = side.boot.pid;
	boot->console = side.boot.console;
	boot->errors = side.boot.errors;
	watch->qmp = side.qmp;
	watch->input = side.input;
	watch->next.qmp.fd = -1;
	boot->watch = watch;
	if (watch->panics)
		qmp_send(&watch->qmp, "{\"execute\":\"cont\"}");
	return true;
}

static void fault(struct watch *watch, const char *what)
{
	if (!*watch->failure)
		snprintf(watch->failure, sizeof(watch->failure), "%s", what);
}

/* The guest waits for a byte. */
static void answer(struct watch *watch)
{
	watch->answered = true;
	if (write(watch->input, "\n", 1) < 0 && errno != EAGAIN)
		fault(watch, "the guest's console takes no byte");
}

static void move_begin(struct job *job)
{
	struct watch *watch = job->boot.watch;
	char why[300];
	int stream[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, stream)) {
		snprintf(watch->error, sizeof(watch->error), "a pair of sockets: %s",
			 strerror(errno));
		return;
	}
	watch->next = (struct side){ .boot = { 0 } };
	if (!side_start(job, &watch->next, &watch->argv, "-incoming", stream[1], why,
			sizeof(why))) {
		snprintf(watch->error, sizeof(watch->error), "the destination: %s", why);
		close(stream[0]);
		return;
	}
	fcntl(watch->next.boot.console, F_SETFL, O_NONBLOCK);
	fcntl(watch->next.boot.errors, F_SETFL, O_NONBLOCK);
	watch->moving = MOVING;
	if (!qmp_send_file(&watch->qmp, stream[0], PASSED_ON) ||
	    !qmp_send(&watch->qmp, "{\"execute\":\"migrate\",\"arguments\":"
		      "{\"uri\":\"fd:" PASSED_ON "\"}}"))
		snprintf(watch->error, sizeof(watch->error), "the source's monitor is gone");
	close(stream[0]);
}

static void side_kill(struct side *side)
{
	kill(-side->boot.pid, SIGKILL);
	waitpid(side->boot.pid, NULL, 0);
	close(side->boot.console);
	close(side->boot.errors);
	close(side->input);
	qmp_close(&side->qmp);
}

/* The source has sent everything, and stands still: the destination is the machine now. */
static void move_end(struct job *job)
{
	struct watch *watch = job->boot.watch;
	struct boot *boot = &job->boot;
	struct side source = {
		.boot = { .pid = boot->pid, .console = boot->console, .errors = boot->errors },
		.qmp = watch->qmp, .input = watch->input,
	};

	job_output_take(job);
	source.boot.console = boot->console;
	source.boot.errors = boot->errors;
	side_kill(&source);
	boot->pid = watch->next.boot.pid;
	boot->console = watch->next.boot.console;
	boot->errors = watch->next.boot.errors;
	watch->qmp = watch->next.qmp;
	watch->input = watch->next.input;
	watch->next = (struct side){ .qmp.fd = -1 };
	watch->moving = STANDING;
	watch->moves++;
	answer(watch);
}

static void next_check(struct watch *watch)
{
	int status;

	if (watch->moving == STANDING || waitpid(watch->next.boot.pid, &status, WNOHANG) <= 0)
		return;
	snprintf(watch->error, sizeof(watch->error),
		 "the destination left with status %d before all had come", WIFEXITED(status) ?
		 WEXITSTATUS(status) : 128 + WTERMSIG(status));
	watch->moving = STANDING;
	close(watch->next.boot.console);
	close(watch->next.boot.errors);
	close(watch->next.input);
	qmp_close(&watch->next.qmp);
}

static void answer_look(struct job *job, const char *line)
{
	struct watch *watch = job->boot.watch;
	char value[200];

	if (qmp_member(line, "event", value, sizeof(value))) {
		watch->panicked |= !strcmp(value, "GUEST_PANICKED");
	} else if (strstr(line, "\"error\"") && watch->moving == MOVING) {
		if (!qmp_member(line, "desc", value, sizeof(value)))
			snprintf(value, sizeof(value), "an error without a description");
		snprintf(watch->error, sizeof(watch->error), "the source: %s", value);
	} else if (watch->moving == MOVING &&
		   qmp_member(line, "status", value, sizeof(value))) {
		if (!strcmp(value, "completed"))
			move_end(job);
		else if (!strcmp(value, "failed") || !strcmp(value, "cancelled"))
			snprintf(watch->error, sizeof(watch->error), "its status is '%s'", value);
	}
}

void watch_step(struct job *job)
{
	struct watch *watch = job->boot.watch;
	char *line;

	next_check(watch);
	while ((line = qmp_line(&watch->qmp))) {
		answer_look(job, line);
		free(line);
	}
	if (*watch->error || *watch->failure || watch->panicked) {
		/* Nobody waits for what cannot come. */
		kill(-job->boot.pid, SIGKILL);
		return;
	}
	if (watch->moving == MOVING)
		qmp_send(&watch->qmp, "{\"execute\":\"query-migrate\"}");
	else if (watch->continuous)
		move_begin(job);
}

bool watch_line(struct job *job, const char *text)
{
	struct watch *watch = job->boot.watch;

	if (watch->panics)
		return true;
	if (strstr(text, "Now migrate the VM")) {
		if (watch->moving == STANDING)
			move_begin(job);
	} else if (strstr(text, "Begin continuous migration")) {
		if (watch->continuous)
			fault(watch, "continuous migration had begun already");
		watch->continuous = true;
	} else if (strstr(text, "End continuous migration")) {
		/* The line comes twice, as a migration may cut one of them in two. */
		if (!watch->continuous && !strstr(text, "(quiet)"))
			fault(watch, "continuous migration had not begun");
		watch->continuous = false;
		if (watch->moving == STANDING)
			answer(watch);
	} else if (strstr(text, "Skipped VM migration")) {
		if (watch->continuous)
			fault(watch, "a skip within continuous migration");
		answer(watch);
	}
	return !strstr(text, "(quiet)");
}

void watch_finish(struct job *job, struct ending *ending)
{
	struct watch *watch = job->boot.watch;

	if (watch->moving == MOVING)
		side_kill(&watch->next);
	qmp_close(&watch->qmp);
	close(watch->input);
	if (watch->panics) {
		job_result(job, watch->panicked ? ABI_RESULT_PASS : ABI_RESULT_FAIL,
			   watch->panicked ? "guest panicked" : "guest did not panic", "");
		*ending = (struct ending){
			.kind = ENDING_VERDICT,
			.code = watch->panicked ? ABI_EXIT_PASS : ABI_EXIT_FAIL };
	} else if (*watch->error) {
		ending->kind = ENDING_ERROR;
		snprintf(ending->text, sizeof(ending->text), "migration failed: %s", watch->error);
	} else if (*watch->failure || !watch->answered) {
		job_fail(job, *watch->failure ? watch->failure :
			 "the test ended before its migration point");
		if (*watch->failure)
			*ending = (struct ending){ .kind = ENDING_VERDICT, .code = ABI_EXIT_FAIL };
	}
	job->moves += watch->moves;
	words_free(&watch->argv);
	free(watch);
	job->boot.watch = NULL;
}
