/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's supervisor software events (SBI 3.0, 17). */
#ifndef SSE_H
#define SSE_H

#include <sbi.h>

/* One event's handler; this is the argument of its entry. */
struct sse_event {
	void (*handler)(struct sse_event *event, unsigned long hart);
	u32 id;
	u32 count;		/* how often it was entered */
};

/**
 * sse_entry() - where events are to be delivered; calls the handler, and completes
 *
 * On the stack that the event interrupts, which has to be the supervisor's.
 */
void sse_entry(void);

/**
 * sse_read(), sse_write() - one attribute of an event
 * @value: set only on success
 *
 * Return errors of SBI_….
 */
long sse_read(u32 event, unsigned int attribute, unsigned long *value);
long sse_write(u32 event, unsigned int attribute, unsigned long value);

/**
 * sse_call() - a function with up to two arguments behind the event; returns its error
 */
long sse_call(unsigned int function, unsigned long event, unsigned long a,
	      unsigned long b);

/**
 * sse_begin() - register and enable an event of this hart's, or a global one
 * sse_end() - disable and unregister it
 *
 * Return the first error.
 */
long sse_begin(struct sse_event *event);
long sse_end(struct sse_event *event);

#endif
