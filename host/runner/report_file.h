/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reports that are files: each is a writer, which sees a run and its finished
 * cases one after the other, live or read back from an earlier run's folder.
 */
#ifndef HOST_RUNNER_REPORT_FILE_H
#define HOST_RUNNER_REPORT_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "runner/results_file.h"

struct report;
struct session;

/* X(name): one counter per verdict. */
#define VERDICTS(X)							\
	X(PASS) X(XFAIL) X(SKIP) X(FAIL) X(XPASS) X(FLAKY) X(TIMEOUT) X(ERROR) X(INTERRUPTED)

struct totals {
#define VERDICT_COUNT(name) size_t name;
	VERDICTS(VERDICT_COUNT)
#undef VERDICT_COUNT
	size_t cases, red;
	uint64_t wall_ns;	/* from the run's start to its end */
};

/**
 * totals_add() - count one verdict
 * @totals: where
 * @verdict: its name
 */
void totals_add(struct totals *totals, const char *verdict);

/**
 * totals_print() - append "12 cases: 9 PASS, 1 FAIL, 2 SKIP"; no count of 0
 * @totals: which
 * @out: where to
 */
void totals_print(const struct totals *totals, struct buf *out);

/* A report while it is written. */
struct writing {
	const struct writer *writer;
	FILE *stream;
	const struct run_info *run;
	size_t expected;	/* cases that are to come; 0: not known */
	struct totals totals;	/* of the cases so far, this one included */
	void *state;		/* the writer's own */
};

struct writer {
	const char *name;	/* "junit", as in --report=junit */
	const char *file;	/* where it goes if no name is given, in the run's folder */
	const char *help;
	const char *lacks;	/* the library that this build has not got for it, or NULL */
	bool whole;		/* no reader wants half of it: put in place at the end */
	/* Begin; false with a reason if it cannot. */
	bool (*begin)(struct writing *writing, char *why, size_t size);
	void (*add)(struct writing *writing, const struct results *results);
	void (*end)(struct writing *writing);
};

extern const struct writer writer_tap, writer_ktap, writer_json, writer_junit, writer_html,
	writer_github, *const writers[];	/* ended by NULL */

/**
 * writing_wish() - take the value of an option --report
 * @what: as for writing_start(), or "help", which lists the kinds
 * @wishes: array that it is appended to
 * @count: elements there
 *
 * Returns OPTIONS_GO_ON, or the status to leave with; it has said why.
 */
int writing_wish(const char *what, const char ***wishes, size_t *count);

/**
 * writing_start() - open a report
 * @what: "KIND" or "KIND=FILE"; FILE "-" is standard output
 * @run: stays
 * @directory: where files without a name go, or NULL for here
 * @expected: cases to come, 0 if not known
 *
 * Returns NULL after a message if that cannot be.
 */
struct writing *writing_start(const char *what, const struct run_info *run,
			      const char *directory, size_t expected);

/**
 * writing_add() - write one case
 * @writing: which report
 * @results: the case
 */
void writing_add(struct writing *writing, const struct results *results);

/**
 * writing_end() - complete a report and free it
 * @writing: which
 * @wall_ns: how long the run took
 *
 * Returns false after a message if any of it could not be written.
 */
bool writing_end(struct writing *writing, uint64_t wall_ns);

/**
 * report_file() - a writer as a report of a suite
 * @session: whose; its run directory is there
 * @what: as for writing_start()
 * @run: stays
 * @expected: cases to come
 *
 * Returns NULL after a message if that cannot be.
 */
struct report *report_file(struct session *session, const char *what,
			   const struct run_info *run, size_t expected);

/**
 * report_journal() - the run's own file "results"
 * @session: whose; its run directory is there
 * @run: stays
 */
struct report *report_journal(struct session *session, const struct run_info *run);

/**
 * time_utc() - append a time as ISO 8601: "2026-01-31T23:59:59"
 * @out: where to
 * @us: microseconds since 1970
 */
void time_utc(struct buf *out, uint64_t us);

/**
 * results_place() - append what a result is of: "TEST", "TEST: SUBTEST"
 * @results: the case
 * @item: the result
 * @out: where to
 */
void results_place(const struct results *results, const struct result_item *item,
		   struct buf *out);

/**
 * results_whole() - does the case's verdict say something that no result says?
 * @results: which
 *
 * True for a machine that never ran, and for whatever ended the case early.
 */
bool results_whole(const struct results *results);

/**
 * check_print() - append a failed check, as the image prints it
 * @check: which
 * @indent: put in front of each line
 * @out: where to
 */
void check_print(const struct check_item *check, const char *indent, struct buf *out);

#endif
