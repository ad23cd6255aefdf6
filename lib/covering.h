/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Rows of values for many factors, so that few rows try much: the first p^t rows
 * try every combination that any t of the factors can have.
 *
 * By construction: row n's digits to the base p, a prime, are a polynomial's
 * coefficients, and a factor's value is what the polynomial has at that factor's
 * own point, modulo p.  Polynomials of degree below t take every t values at every
 * t points, once.
 */
#ifndef COVERING_H
#define COVERING_H

#include <base.h>

#define COVERING_FACTORS	61
#define COVERING_STRENGTH	5

struct covering {
	const u8 *levels;
	unsigned int count, prime;
	u32 rows;			/* given so far */
	u8 digit[COVERING_STRENGTH];
	u8 power[COVERING_STRENGTH][COVERING_FACTORS];
	u8 value[COVERING_FACTORS];
};

/**
 * covering_begin() - @count factors; factor n has @levels[n] values from 0, not none
 * @seed: another one gives other rows, with the same promise
 *
 * At most COVERING_FACTORS factors of as many values; @levels must stay.  A factor
 * of one value costs no rows.
 */
void covering_begin(struct covering *covering, const u8 *levels,
		    unsigned int count, u32 seed);

/**
 * covering_next() - the next row's values
 *
 * After p^COVERING_STRENGTH rows they begin anew.
 */
void covering_next(struct covering *covering, u8 *values);

/**
 * covering_rows() - after how many rows any @strength factors have had everything
 * covering_strength() - how many factors that is true for by now
 */
u32 covering_rows(const struct covering *covering, unsigned int strength);
unsigned int covering_strength(const struct covering *covering);

#endif
