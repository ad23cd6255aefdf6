/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Time as devices see it: nanoseconds that pass as the host's monotonic clock
 * does, and that go with the machine's state from one process to another.
 */
#ifndef HOST_VMM_CLOCK_H
#define HOST_VMM_CLOCK_H

#include <stdint.h>

#define NS_PER_S	1000000000ull

/**
 * host_ns() - the host's monotonic clock, for measuring
 */
uint64_t host_ns(void);

/**
 * clock_ns() - the machine's time now
 */
uint64_t clock_ns(void);

/**
 * clock_set() - let the machine's time go on from @ns
 *
 * While CPUs and timers stand still.
 */
void clock_set(uint64_t ns);

/**
 * clock_ticks() - what a counter of @hz shows at the machine's time @ns
 */
uint64_t clock_ticks(uint64_t ns, uint64_t hz);

/**
 * clock_tick_ns() - the first time at which a counter of @hz shows @ticks
 */
uint64_t clock_tick_ns(uint64_t ticks, uint64_t hz);

#endif
