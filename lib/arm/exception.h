/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions and interrupts as the handlers see them. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <asm/cpu.h>
#include <asm/frame.h>
#include <fault.h>
#include <unexpected.h>

/**
 * exception_handle() - take over a class of exceptions, for tests of delivery itself
 * @class: EC_… in AArch64 state, EXCEPTION_… of asm/fault.h in AArch32 state
 * @handler: returns true if it dealt with @frame, which it may change; NULL for
 *	the harness's own handling.  It has no scope: give it back.
 */
void exception_handle(unsigned int class, bool (*handler)(struct frame *frame));

/**
 * irq_set() - handler of an interrupt, by its INTID, without a scope
 * @fn: NULL for none: an interrupt is then an unexpected one
 *	EOI follows it unless no_eoi is set.  Returns what was there before.
 */
struct irq {
	void (*fn)(void *arg);
	void *arg;
	bool no_eoi;
};
struct irq irq_set(unsigned int intid, struct irq irq);

/**
 * vectors_dispatch() - called by vectors.S for every exception and interrupt
 */
void vectors_dispatch(struct frame *frame);

/*
 * Each word size's own part.
 *
 * frame_class() - what exception_handle() counts by, or EXCEPTION_IRQ
 * frame_insn() - the address of the instruction; its return address may be behind
 * frame_from_user() - did it come from user mode?
 */
#define EXCEPTION_CLASSES_MAX	0x40
#define EXCEPTION_IRQ		0x40	/* an interrupt, no exception */
unsigned int frame_class(const struct frame *frame);
uintptr_t frame_insn(const struct frame *frame);
bool frame_from_user(const struct frame *frame);

/**
 * frame_caller() - one step of a stack trace
 * @fp: the frame pointer, moved to the caller's
 *
 * Returns the return address, 0 at the end.
 */
uintptr_t frame_caller(const struct frame *frame, uintptr_t *fp);

/**
 * fault_status_text() - an abort's status code in words
 * @to: FAULT_STATUS_TEXT bytes
 *
 * Returns @to.
 */
#define FAULT_STATUS_TEXT	32
const char *fault_status_text(u32 code, char *to);

/* jump.S: enter user mode, and leave it on behalf of a frame's CPU. */
extern char user_done[];
void user_enter(void (*fn)(void *arg), void *arg, unsigned long flags,
		uintptr_t stack);
void user_return(void *kernel_stack) __attribute__((noreturn));

#endif
