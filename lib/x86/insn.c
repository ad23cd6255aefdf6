/* SPDX-License-Identifier: BSD-2-Clause */
/* exec() and calls at CPL 3. */
#include <asm/cpu.h>
#include <device.h>
#include <insn.h>

void user_enter(void (*fn)(void *arg), void *arg, unsigned long flags,
		uintptr_t stack);
void kernel_enter(void (*fn)(void *arg), void *arg);

void user_call(void (*fn)(void *arg), void *arg, unsigned long flags)
{
	/* The last bytes are the caller's; 16-byte aligned as the ABI wants. */
	uintptr_t stack = (uintptr_t)cpu_self() + CPU_STACK_USER - 64;

	user_enter(fn, arg, flags | RFLAGS_FIXED, stack);
}

void kernel_call(void (*fn)(void *arg), void *arg)
{
	if (user_mode())
		kernel_enter(fn, arg);
	else
		fn(arg);
}

struct fault exec_insn(const struct insn *insn, struct how how)
{
	void (*run)(struct fault *) = how.forced ? insn->forced : insn->native;
	struct fault *result;

	if (how.forced && !device_present(DEVICE_FEP, NULL))
		panic("%s: exec(.forced) needs DEVICE(DEVICE_FEP)", insn->name);
	/* Where user mode surely may write. */
	result = (void *)((uintptr_t)cpu_self() + CPU_STACK_USER - 64);
	/* A result that nobody wrote must not look like "no fault". */
	*result = FAULT(0xff, 0xffffffff);
	if (how.cpl == 0 && !how.user)
		run(result);
	else
		user_call((void (*)(void *))run, result, how.flags);
	return *result;
}
