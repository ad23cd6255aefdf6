/* SPDX-License-Identifier: BSD-2-Clause */
/* exec() and calls in user mode. */
#include <exception.h>
#include <insn.h>

/* Below the top, where user code runs; a result there may be written by it. */
static void *user_top(void)
{
	return (char *)cpu_self() + CPU_STACK_USER - 64;
}

void user_call(void (*fn)(void *arg), void *arg)
{
	user_enter(fn, arg, PSTATE_USER, (uintptr_t)user_top());
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
