/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The history of all runs of this user, in SQLite:
 * $XDG_STATE_HOME/flatbed/history.db.  A run goes in when it is over, in one
 * transaction, from its results file; several runners may do so at once.
 * Without SQLite there is none, and every function says so or finds nothing.
 */
#ifndef HOST_RUNNER_HISTORY_H
#define HOST_RUNNER_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One case, or one TEST of it, in one run. */
struct history_row {
	const char *run;	/* its folder's name */
	uint64_t started_us;
	const char *kernel;
	const char *build;	/* or NULL */
	const char *kind;	/* or NULL */
	const char *verdict;
	const char *text;
	uint64_t duration_ns;
	uint64_t fingerprint;	/* of the failure; 0 for what is green */
};

/* Whether a case of a name ran, and how long. */
struct history_last {
	char *verdict;		/* of the last run in which it was not SKIP */
	char *run;
	uint64_t duration_ns;
};

/**
 * history_missing() - why there is no history, or NULL
 */
const char *history_missing(void);

/**
 * history_file() - where it is; for the caller to free
 */
char *history_file(void);

/**
 * history_add() - take a run in
 * @folder: the run's, which has the file "results"
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 *
 * A run that is there already is taken in anew.
 */
bool history_add(const char *folder, char *why, size_t size);

/**
 * history_forget() - drop runs that are older
 * @days: than so many days
 * @count: set to how many were dropped
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
bool history_forget(unsigned int days, unsigned int *count, char *why, size_t size);

/**
 * history_rows() - tell of a case's, or a TEST's, results, the latest first
 * @name: of the case
 * @test: of the TEST, with its SUBTEST behind ": "; NULL: the case itself
 * @kind: of host and VMM, or NULL: of all
 * @most: no more than so many
 * @take: told each
 * @context: passed to @take
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
bool history_rows(const char *name, const char *test, const char *kind, unsigned int most,
		  void (*take)(void *context, const struct history_row *row), void *context,
		  char *why, size_t size);

/**
 * history_runs() - tell of all runs, the latest first; `verdict` is "", `text` counts
 */
bool history_runs(unsigned int most,
		  void (*take)(void *context, const struct history_row *row), void *context,
		  char *why, size_t size);

/**
 * history_names() - tell the names of all cases in the history
 */
bool history_names(void (*take)(void *context, const char *name), void *context);

/**
 * history_ran() - the last run in which a case, or a TEST of it, was not SKIP
 * @name: of the case
 * @test: as for history_rows()
 * @arch: of its image
 * @kind: of host and VMM
 * @last: filled in; its texts are the caller's
 *
 * Returns false if there is none.
 */
bool history_ran(const char *name, const char *test, const char *arch, const char *kind,
		 struct history_last *last);

/**
 * history_durations() - tell how long each case took when it last passed
 * @arch: of its image
 * @take: told each
 * @context: passed to @take
 *
 * Quiet where there is no history.
 */
void history_durations(const char *arch,
		       void (*take)(void *context, const char *name, const char *kind,
				    uint64_t duration_ns), void *context);

/**
 * history_folder() - the folder of a run by its name
 * @name: "20260131-235959-4711"
 *
 * Returns it, for the caller to free; NULL if it is not known.
 */
char *history_folder(const char *name);

/**
 * history_folders() - the folders of all runs of one tree
 * @build: git hash, or its beginning
 * @count: set to how many
 * @why: if there is none, a one-line reason
 * @size: bytes at @why
 *
 * Returns them, for the caller to free, one by one.
 */
char **history_folders(const char *build, size_t *count, char *why, size_t size);

#endif
