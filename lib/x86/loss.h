/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events whose delivery meets pages that the host has lost: of the IDT, of the stack, or
 * of both.  Whoever delivers one has to fetch them first, and then begin anew.
 */
#ifndef LOSS_H
#define LOSS_H

#include <test.h>

/* What the host loses before an event. */
struct loss {
	const char *name;
	bool idt, stack;
};

#define LOSSES	4
extern const struct loss losses[LOSSES];	/* nothing, IDT, stack, both */

struct loss_scope {
	struct scope scope;
	const struct loss *loss;
	u64 faults;
};

/**
 * WITH_LOSS(loss, stack) { the event } - the host has lost the pages that @loss names
 * @stack: an address in the page that the frame goes to
 *
 * A check, where the VMM can tell: the host was asked for each of them.  Where neither
 * the test device nor pc-testdev is there, nothing gets lost.
 */
#define WITH_LOSS(loss, stack)	SCOPE(loss_scope, loss_enter, loss, stack)
void loss_enter(struct loss_scope *scope, const struct loss *loss, const void *stack);

/**
 * host_lose() - the host forgets a page, which the next access fetches again
 */
void host_lose(const void *page);

/**
 * event_stack() - the end of a stack with a page of its own, for kernel code: the user's
 */
u8 *event_stack(void);

/* An event while the stack pointer is 64 bytes below the event stack's end. */
#define ON_EVENT_STACK(...)	ON_EVENT_STACK_DO(__VA_ARGS__)
#define ON_EVENT_STACK_DO(text, ...)					\
	do {								\
		unsigned long old_;					\
									\
		asm volatile("mov %%" STACK_POINTER ", %[old]\n"	\
			     "lea -64(%[top]), %%" STACK_POINTER "\n"	\
			     text "\n"					\
			     "mov %[old], %%" STACK_POINTER		\
			     : [old] "=&r"(old_)			\
			     : [top] "r"(event_stack()), ##__VA_ARGS__	\
			     : EVENT_CLOBBERS, "memory", "cc");		\
	} while (0)

#if IS_64BIT
#define EVENT_CLOBBERS	"rcx"
#else
#define EVENT_CLOBBERS	"ecx"
#endif

#endif
