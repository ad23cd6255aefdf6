/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls in user mode. */
#include <exception.h>
#include <insn.h>

void *user_top(void)
{
	return (char *)cpu_self() + CPU_STACK_USER - 64;
}

void user_call(void (*fn)(void *arg), void *arg)
{
	user_enter(fn, arg, PSTATE_USER, (uintptr_t)user_top());
}
