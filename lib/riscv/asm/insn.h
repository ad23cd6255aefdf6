/* SPDX-License-Identifier: BSD-2-Clause */
/* One instruction. */
#ifndef ASM_INSN_H
#define ASM_INSN_H

#include <fault.h>

struct insn {
	const char *name;
	struct fault (*run)(void);
	struct fault (*run_in_user)(void);
};

/*
 * The inputs are loaded in supervisor mode, and then the instruction alone runs in user
 * mode, with the same registers: user_drop (jump.S) goes there, to where the image's
 * code is mapped for it, and what stands behind comes back by a fault that is none.
 */
#define TRY_IN_USER(insn, ...) ({					\
	struct fault try_ = FAULT_NONE;					\
	asm volatile("jal	t0, user_drop\n"			\
		     ".Ltry%=:	" insn "\n"				\
		     ".Lback%=:	ebreak\n"				\
		     ".Lend%=:\n"					\
		     "fault_entry .Ltry%=, .Lend%=, %[try_], 0x20\n"	\
		     "fault_entry .Lback%=, .Lend%=, zero, 0x20\n"	\
		     : : __VA_ARGS__ __VA_OPT__(,) [try_] "r"(&try_)	\
		     : "memory", "t0", "t1");				\
	try_;								\
})

#define INSN(id, text, ...)						\
	static struct fault id##_run(void)				\
	{								\
		return TRY(text, ##__VA_ARGS__);			\
	}								\
	static struct fault id##_run_in_user(void)			\
	{								\
		return TRY_IN_USER(text, ##__VA_ARGS__);		\
	}								\
	static const struct insn id = { #id, id##_run, id##_run_in_user }

struct how {
	bool user;		/* in user mode */
};

/**
 * user_call() - run @fn(@arg) in user mode on this hart's user stack
 *
 * No interrupt is taken meanwhile.  It runs from PAGES_USER_IMAGE, and sees the image's
 * static data there as well: the same memory at another address.  It must not call
 * through pointers.
 */
void user_call(void (*fn)(void *arg), void *arg);

#endif
