/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * User-mode instruction prevention (SDM 3A 2.5, "CR4.UMIP").
 *
 * While CR4.UMIP is set, the five instructions that reveal system-table
 * addresses raise #GP(0) above CPL 0.  CPL 0 is never affected, and IOPL does
 * not matter.
 */
#include <insn.h>
#include <scope.h>
#include <test.h>

static char table_register[10];
static unsigned long value;

INSN(sgdt, "sgdt %0", "m"(table_register));
INSN(sidt, "sidt %0", "m"(table_register));
INSN(sldt, "sldt %0", "m"(table_register));
INSN(smsw, "smsw %0", "m"(table_register));
INSN(str,  "str %0",  "m"(table_register));
INSN(mov_from_cr0, "mov %%cr0, %0", "r"(value));

static const struct insn *const revealing[] = {
	&sgdt, &sidt, &sldt, &smsw, &str
};

TEST(off, "UMIP clear: every CPL may execute them")
{
	WITH_CR4(0, CR4_UMIP)
		for_each(i, revealing) SUBTEST("%s", (*i)->name) {
			EXPECT_FAULT(FAULT_NONE, exec(**i, .cpl = 0));
			EXPECT_FAULT(FAULT_NONE, exec(**i, .cpl = 3));
		}
}

TEST(on, "UMIP set: #GP(0) above CPL 0, whatever IOPL", REQUIRES(CPU_UMIP))
{
	WITH_CR4(CR4_UMIP, 0)
		for_each(i, revealing) SUBTEST("%s", (*i)->name) {
			EXPECT_FAULT(FAULT_NONE, exec(**i, .cpl = 0));
			EXPECT_FAULT(FAULT_GP(0), exec(**i, .cpl = 3));
			EXPECT_FAULT(FAULT_GP(0), exec(**i, .cpl = 3,
						       .flags = RFLAGS_IOPL));
		}
}

TEST(cr0, "MOV from CR0 is #GP(0) above CPL 0, with UMIP or without")
{
	EXPECT_FAULT(FAULT_NONE, exec(mov_from_cr0, .cpl = 0));
	EXPECT_FAULT(FAULT_GP(0), exec(mov_from_cr0, .cpl = 3));
}

TEST(absent, "without the CPUID bit, CR4.UMIP is reserved", LACKS(CPU_UMIP))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_UMIP));
}
