/* SPDX-License-Identifier: BSD-2-Clause */
/* The sieve of Eratosthenes. */
#include <primes.h>

u32 primes_below(u8 *composite, u32 limit)
{
	u32 primes = 0;

	memset(composite, 0, limit);
	for (u32 n = 2; n < limit; n++) {
		if (composite[n])
			continue;
		primes++;
		for (u64 m = (u64)n * n; m < limit; m += n)
			composite[m] = 1;
	}
	return primes;
}

u32 primes_known(u32 limit)
{
	/* OEIS A006880: primes below powers of ten. */
	static const struct {
		u32 limit, primes;
	} known[] = {
		{ 1000, 168 },
		{ 10000, 1229 },
		{ 100000, 9592 },
		{ 1000000, 78498 },
		{ 10000000, 664579 },
		{ 100000000, 5761455 },
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i].limit == limit)
			return known[i].primes;
	return 0;
}
