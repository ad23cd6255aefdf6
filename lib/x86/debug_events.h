/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug exceptions as a list, for tests of them. */
#ifndef DEBUG_EVENTS_H
#define DEBUG_EVENTS_H

#include <defs/debug.h>
#include <test.h>

struct debug_event {
	unsigned long ip;	/* as pushed */
	unsigned long flags;	/* as pushed */
	unsigned long dr6;
};

struct debug_scope {
	struct scope scope;
};

#define DEBUG_EVENTS_MAX	32

/**
 * WITH_DEBUG_EVENTS() - #DB and #BP are recorded, and go on; on leaving, DR7 is as
 * at reset
 *
 * DR6 is put back to its fixed bits and the bits of debug_events.keep after each.
 * Where an instruction breakpoint is the reason, the handler sets RF.
 */
#define WITH_DEBUG_EVENTS()	SCOPE(debug_scope, debug_events_enter)
void debug_events_enter(struct debug_scope *scope);

extern struct debug_events {
	unsigned int count;		/* of #DB, beyond the array too */
	unsigned int breakpoints;	/* of #BP */
	unsigned long breakpoint_ip;
	unsigned long keep;		/* DR6 bits that software has set */
	bool retry;			/* set RF: the reason is a fault's */
	struct debug_event events[DEBUG_EVENTS_MAX];
} debug_events;

/* The registers that a breakpoint needs: address in DR0 … DR3, then DR7. */
void write_dr(unsigned int n, unsigned long value);

#endif
