/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction, natively or emulated. */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <fault.h>

struct insn {
	const char *name;
	/* Through a pointer: 32-bit and 64-bit return structures differently. */
	void (*native)(struct fault *result);
	void (*forced)(struct fault *result);
};

#define INSN(id, text, ...)						\
	static void id##_native(struct fault *result)			\
	{								\
		*result = TRY(text, ##__VA_ARGS__);			\
	}								\
	static void id##_forced(struct fault *result)			\
	{								\
		*result = TRY_FORCED(text, ##__VA_ARGS__);		\
	}								\
	static const struct insn id = { #id, id##_native, id##_forced }

struct how {
	int cpl;		/* 0 or 3 */
	bool user;		/* the same as .cpl = 3 */
	bool forced;		/* through the emulator: DEVICE(DEVICE_FEP) */
	unsigned long flags;	/* at CPL 3: RFLAGS bits to set */
};

/**
 * user_call() - run @fn(@arg) at CPL 3 on this CPU's user stack
 * @flags: RFLAGS bits to set there
 */
void user_call(void (*fn)(void *arg), void *arg, unsigned long flags);

/**
 * kernel_call() - run @fn(@arg) at CPL 0 on behalf of code that user_call() runs
 *
 * At CPL 0 it is a plain call.  A hypervisor that emulates kernel code lets the CPU
 * execute user code: long computations belong there.  Checks and printf() work at
 * either level, REQUIRE at CPL 0 only.
 */
void kernel_call(void (*fn)(void *arg), void *arg);

#endif
