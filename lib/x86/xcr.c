/* SPDX-License-Identifier: BSD-2-Clause */
/* XCR0 read, written and borrowed. */
#include <insn.h>
#include <xcr.h>

struct reading {
	u32 number;
	struct fault fault;
	unsigned long eax, edx;
};

static void read_at_once(void *arg)
{
	struct reading *r = arg;

	r->eax = r->edx = ~0ul;
	r->fault = TRY_OUT(XGETBV, OUT("+a"(r->eax), "+d"(r->edx)), "c"(r->number));
}

u64 xcr_read(u32 xcr)
{
	struct reading r = { .number = xcr };

	user_call(read_at_once, &r, 0);
	REQUIRE_FAULT(FAULT_NONE, r.fault);
	/* All of RAX and RDX is written. */
	EXPECT_EQ((u64)r.eax >> 32 | (u64)r.edx >> 32, 0);
	return (u64)r.edx << 32 | (u32)r.eax;
}

struct fault try_xsetbv(u32 xcr, u64 value)
{
	return TRY(XSETBV, "c"(xcr), "a"((u32)value), "d"((u32)(value >> 32)));
}

u64 xcr0_supported(void)
{
	struct cpuid id = cpuid(CPUID_XSAVE, 0);

	return (u64)id.reg[CPUID_EDX] << 32 | id.reg[CPUID_EAX];
}

static void xcr0_leave(struct scope *scope)
{
	try_xsetbv(0, ((struct xcr0_scope *)scope)->old);
}

void xcr0_enter(struct xcr0_scope *scope, u64 value)
{
	scope->old = xcr_read(0);
	scope_enter(&scope->scope, xcr0_leave);
	REQUIRE_FAULT(FAULT_NONE, try_xsetbv(0, value));
}
