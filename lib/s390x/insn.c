/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls in the problem state. */
#include <exception.h>
#include <insn.h>

void *user_top(void)
{
	return (char *)cpu_self() + CPU_STACK_USER - STACK_AREA - 64;
}

void user_call(void (*fn)(void *arg), void *arg)
{
	/* Its first frame is the last one of a stack trace. */
	*(u64 *)((char *)user_top() - STACK_AREA) = 0;
	user_enter(fn, arg, (psw_mask() | PSW_PROBLEM) & ~(PSW_IO | PSW_EXT),
		   (uintptr_t)user_top() - STACK_AREA);
}
