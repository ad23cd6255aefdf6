/* SPDX-License-Identifier: BSD-2-Clause */
/* Time by the CPU's own clock: TSC, generic timer, timebase, TOD clock, … */
#ifndef CLOCK_H
#define CLOCK_H

#include <asm/clock.h>
#include <base.h>

/*
 * <asm/clock.h> has clock_ticks(), which reads the clock, and START_TICKS, longer
 * than any machine takes to start its CPUs; about 20 s.
 */

/**
 * clock_khz() - the clock's frequency; each architecture's own
 */
u32 clock_khz(void);

/**
 * clock_us_to_ticks() - rounded up, so that waits are never too short
 */
u64 clock_us_to_ticks(u32 us);

/**
 * delay_us() - spin for at least so many microseconds
 */
void delay_us(u32 us);

#endif
