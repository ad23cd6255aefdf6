/* SPDX-License-Identifier: BSD-2-Clause */
/* What measured values say, and whether two sets of them differ. */
#ifndef HOST_RUNNER_STATISTICS_H
#define HOST_RUNNER_STATISTICS_H

#include <stddef.h>

/* Values of one quantity; all zero is none. */
struct sample {
	double *values;
	size_t count;
};

/**
 * sample_add() - append a value
 * @sample: where
 * @value: what
 */
void sample_add(struct sample *sample, double value);

/**
 * sample_free() - give the memory back
 * @sample: which
 */
void sample_free(struct sample *sample);

/**
 * sample_median() - the median
 * @sample: at least one value; gets sorted
 */
double sample_median(struct sample *sample);

/**
 * mann_whitney() - how likely are values that differ so, if nothing has changed?
 * @a: values, in any order
 * @b: values, in any order
 *
 * Returns the two-sided probability of the rank-sum test: exact where no two values
 * are equal and both sets have at most 20, else by the normal distribution,
 * corrected for ties and for continuity.  1 if a set is empty.
 */
double mann_whitney(const struct sample *a, const struct sample *b);

/**
 * mann_whitney_least() - the least that mann_whitney() can return for so many values
 * @a: how many values
 * @b: how many values
 */
double mann_whitney_least(size_t a, size_t b);

#endif
