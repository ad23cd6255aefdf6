/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's time. */
#include <time.h>

#include "vmm/clock.h"

static uint64_t offset;		/* what the machine's time is ahead; wraps */

uint64_t host_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

uint64_t clock_ns(void)
{
	return host_ns() + offset;
}

void clock_set(uint64_t ns)
{
	offset = ns - host_ns();
}

uint64_t clock_ticks(uint64_t ns, uint64_t hz)
{
	return (unsigned __int128)ns * hz / NS_PER_S;
}

uint64_t clock_tick_ns(uint64_t ticks, uint64_t hz)
{
	return ((unsigned __int128)ticks * NS_PER_S + hz - 1) / hz;
}
