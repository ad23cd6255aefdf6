/* SPDX-License-Identifier: BSD-2-Clause */
/* Two sets of runs, and where they differ. */
#ifndef HOST_RUNNER_COMPARE_H
#define HOST_RUNNER_COMPARE_H

#include <stdbool.h>
#include <stddef.h>

struct buf;
struct run_set;

struct comparison {
	size_t fresh, changed, lost, flaky, slower;	/* NEW, CHANGED, LOST, FLAKY, SLOWER */
	size_t fixed, same, faster, added, gone;	/* gone: was there, and is not */
	size_t untold;		/* metrics with too few values to tell */
};

#define COMPARE_P	0.01	/* less likely than this is a difference, */
#define COMPARE_LEAST	0.05	/* if the medians differ by this share */
#define COMPARE_TIME	0.25	/* the same for a case's time, which its neighbours change */
#define COMPARE_VALUES	5	/* so many and so many values can be told apart at all */

/**
 * compare() - where one set of runs differs from an earlier one
 * @before: the earlier one
 * @now: the later one
 * @partial: what @now leaves out is not gone, it was not asked for
 * @verbose: list also what fails as before
 * @out: a line for each difference is appended, the worst first
 */
struct comparison compare(const struct run_set *before, const struct run_set *now,
			  bool partial, bool verbose, struct buf *out);

/**
 * compare_totals() - append "2 NEW, 1 FIXED, 3 the same", or "no difference"
 * @comparison: what
 * @out: where to
 */
void compare_totals(const struct comparison *comparison, struct buf *out);

#endif
