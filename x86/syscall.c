/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL and SYSRET (SDM 2B; APM 3): where they go, and what they do to the
 * trap flag.
 */
#include <exception.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

extern char syscall_arrives[], syscall_issue[], syscall_next[];

/*
 * SYSCALL at CPL 0 does not switch stacks: it can be tried in line.  RCX gets the
 * address behind it, R11 the flags.
 */
static void syscall_at_cpl0(u64 *rcx, u64 *r11, u64 *arrived)
{
	asm volatile("xor %k2, %k2\n"
		     ".globl syscall_issue, syscall_next, syscall_arrives\n"
		     "syscall_issue: syscall\n"
		     "syscall_next: jmp 1f\n"
		     "syscall_arrives: mov $1, %k2\n"
		     "1: mov %%rcx, %0; mov %%r11, %1"
		     : "=&r"(*rcx), "=&r"(*r11), "=&r"(*arrived)
		     : : "rcx", "r11", "memory", "cc");
}

TEST(target, "SYSCALL goes to LSTAR at once after the MSRs were written",
     REQUIRES(CPU_SYSCALL))
{
	u64 rcx, r11, arrived;

	WITH_MSR(MSR_STAR, (u64)SEL_KERNEL_CS << 32)
		WITH_MSR(MSR_LSTAR, (uintptr_t)syscall_arrives)
			WITH_MSR(MSR_SFMASK, RFLAGS_CF)
				WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE) {
					syscall_at_cpl0(&rcx, &r11, &arrived);
					EXPECT_EQ(arrived, 1);
					EXPECT_EQ(rcx, (uintptr_t)syscall_next);
					EXPECT(r11 & RFLAGS_FIXED);
				}
}

TEST(disabled, "SYSCALL and SYSRET are #UD while EFER.SCE is clear",
     REQUIRES(CPU_SYSCALL))
{
	WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SCE) {
		EXPECT_FAULT(FAULT_UD, TRY("syscall"));
		EXPECT_FAULT(FAULT_UD, TRY("sysretq"));
	}
}
