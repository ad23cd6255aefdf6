/* SPDX-License-Identifier: BSD-2-Clause */
/* Interruptions as the handlers see them. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <asm/cpu.h>
#include <fault.h>
#include <unexpected.h>

/* The interrupted state, as vectors.S stores it; what is changed is loaded again. */
struct frame {
	u64 gpr[16];
	struct psw psw;
	u64 kind;			/* KIND_… of asm/start.h */
	struct interruption interruption;
};
_Static_assert(sizeof(struct frame) == FRAME_SIZE, "vectors.S");
_Static_assert(STACK_AREA + offsetof(struct frame, psw) == FRAME_PSW, "vectors.S");

/**
 * pgm_handle() - take over a program interruption, for tests of delivery itself
 * @code: PGM_…; 0 for supervisor calls
 * @handler: returns true if it dealt with @frame, which it may change; NULL for
 *	the harness's own handling.  It has no scope: give it back.
 */
void pgm_handle(unsigned int code, bool (*handler)(struct frame *frame));

/**
 * irq_set() - handler of external (by their code, EXT_…), I/O, machine-check or
 *	restart interruptions
 * @fn: called with @arg; NULL for none: an interruption is then an unexpected one.
 *	What it is about, irq_frame() has.  Returns what was there before.
 */
#define IRQ_IO		0x10000
#define IRQ_MCK		0x10001
#define IRQ_RESTART	0x10002
struct irq {
	void (*fn)(void *arg);
	void *arg;
};
struct irq irq_set(u32 number, struct irq irq);

/**
 * irq_frame() - the interruption that is being handled on this CPU
 */
struct frame *irq_frame(void);

/**
 * vectors_install() - new PSWs into a prefix area
 * @dat: what is ORed to their masks
 */
void vectors_install(struct lowcore *to, u64 dat);

/**
 * vectors_dispatch() - called by vectors.S for every interruption
 */
void vectors_dispatch(struct frame *frame);

/**
 * branch_try() - the fault of fetching an instruction at @address
 *
 * What is there must return by register 14.
 */
struct fault branch_try(void *address);

extern char vector_restart[], vector_ext[], vector_svc[], vector_pgm[], vector_mck[],
	vector_io[];

/* jump.S: enter the problem state, and leave it on behalf of a frame's CPU. */
extern char user_done[];
void user_enter(void (*fn)(void *arg), void *arg, u64 mask, uintptr_t stack);
void user_return(u64 kernel_stack) __attribute__((noreturn));

#endif
