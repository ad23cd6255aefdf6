/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions and interrupts as the handlers see them. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <asm/cpu.h>
#include <fault.h>
#include <unexpected.h>

/* As vectors.S pushes it; registers in the order of their encoding. */
struct frame {
	unsigned long gpr[GPR_COUNT];
	unsigned long vector;	/* low 8 bits count */
	unsigned long error;
	unsigned long ip, cs, flags;
	unsigned long sp, ss;	/* 32-bit: only if the CPL changed */
};

_Static_assert(sizeof(struct frame) == (GPR_COUNT + 7) * WORD_BYTES,
	       "vectors.S");

/**
 * exception_handle() - take over a vector below 32, for tests of delivery itself
 * @handler: returns true if it dealt with @frame, which it may change; NULL for
 *	the harness's own handling.  It has no scope: give it back.
 */
void exception_handle(unsigned int vector, bool (*handler)(struct frame *frame));

/**
 * irq_set() - handler of an interrupt vector from 32, without a scope
 * @fn: NULL for none: an interrupt is then an unexpected one
 *	EOI follows it unless no_eoi is set.  Returns what was there before.
 */
struct irq {
	void (*fn)(void *arg);
	void *arg;
	bool no_eoi;
};
struct irq irq_set(unsigned int vector, struct irq irq);

/**
 * gpr_name() - "ax", "r8", …: a register of struct frame, without its size
 */
const char *gpr_name(unsigned int gpr);

/**
 * vectors_dispatch() - called by vectors.S for every exception and interrupt
 */
void vectors_dispatch(struct frame *frame);

/* user.S: leave CPL 3 on behalf of the frame's CPU. */
extern char user_done[], kernel_trap[];
void user_return(void) __attribute__((noreturn));

#endif
