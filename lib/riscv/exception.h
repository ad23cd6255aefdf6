/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions and interrupts as the handlers see them. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <asm/cpu.h>
#include <asm/frame.h>
#include <fault.h>
#include <unexpected.h>

/**
 * exception_handle() - take over a kind of exception, for tests of delivery itself
 * @cause: EXCEPTION_…
 * @handler: returns true if it dealt with @frame, which it may change; NULL for
 *	the harness's own handling.  It has no scope: give it back.
 */
void exception_handle(unsigned int cause, bool (*handler)(struct frame *frame));

/**
 * irq_set() - handler of an interrupt, without a scope
 * @code: IRQ_…
 * @irq: fn is NULL for none: an interrupt is then an unexpected one
 *
 * It has to take away what the interrupt is for.  Returns what was there before.
 */
struct irq {
	void (*fn)(void *arg);
	void *arg;
};
struct irq irq_set(unsigned int code, struct irq irq);

/**
 * vectors_dispatch() - called by vectors.S for every exception and interrupt
 */
void vectors_dispatch(struct frame *frame);

/**
 * frame_is_irq(), frame_from_user() - an interrupt, no exception; from user mode?
 * frame_insn() - the address of the instruction, in the supervisor's mapping
 */
bool frame_is_irq(const struct frame *frame);
bool frame_from_user(const struct frame *frame);
uintptr_t frame_insn(const struct frame *frame);

/**
 * frame_skip() - go on behind the instruction that raised the exception
 */
void frame_skip(struct frame *frame);

/* jump.S: enter user mode, and leave it on behalf of a frame's hart. */
extern char user_done[];
void user_enter(void (*fn)(void *arg), void *arg, uintptr_t stack);
void user_return(void *kernel_stack) __attribute__((noreturn));

#endif
