/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts as the handlers see them. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <asm/cpu.h>
#include <asm/frame.h>
#include <defs/vector.h>
#include <fault.h>
#include <unexpected.h>

/* The decrementer's largest value of 32 bits, half of which are the past's. */
#define DEC_FAR		0x7fffffff

/**
 * exception_handle() - take over a vector, for tests of delivery itself
 * @vector: VECTOR_…
 * @handler: returns true if it dealt with @frame, which it may change; NULL for
 *	the harness's own handling.  It has no scope: give it back, or use WITH_VECTOR.
 *
 * Without one, decrementers are set far ahead, and all else is unexpected.
 * Returns what was there before.
 */
typedef bool exception_handler(struct frame *frame);
exception_handler *exception_handle(unsigned int vector, exception_handler *handler);

/**
 * vectors_dispatch() - called by vectors.S for every interrupt
 */
void vectors_dispatch(struct frame *frame);

/**
 * frame_from_user() - did it come from problem state?
 */
bool frame_from_user(const struct frame *frame);

/* vectors.S: what is copied to address 0, and where it goes on. */
#define VECTORS_COMMON	0x20
extern char vectors_low[], vectors_low_end[];
void vectors_common(void);

/* jump.S: enter problem state, and leave it on behalf of a frame's CPU. */
extern char user_done[];
void user_enter(void (*fn)(void *arg), void *arg, unsigned long msr, uintptr_t stack);
void user_return(void *kernel_stack) __attribute__((noreturn));

#endif
