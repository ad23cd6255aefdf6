/* SPDX-License-Identifier: BSD-2-Clause */
/* exec() and calls in the problem state. */
#include <exception.h>
#include <insn.h>

/* Below the top, where user code runs; a result there may be written by it. */
static void *user_top(void)
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

struct fault exec_insn(const struct insn *insn, struct how how)
{
	struct fault *result = user_top();

	/* A result that nobody wrote must not look like "no fault". */
	memset(result, 0xff, sizeof(*result));
	if (how.user)
		user_call((void (*)(void *))insn->run, result);
	else
		insn->run(result);
	return *result;
}
