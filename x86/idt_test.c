/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exception delivery (SDM 3A, "Program or Task Execution after an Exception";
 * SDM 3B, "Instruction-Breakpoint Exception Condition": RF).
 *
 * A fault pushes RFLAGS with RF set and the address of the instruction that
 * faulted; a trap pushes the address behind it.
 */
#include <exception.h>
#include <insn.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

TEST(ud2, "UD2 is #UD, with RF in the frame")
{
	struct fault fault = TRY("ud2");

	EXPECT_FAULT(FAULT_UD, fault);
	EXPECT(fault.rf);
}

TEST(divide, "a division by zero is #DE and leaves the registers alone")
{
	unsigned long low = 7, high = 0, zero = 0;
	struct fault fault = TRY_OUT("div %2", OUT("+a"(low), "+d"(high)),
				     "r"(zero));

	EXPECT_FAULT(FAULT_DE, fault);
	EXPECT(fault.rf);
	EXPECT_EQ(low, 7);
	EXPECT_EQ(high, 0);
}

TEST(selector, "a selector beyond the GDT is #GP with the selector as error code")
{
	EXPECT_FAULT(FAULT_GP(0x1230), TRY("mov %w0, %%fs", "r"(0x1230)));
}

static struct frame breakpoint;

static bool on_breakpoint(struct frame *frame)
{
	breakpoint = *frame;
	return true;
}

static void breakpoint_leave(struct scope *scope)
{
	(void)scope;
	exception_handle(VECTOR_BP, NULL);
}

TEST(int3, "INT3 is a trap: the address behind it, RF clear")
{
	struct scope scope;
	unsigned long behind;

	scope_enter(&scope, breakpoint_leave);
	exception_handle(VECTOR_BP, on_breakpoint);
	breakpoint.ip = 0;
	asm volatile("int3; 1: lea 1b(%%rip), %0" : "=r"(behind) : : "memory");
	scope_exit(&scope);
	EXPECT_EQ(breakpoint.ip, behind);
	EXPECT(!(breakpoint.flags & RFLAGS_RF));
}

TEST(cr4, "MOV to CR4 with reserved bits is #GP(0), with RF in the frame")
{
	struct fault fault = try_write_cr4(0xffffffff);

	EXPECT_FAULT(FAULT_GP(0), fault);
	EXPECT(fault.rf);
}
