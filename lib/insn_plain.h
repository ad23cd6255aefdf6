/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * <asm/insn.h> where one instruction is a function like any other, and user mode is a
 * call away: user code may write a result to its stack.
 */
#ifndef INSN_PLAIN_H
#define INSN_PLAIN_H

#include <fault.h>

struct insn {
	const char *name;
	/* Through a pointer: word sizes return structures differently. */
	void (*run)(struct fault *result);
};

#define INSN(id, text, ...)						\
	static void id##_run(struct fault *result)			\
	{								\
		*result = TRY(text, ##__VA_ARGS__);			\
	}								\
	static const struct insn id = { #id, id##_run }

struct how {
	bool user;		/* in user mode */
};

/**
 * user_call() - run @fn(@arg) in user mode on this CPU's user stack
 *
 * Each architecture's own, which <asm/insn.h> says more of.
 */
void user_call(void (*fn)(void *arg), void *arg);

/**
 * user_top() - where that stack begins: above, there is room for a struct fault
 *
 * Each architecture's own.
 */
void *user_top(void);

#endif
