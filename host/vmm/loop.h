/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What devices do without a CPU asking: timers, and descriptors that become
 * readable.  One thread serves them all; it exists once the first is used.
 */
#ifndef HOST_VMM_LOOP_H
#define HOST_VMM_LOOP_H

#include <stdbool.h>
#include <stdint.h>

struct device;

#define TIMER_STOPPED	0

/* In static memory; all but the first two members are the loop's. */
struct timer {
	struct device *device;	/* whose lock is held while @fn runs */
	void (*fn)(void);
	uint64_t deadline;	/* machine's time, or TIMER_STOPPED */
	bool due;		/* off the list, its function about to run */
	struct timer *next;
};

/**
 * timer_set() - call @timer->fn once, when the machine's time is @deadline
 * @timer: one that is set already is set anew
 * @deadline: by clock_ns(); one that is past means at once; or TIMER_STOPPED
 *
 * With the device's lock held.  The deadline belongs to the device's state, and
 * its restore() sets the timer again.
 */
void timer_set(struct timer *timer, uint64_t deadline);

/**
 * loop_watch() - call @fn whenever @fd is readable, as long as the machine lives
 * @fd: an eventfd or the like; @fn reads it
 * @fn: called with @arg, without any lock
 */
void loop_watch(int fd, void (*fn)(void *arg), void *arg);

/**
 * loop_unwatch() - forget what loop_watch() was told about @fd
 *
 * @fn may be running for a last time.
 */
void loop_unwatch(int fd);

/**
 * loop_stop() - wait until no timer's nor descriptor's function runs, and let
 * none begin
 *
 * Not from such a function.  Counts: as many loop_go() follow, by the same thread.
 */
void loop_stop(void);

/**
 * loop_go() - let them run again
 */
void loop_go(void);

#endif
