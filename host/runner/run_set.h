/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One or several earlier runs, taken together: what a run is compared with.  A run is
 * named by its folder, its results file, its folder's name below logs/runs or in
 * the history, "latest", or "build:HASH" for all runs of a tree in the history.
 */
#ifndef HOST_RUNNER_RUN_SET_H
#define HOST_RUNNER_RUN_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "runner/results_file.h"
#include "runner/statistics.h"

struct run_set {
	struct run_info *runs;
	size_t run_count;
	struct results **cases;		/* of all runs, in their order */
	size_t count;
	size_t *table;			/* hash table: index + 1 of a name's last case */
	size_t *before;			/* per case: index + 1 of the one before, 0: none */
	size_t table_size;		/* a power of two */
};

/**
 * run_set_load() - add the runs that a user's words name
 * @set: where; all zero is empty
 * @words: separated by commas
 * @why: on failure, a one-line reason
 * @size: bytes at @why
 */
bool run_set_load(struct run_set *set, const char *words, char *why, size_t size);

/**
 * run_set_add() - add one case
 * @set: owns it then
 * @results: the case
 */
void run_set_add(struct run_set *set, struct results *results);

/**
 * run_set_find() - the last result of the same case
 * @set: where
 * @like: a result of it: by name and architecture; if there are several, of the same
 * kind of host rather than of another, and with the same label rather than another
 *
 * Returns NULL if there is none.  Another kind of host is better than none, so that
 * hosts can be compared.
 */
const struct results *run_set_find(const struct run_set *set, const struct results *like);

/**
 * run_set_next() - the result before it of the same case in the same circumstances
 * @set: where
 * @results: found before
 *
 * Returns NULL if there is none.
 */
const struct results *run_set_next(const struct run_set *set, const struct results *results);

/**
 * run_set_free() - give the memory back
 * @set: which
 */
void run_set_free(struct run_set *set);

/**
 * run_path() - the folder of a run
 * @word: as a user names it
 *
 * Returns the path, for the caller to free; it may not exist.
 */
char *run_path(const char *word);

#endif
