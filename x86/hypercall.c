/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's hypercall instruction (KVM's hypercalls.rst; KVM_X86_QUIRK_FIX_HYPERCALL_INSN
 * in api.rst): VMCALL on Intel, VMMCALL on AMD.  KVM may patch the other vendor's
 * form into the right one; if it does not, the form is #UD, or #PF where the page
 * cannot be written.
 */
#include <asm/cpu.h>
#include <scope.h>
#include <test.h>

#define UNKNOWN_HYPERCALL	(-1l)
#define KVM_ENOSYS		1000

static struct fault vmcall(long *result)
{
	*result = UNKNOWN_HYPERCALL;
	return TRY_OUT("vmcall", OUT("+a"(*result)));
}

static struct fault vmmcall(long *result)
{
	*result = UNKNOWN_HYPERCALL;
	return TRY_OUT("vmmcall", OUT("+a"(*result)));
}

TEST(native, "the vendor's own form reaches KVM: unknown numbers are -KVM_ENOSYS",
     DEVICE(DEVICE_KVM))
{
	long result;

	WITH_WATCHDOG()
		EXPECT_FAULT(FAULT_NONE, cpu_is_intel() ? vmcall(&result) :
			     vmmcall(&result));
	EXPECT_EQ(result, -KVM_ENOSYS);
}

TEST(foreign, "the other vendor's form is patched, or #UD, or #PF; nothing else",
     DEVICE(DEVICE_KVM))
{
	long result;
	struct fault fault;

	WITH_WATCHDOG()
		fault = cpu_is_intel() ? vmmcall(&result) : vmcall(&result);
	if (!fault.raised)
		EXPECT_EQ(result, -KVM_ENOSYS);
	else
		EXPECT(fault.vector == VECTOR_UD || fault.vector == VECTOR_PF);
}
