/* SPDX-License-Identifier: BSD-2-Clause */
/* A workload on memory whose results are known: the sieve of Eratosthenes. */
#ifndef PRIMES_H
#define PRIMES_H

#include <base.h>

/**
 * primes_below() - count them
 * @composite: @limit bytes to work in
 */
u32 primes_below(u8 *composite, u32 limit);

/**
 * primes_known() - what is to come out, 0 if @limit is not a power of ten from 1000 to
 * 100000000
 */
u32 primes_known(u32 limit);

#endif
