/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction. */
#ifndef ASM_INSN_H
#define ASM_INSN_H

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
 * Interrupts are masked.
 */
void user_call(void (*fn)(void *arg), void *arg);

#endif
