/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls in problem state. */
#include <exception.h>
#include <insn.h>
#include <paging.h>

void *user_top(void)
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
