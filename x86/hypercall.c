/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's hypercall instruction (KVM's hypercalls.rst; KVM_X86_QUIRK_FIX_HYPERCALL_INSN
 * in api.rst): VMCALL on Intel, VMMCALL on AMD.  KVM may patch the other vendor's
 * form into the right one; if it does not, the form is #UD, or #PF where the page
 * cannot be written.
 */
#include <asm/cpu.h>
#include <exception.h>
#include <memory.h>
#include <paging.h>
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

#if IS_64BIT
/* The last address of the lower canonical half, and the first that is none. */
#define LAST_PAGE	((u8 *)0x7ffffffff000)
#define NOWHERE		0x800000000000ul
#define HYPERCALL_BYTES	3

static const u8 forms[2][HYPERCALL_BYTES] = {
	{ 0x0f, 0x01, 0xd9 },	/* VMMCALL */
	{ 0x0f, 0x01, 0xc1 },	/* VMCALL */
};

static struct fault beyond;
static unsigned long beyond_ip, beyond_resume;

static bool on_fault(struct frame *frame)
{
	beyond = FAULT(frame->vector, frame->error);
	beyond_ip = frame->ip;
	frame->ip = beyond_resume;
	return true;
}

static void canonical_leave(struct scope *scope)
{
	(void)scope;
	exception_handle(VECTOR_GP, NULL);
	exception_handle(VECTOR_UD, NULL);
	page_map(LAST_PAGE, 0, 0);
}

/* Runs a hypercall whose last byte is the last that can be code. */
static void hypercall_at_end(const u8 *form)
{
	u8 *page = pages_alloc(1);
	struct scope scope;

	memcpy(page + PAGE_SIZE - HYPERCALL_BYTES, form, HYPERCALL_BYTES);
	page_map(LAST_PAGE, (uintptr_t)page, PTE_P | PTE_W | PTE_U);
	scope_enter(&scope, canonical_leave);
	exception_handle(VECTOR_GP, on_fault);
	exception_handle(VECTOR_UD, on_fault);
	WITH_WATCHDOG()
		asm volatile("lea 1f(%%rip), %%rcx; mov %%rcx, %0; jmp *%1; 1:"
			     : "=m"(beyond_resume)
			     : "r"(NOWHERE - HYPERCALL_BYTES),
			       "a"(UNKNOWN_HYPERCALL)
			     : "rcx", "memory");
	scope_exit(&scope);
}

TEST(canonical_end, "behind a hypercall at the end of the canonical half, #GP(0) is there",
     DEVICE(DEVICE_KVM))
{
	hypercall_at_end(forms[cpu_is_intel()]);
	EXPECT_FAULT(FAULT_GP(0), beyond);
	EXPECT_EQ(beyond_ip, NOWHERE);
}

TEST(canonical_end_foreign, "the other vendor's form there: the same, or #UD at it",
     DEVICE(DEVICE_KVM))
{
	hypercall_at_end(forms[!cpu_is_intel()]);
	EXPECT((beyond.vector == VECTOR_GP && beyond_ip == NOWHERE) ||
	       (beyond.vector == VECTOR_UD &&
		beyond_ip == NOWHERE - HYPERCALL_BYTES));
}
#endif
