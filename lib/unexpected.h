/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults and interrupts that neither a TRY nor a test asked for: each is a failed
 * check, with registers and a stack trace, and ends the TEST.
 */
#ifndef UNEXPECTED_H
#define UNEXPECTED_H

#include <fault.h>

struct frame;		/* the interrupted state: the architecture's */

/**
 * unexpected_fault() - report @frame's fault
 *
 * A fault in here is told in one line, and is the end of the machine.
 */
void unexpected_fault(struct frame *frame);

/**
 * unexpected_irq() - report an interrupt
 * @fmt: which: "INTID 27"
 */
void unexpected_irq(struct frame *frame, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/**
 * unexpected_leave() - then leave the TEST, or panic if there is none
 * @what: "fault", "interrupt"
 */
void unexpected_leave(const char *what) __attribute__((noreturn));

/* What each architecture knows of its frames. */

#define FRAME_WHERE	80	/* bytes that frame_where() needs at most */
#define FRAME_TRACE	20	/* addresses of a stack trace, at most */

/**
 * frame_fault() - the fault as a value
 */
struct fault frame_fault(const struct frame *frame);

/**
 * frame_where() - "ip 0x101234, CPL 3": the address, and what tells its privilege
 * @to: FRAME_WHERE bytes
 *
 * Returns @to.
 */
const char *frame_where(const struct frame *frame, char *to);

/**
 * frame_print() - registers, a few in a line, each line with one tab in front
 */
void frame_print(const struct frame *frame);

/**
 * frame_trace() - where it was, and its callers, as the linker counted addresses
 * @to: FRAME_TRACE of them
 *
 * Returns how many there are.
 */
unsigned int frame_trace(struct frame *frame, uintptr_t *to);

#endif
