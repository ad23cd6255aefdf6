/* SPDX-License-Identifier: BSD-2-Clause */
/* Covering arrays from polynomials over a prime field. */
#include <covering.h>

/* The smallest prime that has @count points and @levels values. */
static unsigned int prime_for(unsigned int count, unsigned int levels)
{
	static const u8 primes[] = {
		2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(primes); i++)
		if (primes[i] >= count && primes[i] >= levels)
			return primes[i];
	panic("%u factors of up to %u values", count, levels);
}

void covering_begin(struct covering *c, const u8 *levels, unsigned int count,
		    u32 seed)
{
	unsigned int most = 2, points = 0, point = 0;

	for (unsigned int i = 0; i < count; i++) {
		points += levels[i] > 1;
		if (levels[i] > most)
			most = levels[i];
	}
	memset(c, 0, sizeof(*c));
	c->levels = levels;
	c->count = count;
	c->prime = prime_for(points, most);
	for (unsigned int i = 0; i < count; i++) {
		unsigned int power = 1;

		if (levels[i] < 2)
			continue;
		for (unsigned int d = 0; d < COVERING_STRENGTH; d++) {
			c->power[d][i] = power;
			power = power * point % c->prime;
		}
		point++;
		/* Turning one factor's values round keeps the promise. */
		seed = seed * 1664525 + 1013904223;
		c->value[i] = (seed >> 16) % c->prime;
	}
}

void covering_next(struct covering *c, u8 *values)
{
	const unsigned int prime = c->prime;

	for (unsigned int i = 0; i < c->count; i++)
		values[i] = c->value[i] % c->levels[i];
	c->rows++;
	/* A digit that wraps has gone one further too: p is 0. */
	for (unsigned int d = 0; d < COVERING_STRENGTH; d++) {
		for (unsigned int i = 0; i < c->count; i++) {
			unsigned int value = c->value[i] + c->power[d][i];

			c->value[i] = value < prime ? value : value - prime;
		}
		if (++c->digit[d] < prime)
			return;
		c->digit[d] = 0;
	}
}

u32 covering_rows(const struct covering *c, unsigned int strength)
{
	u32 rows = 1;

	while (strength--)
		rows *= c->prime;
	return rows;
}

unsigned int covering_strength(const struct covering *c)
{
	unsigned int strength = 0;

	while (strength < COVERING_STRENGTH &&
	       c->rows >= covering_rows(c, strength + 1))
		strength++;
	return strength;
}
