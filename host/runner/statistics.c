/* SPDX-License-Identifier: BSD-2-Clause */
/* Medians, and the rank-sum test of Mann and Whitney. */
#include "runner/statistics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

#define EXACT_MOST	20	/* values of a set, for the exact distribution */

void sample_add(struct sample *sample, double value)
{
	sample->values = mem_grow(sample->values, sample->count, sizeof(*sample->values));
	sample->values[sample->count++] = value;
}

void sample_free(struct sample *sample)
{
	free(sample->values);
	*sample = (struct sample){ 0 };
}

static int order(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double sample_median(struct sample *sample)
{
	size_t n = sample->count;

	qsort(sample->values, n, sizeof(*sample->values), order);
	return n % 2 ? sample->values[n / 2] :
		       (sample->values[n / 2 - 1] + sample->values[n / 2]) / 2;
}

/*
 * In how many orders of a values of one set and b of another is U at most @most?
 * ways[a][u] counts them for the b so far: the largest value is of the one set, and
 * above all b of the other; or it is of the other.
 */
static double orders_at_most(size_t a, size_t b, size_t most)
{
	static double ways[EXACT_MOST + 1][EXACT_MOST * EXACT_MOST + 1];
	double sum = 0;

	memset(ways, 0, sizeof(ways));
	for (size_t i = 0; i <= a; i++)
		ways[i][0] = 1;
	for (size_t j = 1; j <= b; j++)
		for (size_t i = 1; i <= a; i++)
			for (size_t u = i * j + 1; u-- > j;)
				ways[i][u] += ways[i - 1][u - j];
	for (size_t u = 0; u <= most; u++)
		sum += ways[a][u];
	return sum;
}

static double orders(size_t a, size_t b)
{
	double all = 1;

	for (size_t i = 1; i <= a; i++)
		all = all * (b + i) / i;
	return all;
}

static double exact(size_t a, size_t b, double u)
{
	double least = u < a * b - u ? u : a * b - u;
	double p = 2 * orders_at_most(a, b, least) / orders(a, b);

	return p < 1 ? p : 1;
}

struct ranked {
	double value;
	bool of_a;
};

static int ranked_order(const void *a, const void *b)
{
	return order(&((const struct ranked *)a)->value, &((const struct ranked *)b)->value);
}

/* The sum of a's ranks, equal values sharing theirs; sets @ties to the sum of t^3 - t. */
static double rank_sum(struct ranked *all, size_t n, double *ties)
{
	double sum = 0;
	size_t end;

	*ties = 0;
	for (size_t begin = 0; begin < n; begin = end) {
		for (end = begin; end < n && all[end].value == all[begin].value; end++)
			continue;
		for (size_t i = begin; i < end; i++)
			sum += all[i].of_a ? (begin + 1 + end) / 2.0 : 0;
		*ties += pow(end - begin, 3) - (end - begin);
	}
	return sum;
}

double mann_whitney(const struct sample *a, const struct sample *b)
{
	size_t n = a->count + b->count;
	struct ranked *all;
	double ties, u, variance, distance;

	if (!a->count || !b->count)
		return 1;
	all = mem_new(n * sizeof(*all));
	for (size_t i = 0; i < a->count; i++)
		all[i] = (struct ranked){ a->values[i], true };
	for (size_t i = 0; i < b->count; i++)
		all[a->count + i] = (struct ranked){ b->values[i], false };
	qsort(all, n, sizeof(*all), ranked_order);
	u = rank_sum(all, n, &ties) - a->count * (a->count + 1) / 2.0;
	free(all);
	if (!ties && a->count <= EXACT_MOST && b->count <= EXACT_MOST)
		return exact(a->count, b->count, u);
	variance = (double)a->count * b->count / 12 * (n + 1 - ties / ((double)n * (n - 1)));
	if (variance <= 0)
		return 1;
	distance = fabs(u - (double)a->count * b->count / 2) - 0.5;
	return distance > 0 ? erfc(distance / sqrt(variance) / M_SQRT2) : 1;
}

double mann_whitney_least(size_t a, size_t b)
{
	double p = a && b ? 2 / orders(a, b) : 1;

	return p < 1 ? p : 1;
}
