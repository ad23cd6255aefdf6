/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs machines side by side: one loop, no threads. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/die.h"
#include "runner/job.h"
#include "runner/migrate.h"
#include "runner/process.h"
#include "runner/report.h"
#include "runner/session.h"

/* Between two looks at a ledger: an eighth of the time that the TEST has run, but */
#define LEDGER_LEAST_NS	1000000ull
#define LEDGER_MOST_NS	10000000ull
#define KILL_NS		1000000000ull	/* from asking a VMM to end to killing it */

#define STALL_NS	300000000ull	/* from which on we have been kept from our work */
#define DESCRIPTORS	65536
#define WINDOW		16	/* jobs from which the next one is chosen */
#define FRESH_NS	100000000ull	/* as long as a job that waits is as it was made */
#define PASSED_MOST	32	/* times that a job may be passed over */

/* A job that has not begun. */
struct waiting {
	struct job *job;
	uint64_t taken;		/* ns */
	unsigned int passed;	/* how often others were preferred */
};

struct schedule {
	struct session *session;
	const struct work *work;
	struct job **running;
	size_t count;
	unsigned int cpus;		/* in use, and */
	uint64_t memory;		/* bytes of it */
	struct waiting waiting[WINDOW];
	size_t waiting_count;
	pid_t *leaving;			/* machines whose end is known already */
	size_t leaving_count;
	int signals;			/* signalfd */
	struct outcome outcome;
	uint64_t paused;		/* ns that the run stood still */
	uint64_t woken;			/* ns; when the last wait was over */
	bool stopped;			/* what runs goes on, but nothing begins */
};

/* One without a machine counts too: with one slot, cases end in file order. */
static unsigned int job_cpus(const struct schedule *s, const struct job *job)
{
	unsigned int cpus = job->machine.cpus ? job->machine.cpus : 1;

	return cpus < s->work->cpus ? cpus : s->work->cpus;
}

static bool is_over(const struct schedule *s)
{
	return s->outcome.signal || s->outcome.timeout;
}

static bool may_begin(const struct schedule *s)
{
	return !is_over(s) && !s->stopped;
}

static void job_end(struct schedule *s, struct job *job)
{
	job_judge(job);
	if (s->work->judged && !s->work->judged(s->work->context, job))
		s->stopped = true;
	REPORTS(s->session, end, job);
	job_free(job);
}

static bool boot_start(struct job *job)
{
	struct ending ending = { .kind = ENDING_ERROR, .code = 2 };
	struct boot *boot = &job->boot;

	boot->kill_at = 0;
	boot->stop = STOP_NOT;
	boot->spoke = boot->killed = false;
	boot->banner = 0;
	boot->told_status = -1;
	buf_free(&boot->last_words);
	buf_free(&boot->error_text);
	job->boots++;
	if (job->backend->start(job, ending.text, sizeof(ending.text))) {
		fcntl(boot->console, F_SETFL, O_NONBLOCK);
		fcntl(boot->errors, F_SETFL, O_NONBLOCK);
		return true;
	}
	boot_files_close(boot);
	job_boot_over(job, &ending);
	job->stopped = true;
	return false;
}

/* Adds the job to the running ones, or ends it. */
static void job_begin(struct schedule *s, struct job *job)
{
	if (job->verdict != VERDICT_NONE || !job_next(job))
		return job_end(s, job);
	job->started = job->recorded = now_ns();
	job->deadline = job->timeout_ns ? job->started + job->timeout_ns : 0;
	REPORTS(s->session, begin, job);
	if (!boot_start(job))
		return job_end(s, job);
	s->running = mem_grow(s->running, s->count, sizeof(*s->running));
	s->running[s->count++] = job;
	s->cpus += job_cpus(s, job);
	s->memory += job->machine.memory;
}

static void boot_stop(struct job *job, enum stop why)
{
	struct boot *boot = &job->boot;

	if (boot->stop == STOP_NOT)
		boot->stop = why;
	kill(-boot->pid, job->backend->stop_signal);
	boot->kill_at = now_ns() + KILL_NS;
}

static void time_check(struct job *job, uint64_t now)
{
	struct boot *boot = &job->boot;

	if (boot->kill_at && now >= boot->kill_at) {
		kill(-boot->pid, SIGKILL);
		boot->killed = true;
		boot->kill_at = now + KILL_NS;
	} else if (!boot->kill_at && job->deadline && now >= job->deadline) {
		boot_stop(job, STOP_TIMEOUT);
	}
}

/* Takes what a pipe has; closes it at its end. */
static void pipe_take(struct job *job, int *fd,
		      void (*take)(struct job *job, const char *bytes, size_t size))
{
	char chunk[65536];
	ssize_t got;

	while (*fd >= 0) {
		got = read(*fd, chunk, sizeof(chunk));
		if (got > 0) {
			take(job, chunk, got);
		} else if (got < 0 && errno == EINTR) {
			continue;
		} else if (got < 0 && errno == EAGAIN) {
			return;
		} else {
			close(*fd);
			*fd = -1;
		}
	}
}

void job_output_take(struct job *job)
{
	pipe_take(job, &job->boot.errors, job_errors);
	pipe_take(job, &job->boot.console, job_console);
	job_drain(job, false);
	REPORTS(job->session, flush, job);
}

static void boot_over(struct job *job, int status)
{
	struct boot *boot = &job->boot;
	struct ending ending;

	pipe_take(job, &boot->errors, job_errors);
	pipe_take(job, &boot->console, job_console);
	if (boot->errors >= 0)
		close(boot->errors);
	if (boot->console >= 0)
		close(boot->console);
	boot->errors = boot->console = -1;
	job_flush(job);
	job_drain(job, true);
	job->backend->finish(job, status, &ending);
	/* What a VMM says of being stopped from outside tells nobody anything. */
	if ((boot->stop == STOP_TIMEOUT || boot->stop == STOP_INTERRUPT) &&
	    ending.kind != ENDING_STOPPED)
		*ending.text = '\0';
	if (boot->stop == STOP_TIMEOUT)
		ending.kind = ENDING_TIMEOUT;
	else if (boot->stop == STOP_INTERRUPT)
		ending.kind = ENDING_INTERRUPTED;
	boot->pid = 0;
	job_boot_over(job, &ending);
}

static void job_remove(struct schedule *s, size_t index)
{
	struct job *job = s->running[index];

	s->cpus -= job_cpus(s, job);
	s->memory -= job->machine.memory;
	memmove(&s->running[index], &s->running[index + 1],
		(s->count - index - 1) * sizeof(*s->running));
	s->count--;
	job_end(s, job);
}

/* Judges the machine if it is gone; returns whether the job is over. */
static bool job_check(struct schedule *s, struct job *job)
{
	siginfo_t info = { 0 };
	int status = 0;

	if (job->backend->told && job->backend->told(job)) {
		s->leaving = mem_grow(s->leaving, s->leaving_count, sizeof(*s->leaving));
		s->leaving[s->leaving_count++] = job->boot.pid;
	} else if (waitid(P_PID, job->boot.pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 ||
		   !info.si_pid) {
		return false;
	} else {
		/* Whatever it started goes with it; the group exists until it is reaped. */
		kill(-job->boot.pid, SIGKILL);
		waitpid(job->boot.pid, &status, 0);
	}
	boot_over(job, status);
	REPORTS(job->session, flush, job);
	if (!job_next(job))
		return true;
	if (is_over(s)) {
		job->ending.kind = ENDING_INTERRUPTED;
		return true;
	}
	return !boot_start(job);
}

static void leaving_reap(struct schedule *s)
{
	for (size_t i = 0; i < s->leaving_count;)
		if (waitpid(s->leaving[i], NULL, WNOHANG))
			s->leaving[i] = s->leaving[--s->leaving_count];
		else
			i++;
}

static void machines_signal(const struct schedule *s, int number)
{
	for (size_t i = 0; i < s->count; i++)
		kill(-s->running[i]->boot.pid, number);
}

/* Asks all machines to end; the second time, they are killed. */
static void machines_stop(struct schedule *s)
{
	for (size_t i = 0; i < s->count; i++)
		if (is_over(s))
			kill(-s->running[i]->boot.pid, SIGKILL);
		else
			boot_stop(s->running[i], STOP_INTERRUPT);
}

static void time_shift(uint64_t *at, uint64_t by)
{
	if (*at)
		*at += by;
}

/* Time that is no machine's fault. */
static void times_shift(struct schedule *s, uint64_t passed)
{
	for (size_t i = 0; i < s->count; i++) {
		struct job *job = s->running[i];

		time_shift(&job->deadline, passed);
		time_shift(&job->boot.kill_at, passed);
	}
	s->paused += passed;
}

/* Stopped from the terminal: machines stand still with us, and so does their time. */
static void pause_here(struct schedule *s)
{
	uint64_t begin = now_ns(), passed;

	machines_signal(s, SIGSTOP);
	raise(SIGSTOP);
	passed = now_ns() - begin;
	times_shift(s, passed);
	for (size_t i = 0; i < s->count; i++)
		s->running[i]->started += passed;
	s->woken += passed;
	machines_signal(s, SIGCONT);
}

static void signals_take(struct schedule *s)
{
	struct signalfd_siginfo info;

	while (read(s->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			leaving_reap(s);
			break;
		case SIGTSTP:
			pause_here(s);
			break;
		default:
			machines_stop(s);
			s->outcome.signal = info.ssi_signo;
		}
	}
}

static uint64_t run_until(const struct schedule *s)
{
	return s->work->until && !is_over(s) ? s->work->until + s->paused : 0;
}

static void run_time_check(struct schedule *s)
{
	uint64_t until = run_until(s);

	/* Nobody reads it: as if the signal had come that others die of. */
	if (output_state() == OUTPUT_UNREAD && !is_over(s)) {
		machines_stop(s);
		s->outcome.signal = SIGPIPE;
		return;
	}
	if (!until || now_ns() < until)
		return;
	machines_stop(s);
	s->outcome.timeout = true;
}

/* What is seen when we look takes its time from that: a TEST's is right by an eighth. */
static uint64_t ledger_next(const struct job *job, uint64_t now)
{
	uint64_t wait = (now - job->recorded) / 8;

	return now + (wait < LEDGER_LEAST_NS ? LEDGER_LEAST_NS :
		      wait > LEDGER_MOST_NS ? LEDGER_MOST_NS : wait);
}

static int wait_ms(const struct schedule *s)
{
	uint64_t now = now_ns(), next = run_until(s) ? run_until(s) : UINT64_MAX;

	if (s->session->tick_ms && now + s->session->tick_ms * 1000000ull < next)
		next = now + s->session->tick_ms * 1000000ull;
	for (size_t i = 0; i < s->count; i++) {
		const struct job *job = s->running[i];
		uint64_t at = job->boot.kill_at ? job->boot.kill_at : job->deadline;

		if (at && at < next)
			next = at;
		if (job->boot.ledger && ledger_next(job, now) < next)
			next = ledger_next(job, now);
		if (job->boot.watch && now + WATCH_NS < next)
			next = now + WATCH_NS;
	}
	if (next == UINT64_MAX)
		return -1;
	return next <= now ? 0 : (next - now + 999999) / 1000000 > 60000 ? 60000 :
	       (next - now + 999999) / 1000000;
}

/*
 * Whoever reads our output may pause, and we may be stopped ourselves: machines
 * that wait for us meanwhile do not lose their time.
 */
static void stall_check(struct schedule *s, uint64_t since, uint64_t expected)
{
	uint64_t now = now_ns();

	if (since && now > since + expected + STALL_NS)
		times_shift(s, now - since - expected);
}

static void schedule_wait(struct schedule *s, struct pollfd *fds)
{
	uint64_t begin;
	size_t n = 0;
	int wait;

	fds[n++] = (struct pollfd){ s->signals, POLLIN, 0 };
	for (size_t i = 0; i < s->count; i++) {
		fds[n++] = (struct pollfd){ s->running[i]->boot.console, POLLIN, 0 };
		fds[n++] = (struct pollfd){ s->running[i]->boot.errors, POLLIN, 0 };
	}
	stall_check(s, s->woken, 0);
	begin = now_ns();
	wait = wait_ms(s);
	if (poll(fds, n, wait) < 0 && errno != EINTR)
		die_errno("poll");
	if (wait >= 0)
		stall_check(s, begin, wait * 1000000ull);
	s->woken = now_ns();
	if (s->session->tick_ms)
		REPORTS(s->session, tick);
}

static void signals_block(struct schedule *s, sigset_t *before)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGTSTP);
	/* Whoever ignores SIGHUP, as nohup does, wants it ignored. */
	if (signal(SIGHUP, SIG_DFL) == SIG_IGN) {
		signal(SIGHUP, SIG_IGN);
		sigdelset(&set, SIGHUP);
	}
	signal(SIGPIPE, SIG_IGN);
	sigprocmask(SIG_BLOCK, &set, before);
	s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (s->signals < 0)
		die_errno("signalfd");
}

static void schedule_step(struct schedule *s)
{
	struct pollfd *fds = mem_new((1 + 2 * s->count) * sizeof(*fds));

	schedule_wait(s, fds);
	free(fds);
	signals_take(s);
	run_time_check(s);
	for (size_t i = 0; i < s->count;) {
		struct job *job = s->running[i];

		job_output_take(job);
		if (job->boot.watch)
			watch_step(job);
		if (job_check(s, job)) {
			job_remove(s, i);
			continue;
		}
		time_check(job, now_ns());
		i++;
	}
}

/* Takes jobs ahead, to choose from. */
static void waiting_fill(struct schedule *s)
{
	size_t most = s->work->in_order ? 1 : WINDOW;

	while (s->waiting_count < most && may_begin(s)) {
		struct job *job = s->work->take(s->work->context);

		if (!job)
			return;
		s->waiting[s->waiting_count++] = (struct waiting){
			.job = job, .taken = now_ns(),
		};
	}
}

static bool fits_now(const struct schedule *s, const struct job *job)
{
	if (!s->count)
		return true;
	if (job->alone || s->running[0]->alone)
		return false;
	return s->cpus + job_cpus(s, job) <= s->work->cpus &&
	       (!s->work->memory || s->memory + job->machine.memory <= s->work->memory);
}

static struct job *waiting_renewed(const struct schedule *s, const struct waiting *waiting)
{
	if (!s->work->renew || now_ns() - waiting->taken < FRESH_NS)
		return waiting->job;
	return s->work->renew(s->work->context, waiting->job);
}

/* The first that fits beside what runs; one that was passed over often comes first. */
static struct job *waiting_take(struct schedule *s)
{
	for (size_t i = 0; i < s->waiting_count; i++) {
		struct job *job = s->waiting[i].job;

		if (fits_now(s, job)) {
			job = waiting_renewed(s, &s->waiting[i]);
			memmove(&s->waiting[i], &s->waiting[i + 1],
				(--s->waiting_count - i) * sizeof(*s->waiting));
			return job;
		}
		if (++s->waiting[i].passed > PASSED_MOST)
			return NULL;
	}
	return NULL;
}

static void jobs_begin(struct schedule *s)
{
	struct job *job;

	do {
		waiting_fill(s);
		job = may_begin(s) ? waiting_take(s) : NULL;
		if (job)
			job_begin(s, job);
	} while (job);
}

/* The end of one job may bring another: its next attempt. */
static bool is_more(struct schedule *s)
{
	waiting_fill(s);
	return s->waiting_count && may_begin(s);
}

/* Each machine takes a few. */
static void descriptors_raise(void)
{
	struct rlimit limit;

	if (!getrlimit(RLIMIT_NOFILE, &limit) && limit.rlim_cur < limit.rlim_max) {
		limit.rlim_cur = limit.rlim_max < DESCRIPTORS ? limit.rlim_max : DESCRIPTORS;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

struct outcome schedule(struct session *session, const struct work *work)
{
	struct schedule s = { .session = session, .work = work };
	sigset_t before;

	signals_block(&s, &before);
	descriptors_raise();
	do {
		signals_take(&s);
		run_time_check(&s);
		jobs_begin(&s);
		if (s.count)
			schedule_step(&s);
	} while (s.count || is_more(&s));
	while (s.waiting_count)
		job_free(s.waiting[--s.waiting_count].job);
	free(s.running);
	free(s.leaving);
	close(s.signals);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return s.outcome;
}
