/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports: each sees every line and every verdict of a run. */
#ifndef HOST_RUNNER_REPORT_H
#define HOST_RUNNER_REPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "runner/job.h"

struct buf;
struct job;
struct line;
struct session;

struct report {
	/* A job's first machine is about to start. */
	void (*begin)(struct report *report, struct job *job);
	void (*line)(struct report *report, struct job *job, const struct line *line);
	/* Output taken so far may be written out. */
	void (*flush)(struct report *report, struct job *job);
	/* The verdict stands; job->boots is 0 if no machine ran. */
	void (*end)(struct report *report, struct job *job);
	/* A case of this run that ended before the run was resumed. */
	void (*replay)(struct report *report, const struct results *results, bool red);
	/* Some time has passed: at most session->tick_ms. */
	void (*tick)(struct report *report);
	/* The run is over. */
	void (*finish)(struct report *report);
	struct report *next;
};

#define REPORTS(session, member, ...)						\
	do {									\
		for (struct report *r_ = (session)->reports; r_; r_ = r_->next)	\
			if (r_->member)						\
				r_->member(r_, ##__VA_ARGS__);			\
	} while (0)

/* What the reports of a suite are told to do. */
struct report_options {
	bool verbose;
	bool color;
	size_t cases;		/* how many will be reported, for the progress */
};

/**
 * report_results() - collect job->results; first in the list of reports
 */
struct report *report_results(void);

/**
 * report_results_free() - give job->results back
 * @job: is being freed
 */
void report_results_free(struct job *job);

/**
 * verdict_name() - a verdict's full name: PASS, XFAIL, TIMEOUT, …
 * @verdict: which
 */
const char *verdict_name(enum verdict verdict);

/**
 * verdict_named() - the verdict of a name
 * @name: as verdict_name() gives it; another one is VERDICT_ERROR
 */
enum verdict verdict_named(const char *name);

/**
 * report_terminal() - the lines "PASS NAME (…)" on standard output
 * @options: how
 */
struct report *report_terminal(const struct report_options *options);

/**
 * report_tap() - TAP version 13 on standard output
 */
struct report *report_tap(void);

/**
 * report_live() - one image's output as it comes, on standard output
 * @color: whether result words are coloured
 */
struct report *report_live(bool color);

/**
 * report_progress() - on standard error: what runs, and at the end what failed
 * @session: whose
 * @options: how
 *
 * On a terminal the running cases are shown while they run; elsewhere a line comes
 * when nothing else has for a minute.
 */
struct report *report_progress(struct session *session, const struct report_options *options);

/**
 * report_log() - a log per case in a folder of its own per run
 * @session: whose
 * @directory: "logs"
 *
 * Dies if the folder cannot be made.
 */
struct report *report_log(struct session *session, const char *directory);

/**
 * name_encode() - append a case's name as that of a file
 * @out: where
 * @name: what is a slash, blank or control character in it, or a dot at its begin,
 * becomes %XX
 */
void name_encode(struct buf *out, const char *name);

/**
 * verdict_word() - PASS, SKIP or FAIL
 * @job: judged
 */
const char *verdict_word(const struct job *job);

/**
 * write_all() - write to a descriptor, whatever it takes
 * @fd: where
 * @bytes: what
 * @size: how many
 *
 * Returns false, errno set, if not all could be written.
 */
bool write_all(int fd, const void *bytes, size_t size);

/**
 * output_write() - write to standard output; that it cannot be is said once
 * @bytes: what
 * @size: how many
 */
void output_write(const void *bytes, size_t size);

/* What became of standard output. */
enum output_state {
	OUTPUT_GOOD,
	OUTPUT_LOST,		/* something could not be written */
	OUTPUT_UNREAD,		/* whoever read it has gone */
};

/**
 * output_state() - what has become of standard output so far
 */
enum output_state output_state(void);

#endif
