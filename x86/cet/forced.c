/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Branches of user mode that KVM's emulator is made to execute.  It keeps no shadow stack
 * and tracks no branch: what would need that (SDM 1, "Control-flow Enforcement
 * Technology") it has to refuse, by #UD, rather than let it pass.
 */
#include <asm/page.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <snippet.h>

#define BY_EMULATOR	"ud2; .byte 'k', 'v', 'm'; "

SNIPPET(forced_call, BY_EMULATOR "call 1f; nop; 1: nop");
SNIPPET(forced_call_to, "lea 1f(%rip), %rax;" BY_EMULATOR "call *%rax; nop; 1: endbr64");
SNIPPET(forced_call_far, FAR_POINTER BY_EMULATOR "lcall *(%rsp); nop; 1: endbr64");
SNIPPET(forced_jmp, BY_EMULATOR "jmp 1f; nop; 1: nop");
SNIPPET(forced_jmp_to, "lea 1f(%rip), %rax;" BY_EMULATOR "jmp *%rax; nop; 1: endbr64");
SNIPPET(forced_jmp_far, FAR_POINTER BY_EMULATOR "ljmp *(%rsp); nop; 1: endbr64");
SNIPPET(forced_ret, "call 1f; jmp forced_ret_end; 1: " BY_EMULATOR "ret");
SNIPPET(forced_ret_n,
	"push %rax; call 1f; jmp forced_ret_n_end; 1: " BY_EMULATOR "ret $8");
SNIPPET(forced_ret_far,
	FAR_POINTER "lcall *(%rsp); jmp forced_ret_far_end; 1: endbr64;" BY_EMULATOR "lretl");
SNIPPET(forced_iret,
	"mov %rsp, %rax; push $0x23; push %rax; pushf; push $0x2b;"
	"lea 1f(%rip), %rax; push %rax;" BY_EMULATOR "iretq; 1: nop");
SNIPPET(forced_syscall, BY_EMULATOR "syscall; nop");
SNIPPET(forced_sysenter, BY_EMULATOR "sysenter; nop");

/* OPEN: no state of CET decides it, or the emulator does not know the instruction. */
enum outcome { WORKS, REFUSED, OPEN };

static const struct row {
	const char *what;
	const struct snippet *snippet;
	enum outcome off, shadow_stack, tracking;
} rows[] = {
	{ "CALL",		&forced_call,	  WORKS, REFUSED, WORKS	  },
	{ "indirect CALL",	&forced_call_to,  WORKS, REFUSED, REFUSED },
	{ "far CALL",		&forced_call_far, OPEN,	 REFUSED, REFUSED },
	{ "JMP",		&forced_jmp,	  WORKS, WORKS,	  WORKS	  },
	{ "indirect JMP",	&forced_jmp_to,	  WORKS, WORKS,	  REFUSED },
	{ "far JMP",		&forced_jmp_far,  OPEN,	 OPEN,	  REFUSED },
	{ "RET",		&forced_ret,	  WORKS, REFUSED, WORKS	  },
	{ "RET n",		&forced_ret_n,	  WORKS, REFUSED, WORKS	  },
	{ "far RET",		&forced_ret_far,  OPEN,	 REFUSED, OPEN	  },
	{ "IRET",		&forced_iret,	  OPEN,	 REFUSED, REFUSED },
	{ "SYSCALL",		&forced_syscall,  WORKS, REFUSED, REFUSED },
	{ "SYSENTER",		&forced_sysenter, OPEN,	 REFUSED, REFUSED },
};

/* What would get to the kernel gets to the snippet's end, where every one is over. */
#define WITH_ENTRIES(end)						\
	WITH_MSR(MSR_STAR, (u64)SEL_USER_CS32 << 48 | (u64)SEL_KERNEL_CS << 32) \
	WITH_MSR(MSR_LSTAR, (uintptr_t)(end))				\
	WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE)			\
	WITH_MSR(MSR_SYSENTER_CS, SEL_KERNEL_CS)			\
	WITH_MSR(MSR_SYSENTER_ESP, (uintptr_t)cpu_self() + CPU_STACK_USER - 64) \
	WITH_MSR(MSR_SYSENTER_EIP, (uintptr_t)(end))

static void check_row(const struct row *row, enum outcome want)
{
	if (want == OPEN)
		return skip("the emulator may know it or not");
	WITH_ENTRIES(row->snippet->end)
		EXPECT_FAULT(want == REFUSED ? FAULT_UD : FAULT_NONE,
			     snippet_run(row->snippet, 0));
}

TEST(forced_off, "without CET the emulator executes branches", DEVICE(DEVICE_FEP))
{
	for_each(row, rows) SUBTEST("%s", row->what)
		check_row(row, row->off);
}

#define SHADOW_PAGE	(PTE_P | PTE_U | PTE_A | PTE_D)
#define SSP		(PAGES_SPARE + 0x800)

TEST(forced_shadow_stack, "with a shadow stack it refuses what pushes to it or pops",
     REQUIRES(CPU_SHSTK), DEVICE(DEVICE_FEP))
{
	page_map((void *)PAGES_SPARE, (uintptr_t)pages_alloc_zeroed(1), SHADOW_PAGE);
	WITH_CR4(CR4_CET, 0) WITH_MSR(MSR_PL3_SSP, SSP)
		WITH_MSR(MSR_U_CET, CET_SH_STK_EN)
			for_each(row, rows) SUBTEST("%s", row->what) {
				wrmsr(MSR_PL3_SSP, SSP);
				check_row(row, row->shadow_stack);
			}
}

TEST(forced_tracking, "with branch tracking it refuses what leads to ENDBR64",
     REQUIRES(CPU_IBT), DEVICE(DEVICE_FEP))
{
	WITH_CR4(CR4_CET, 0)
		for_each(row, rows) SUBTEST("%s", row->what)
			WITH_MSR(MSR_U_CET, CET_ENDBR_EN)
				check_row(row, row->tracking);
}
