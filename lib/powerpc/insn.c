/* SPDX-License-Identifier: BSD-2-Clause */
/* exec() and calls in problem state. */
#include <exception.h>
#include <insn.h>
#include <paging.h>

/* Below the top, where user code runs; a result there may be written by it. */
static void *user_top(void)
{
	return (char *)cpu_self() + CPU_STACK_USER - 128;
}

void user_call(void (*fn)(void *arg), void *arg)
{
	uintptr_t *chain = (uintptr_t *)((char *)user_top() - FRAME_ABI);

	paging_require();
	*chain = 0;
	user_enter(fn, arg, MSR_SF | MSR_ME | MSR_RI | MSR_PR | MSR_EE | MSR_IR | MSR_DR |
		   (msr_read() & (MSR_LE | MSR_HV)), (uintptr_t)chain);
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
