/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction as data, run at a privilege level, natively or emulated. */
#ifndef INSN_H
#define INSN_H

#include <asm/fault.h>

struct insn {
	const char *name;
	/* Through a pointer: 32-bit and 64-bit return structures differently. */
	void (*native)(struct fault *result);
	void (*forced)(struct fault *result);
};

/**
 * INSN(id, "insn", inputs…) - define it; the inputs must be visible at file scope
 */
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
	bool forced;		/* through the emulator: DEVICE(DEVICE_FEP) */
	unsigned long flags;	/* at CPL 3: RFLAGS bits to set */
};

/**
 * exec(insn, .cpl = 3, .forced = true) - run it; returns its fault
 *
 * At CPL 3 it runs on this CPU's user stack with interrupts off.  All of memory
 * is mapped for user mode unless the test changed that.
 */
#define exec(insn, ...)	exec_insn(&(insn), (struct how){ __VA_ARGS__ })
struct fault exec_insn(const struct insn *insn, struct how how);

/**
 * user_call() - run @fn(@arg) at CPL 3 on this CPU's user stack
 * @flags: RFLAGS bits to set there
 */
void user_call(void (*fn)(void *arg), void *arg, unsigned long flags);

#endif
