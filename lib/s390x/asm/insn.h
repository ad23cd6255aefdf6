/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction. */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <fault.h>

struct insn {
	const char *name;
	void (*run)(struct fault *result);
};

#define INSN(id, text, ...)						\
	static void id##_run(struct fault *result)			\
	{								\
		*result = TRY(text, ##__VA_ARGS__);			\
	}								\
	static const struct insn id = { #id, id##_run }

struct how {
	bool user;		/* in the problem state */
};

/**
 * user_call() - run @fn(@arg) in the problem state on this CPU's user stack
 *
 * Interrupts are masked.
 */
void user_call(void (*fn)(void *arg), void *arg);

#endif
