/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Shadow stacks of user mode (SDM 1, chapter "Control-flow Enforcement Technology",
 * "Shadow Stacks"; SDM 3A 4.6 for their pages).  cet/ibt.c has indirect branches.
 *
 * While CR4.CET and SH_STK_EN of IA32_U_CET are set, CALL puts the return address on
 * a second stack too, which only such pages hold as stores cannot change, and RET
 * compares both.
 */
#include <asm/page.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <snippet.h>

ONLY_ON(x86_64);

/* W clear and D set: what makes a page one of a shadow stack (SDM 3A 4.6). */
#define SHADOW_PAGE	(PTE_P | PTE_U | PTE_A | PTE_D)
#define SHADOW		((u64 *)PAGES_SPARE)
#define SSP		(PAGES_SPARE + 0x800)
#define TOKEN_64	1		/* of RSTORSSP, in bit 0: 64-bit mode */

static u64 *shadow;			/* the same memory, writable */

static void shadow_map(u64 flags)
{
	if (!shadow)
		shadow = pages_alloc_permanent(1, PAGE_SIZE);
	memset(shadow, 0, PAGE_SIZE);
	page_map(SHADOW, (uintptr_t)shadow, flags);
}

static u64 *shadow_at(u64 ssp)
{
	return shadow + ssp % PAGE_SIZE / 8;
}

#define WITH_CET(bits)							\
	WITH_CR4(CR4_CET, 0)						\
		WITH_MSR(MSR_PL3_SSP, 0)				\
			WITH_MSR(MSR_U_CET, (bits))

static struct fault run_with(const struct snippet *s, u64 ssp)
{
	wrmsr(MSR_PL3_SSP, ssp);
	return snippet_run(s, ssp);
}

SNIPPET(call_ret, "call 1f; jmp call_ret_end; 1: ret");
SNIPPET(call_only, "call 1f; nop; 1: nop");
SNIPPET(call_next, "call 1f; 1: nop");
SNIPPET(ret_only, "lea ret_only_end(%rip), %rax; push %rax; ret");
SNIPPET(tampered, "call 1f; nop; 1: lea tampered_end(%rip), %rax; mov %rax, (%rsp); ret");
SNIPPET(tampered_imm,
	"call 1f; nop; 1: lea tampered_imm_end(%rip), %rax; mov %rax, (%rsp); ret $8");
SNIPPET(popped, "call 1f; nop; 1: add $8, %rsp; nop");
SNIPPET(far_ret, "mov %cs, %eax; push %rax; call 1f; jmp far_ret_end; 1: lretq");
SNIPPET(far_call, FAR_POINTER "lcall *(%rsp); jmp far_call_end; 1: lretl");
SNIPPET(far_tampered,
	FAR_POINTER "lcall *(%rsp); 1: lea far_tampered_end(%rip), %rax;"
	"mov %eax, (%rsp); lretl");
SNIPPET(rdssp, "xor %eax, %eax; rdsspq %rax");
SNIPPET(incssp, "mov $2, %eax; incsspq %rax; rdsspq %rax");
SNIPPET(incssp_32, "mov $2, %eax; incsspd %eax; rdsspq %rax");
SNIPPET(rstorssp, "rstorssp (%rdi); rdsspq %rax");
SNIPPET(saveprevssp, "saveprevssp");
SNIPPET(restore_save, "rstorssp (%rdi); saveprevssp; rdsspq %rax");
SNIPPET(wrss, "mov $0x1234, %eax; wrssq %rax, (%rdi)");
SNIPPET(wruss, "mov $0x1234, %eax; wrussq %rax, (%rdi)");
SNIPPET(setssbsy, "setssbsy");
SNIPPET(clrssbsy, "clrssbsy (%rdi)");
SNIPPET(store, "movq $1, (%rdi)");
SNIPPET(load, "mov (%rdi), %rax");

static const struct {
	const char *what;
	const struct snippet *snippet;
	struct fault fault;
	int moved;		/* SSP, in words, if there is no fault */
} flows[] = {
	{ "CALL and RET",		&call_ret,     AS_NONE,		  0 },
	{ "CALL",			&call_only,    AS_NONE,		  -1 },
	{ "CALL of what follows",	&call_next,    AS_NONE,		  0 },
	{ "RET without CALL",		&ret_only,     AS_CP(CP_NEAR_RET), 0 },
	{ "RET elsewhere",		&tampered,     AS_CP(CP_NEAR_RET), 0 },
	{ "RET n elsewhere",		&tampered_imm, AS_CP(CP_NEAR_RET), 0 },
	{ "a return address dropped",	&popped,       AS_NONE,		  -1 },
	{ "far CALL and RET",		&far_call,     AS_NONE,		  0 },
	{ "far RET of a near CALL",	&far_ret,      AS_CP(CP_FAR_RET),  0 },
	{ "far RET elsewhere",		&far_tampered, AS_CP(CP_FAR_RET),  0 },
};

TEST(flow, "RET goes where CALL came from, or is #CP", REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN)
		for_each(row, flows) SUBTEST("%s", row->what) {
			shadow_map(SHADOW_PAGE);
			EXPECT_FAULT(row->fault, run_with(row->snippet, SSP));
			if (!row->fault.raised)
				EXPECT_EQ(rdmsr(MSR_PL3_SSP), SSP + 8 * row->moved);
		}
}

TEST(off, "SH_STK_EN clear: RET goes where the stack says", REQUIRES(CPU_SHSTK))
{
	WITH_CET(0)
		for_each(row, flows) SUBTEST("%s", row->what) {
			shadow_map(SHADOW_PAGE);
			EXPECT_FAULT(FAULT_NONE, run_with(row->snippet, SSP));
			EXPECT_EQ(*shadow_at(SSP - 8), 0);
		}
}

TEST(pushed, "CALL stores the return address, far CALL also CS and SSP",
     REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN) {
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_NONE, run_with(&call_only, SSP));
		EXPECT_EQ(*shadow_at(SSP - 8), trial_end.frame.ip - 2);
		EXPECT_EQ(*(u64 *)trial_end.frame.sp, *shadow_at(SSP - 8));
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_NONE, run_with(&far_call, SSP));
		EXPECT_EQ(*shadow_at(SSP - 8), SEL_USER_CS);
		EXPECT_EQ(*shadow_at(SSP - 24), SSP);
	}
}

/* What the page of a shadow stack may be, and what CALL and RET make of it. */
static const struct {
	const char *what;
	u64 flags;
	struct fault call, ret;
} pages[] = {
	{ "a shadow stack's", SHADOW_PAGE, AS_NONE, AS_CP(CP_NEAR_RET) },
	{ "writable", SHADOW_PAGE | PTE_W, AS_PF(PF_P | PF_W | PF_U | PF_SS),
	  AS_PF(PF_P | PF_U | PF_SS) },
	{ "read-only, clean", SHADOW_PAGE & ~PTE_D, AS_PF(PF_P | PF_W | PF_U | PF_SS),
	  AS_PF(PF_P | PF_U | PF_SS) },
	{ "the supervisor's", SHADOW_PAGE & ~PTE_U, AS_PF(PF_P | PF_W | PF_U | PF_SS),
	  AS_PF(PF_P | PF_U | PF_SS) },
	{ "absent", SHADOW_PAGE & ~PTE_P, AS_PF(PF_W | PF_U | PF_SS),
	  AS_PF(PF_U | PF_SS) },
};

TEST(page, "a shadow stack lives in its own kind of page, and PF_SS tells",
     REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN)
		for_each(row, pages) SUBTEST("%s", row->what) {
			struct fault call = row->call, ret = row->ret;

			call.at = call.vector == VECTOR_PF;
			call.address = SSP - 8;
			ret.at = ret.vector == VECTOR_PF;
			ret.address = SSP;
			shadow_map(row->flags);
			EXPECT_FAULT(call, run_with(&call_only, SSP));
			EXPECT_FAULT(ret, run_with(&ret_only, SSP));
			EXPECT_EQ(rdmsr(MSR_PL3_SSP), SSP);
		}
}

TEST(stores, "no store reaches a shadow stack's page; loads do", REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN) {
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_PF_AT(SSP, PF_P | PF_W | PF_U), run_with(&store, SSP));
		EXPECT_FAULT(FAULT_NONE, run_with(&load, SSP));
		EXPECT_FAULT(FAULT_PF_AT(SHADOW, PF_P | PF_W),
			     TRY("movq $1, (%0)", "r"(SHADOW)));
	}
}

TEST(ssp, "RDSSP reads SSP, INCSSP drops words or halves", REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN) {
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_NONE, run_with(&rdssp, SSP));
		EXPECT_EQ(trial_end.frame.gpr[0], SSP);
		EXPECT_FAULT(FAULT_NONE, run_with(&incssp, SSP));
		EXPECT_EQ(trial_end.frame.gpr[0], SSP + 16);
		EXPECT_FAULT(FAULT_NONE, run_with(&incssp_32, SSP));
		EXPECT_EQ(trial_end.frame.gpr[0], SSP + 8);
		/* It looks at the first and the last that it drops. */
		EXPECT_FAULT(FAULT_PF(PF_U | PF_SS),
			     run_with(&incssp, PAGES_SPARE + PAGE_SIZE - 8));
	}
}

static const struct {
	const char *what;
	u64 token;		/* at SSP - 8 */
	struct fault fault;
} tokens[] = {
	{ "right",		   SSP | TOKEN_64, AS_NONE },
	{ "not of 64-bit mode",	   SSP,		   AS_CP(CP_RSTORSSP) },
	{ "of another address",	   (SSP + 8) | TOKEN_64, AS_CP(CP_RSTORSSP) },
	{ "with bit 1",		   SSP | TOKEN_64 | 2, AS_CP(CP_RSTORSSP) },
	{ "none",		   0,		   AS_CP(CP_RSTORSSP) },
};

TEST(rstorssp, "RSTORSSP takes a shadow stack that has a token", REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN)
		for_each(row, tokens) SUBTEST("%s", row->what) {
			u64 from = SSP + 0x100, token_at = SSP - 8;

			shadow_map(SHADOW_PAGE);
			*shadow_at(token_at) = row->token;
			wrmsr(MSR_PL3_SSP, from);
			EXPECT_FAULT(row->fault, snippet_run(&rstorssp, token_at));
			if (row->fault.raised) {
				EXPECT_EQ(*shadow_at(token_at), row->token);
				break;
			}
			EXPECT_EQ(trial_end.frame.gpr[0], token_at);
			/* The token is now that of the way back. */
			EXPECT_EQ(*shadow_at(token_at), from | 2 | TOKEN_64);
		}
}

TEST(saveprevssp, "SAVEPREVSSP leaves a token on the stack that was left",
     REQUIRES(CPU_SHSTK))
{
	u64 from = SSP + 0x100;

	WITH_CET(CET_SH_STK_EN) {
		shadow_map(SHADOW_PAGE);
		*shadow_at(SSP - 8) = SSP | TOKEN_64;
		wrmsr(MSR_PL3_SSP, from);
		EXPECT_FAULT(FAULT_NONE, snippet_run(&restore_save, SSP - 8));
		EXPECT_EQ(trial_end.frame.gpr[0], SSP);
		EXPECT_EQ(*shadow_at(from - 8), from | TOKEN_64);
		/* Without a token there is nothing to save. */
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_GP(0), run_with(&saveprevssp, SSP));
	}
}

TEST(wrss, "WRSS writes to a shadow stack where WR_SHSTK_EN allows it",
     REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN) {
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_UD, run_with(&wrss, SSP));
	}
	WITH_CET(CET_SH_STK_EN | CET_WR_SHSTK_EN) {
		EXPECT_FAULT(FAULT_NONE, run_with(&wrss, SSP));
		EXPECT_EQ(*shadow_at(SSP), 0x1234);
		shadow_map(SHADOW_PAGE | PTE_W);
		EXPECT_FAULT(FAULT_PF_AT(SSP, PF_P | PF_W | PF_U | PF_SS),
			     run_with(&wrss, SSP));
	}
}

TEST(privileged, "WRUSS, SETSSBSY and CLRSSBSY are the supervisor's",
     REQUIRES(CPU_SHSTK))
{
	WITH_CET(CET_SH_STK_EN | CET_WR_SHSTK_EN) {
		shadow_map(SHADOW_PAGE);
		EXPECT_FAULT(FAULT_GP(0), run_with(&wruss, SSP));
		/* These need a shadow stack of the supervisor's, before all else. */
		EXPECT_FAULT(FAULT_UD, run_with(&setssbsy, SSP));
		EXPECT_FAULT(FAULT_UD, run_with(&clrssbsy, SSP));
		EXPECT_FAULT(FAULT_NONE, TRY("wrussq %0, (%1)", "r"(0x4321ul), "r"(SSP)));
		EXPECT_EQ(*shadow_at(SSP), 0x4321);
		EXPECT_FAULT(FAULT_UD, TRY("setssbsy"));
	}
}

static const struct snippet *const undefined[] = {
	&incssp, &rstorssp, &saveprevssp, &wrss,
};

TEST(disabled, "without a shadow stack its instructions are #UD, and RDSSP is a NOP",
     REQUIRES(CPU_SHSTK))
{
	WITH_CET(0) {
		for_each(s, undefined) SUBTEST("%s", (*s)->name)
			EXPECT_FAULT(FAULT_UD, run_with(*s, SSP));
		EXPECT_FAULT(FAULT_NONE, run_with(&rdssp, SSP));
		EXPECT_EQ(trial_end.frame.gpr[0], 0);
	}
	WITH_MSR(MSR_U_CET, CET_SH_STK_EN)
		WITH_CR4(0, CR4_CET) SUBTEST("CR4.CET clear") {
			EXPECT_FAULT(FAULT_UD, run_with(&incssp, SSP));
			EXPECT_FAULT(FAULT_NONE, run_with(&tampered, SSP));
		}
}

TEST(write_protect, "CR4.CET and CR0.WP: no CET without write protection",
     REQUIRES(CPU_SHSTK))
{
	WITH_CR0(0, CR0_WP)
		EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_CET));
	WITH_CR4(CR4_CET, 0)
		EXPECT_FAULT(FAULT_GP(0),
			     try_write_cr0(read_cr0() & ~(unsigned long)CR0_WP));
}

static const struct {
	const char *what;
	u32 msr;
	u64 value;
	struct fault fault;
} msrs[] = {
	{ "U_CET: bit 6",	  MSR_U_CET,   BIT(6),	   AS_GP(0) },
	{ "U_CET: bit 9",	  MSR_U_CET,   BIT(9),	   AS_GP(0) },
	{ "U_CET: not canonical", MSR_U_CET,   BIT(62),	   AS_GP(0) },
	{ "S_CET: bit 6",	  MSR_S_CET,   BIT(6),	   AS_GP(0) },
	{ "PL3_SSP: aligned",	  MSR_PL3_SSP, SSP,	   AS_NONE  },
	{ "PL3_SSP: by 4",	  MSR_PL3_SSP, SSP + 4,	   AS_NONE  },
	{ "PL3_SSP: bit 0",	  MSR_PL3_SSP, SSP + 1,	   AS_GP(0) },
	{ "PL3_SSP: bit 1",	  MSR_PL3_SSP, SSP + 2,	   AS_GP(0) },
	{ "PL3_SSP: not canonical", MSR_PL3_SSP, BIT(62),  AS_GP(0) },
	{ "PL0_SSP: bit 0",	  MSR_PL0_SSP, SSP + 1,	   AS_GP(0) },
	{ "SSP table: not canonical", MSR_INTERRUPT_SSP_TABLE, BIT(62), AS_GP(0) },
};

TEST(msr, "reserved bits and addresses of CET's MSRs", REQUIRES(CPU_SHSTK))
{
	for_each(row, msrs) SUBTEST("%s", row->what) {
		u64 old, got;

		EXPECT_FAULT(FAULT_NONE, try_rdmsr(row->msr, &old));
		EXPECT_FAULT(row->fault, try_wrmsr(row->msr, row->value));
		EXPECT_FAULT(FAULT_NONE, try_rdmsr(row->msr, &got));
		EXPECT_EQ(got, row->fault.raised ? old : row->value);
		try_wrmsr(row->msr, old);
	}
}

TEST(absent, "without either feature CET's MSRs are not there",
     LACKS(CPU_SHSTK, CPU_IBT))
{
	static const u32 all[] = {
		MSR_U_CET, MSR_S_CET, MSR_PL0_SSP, MSR_PL3_SSP, MSR_INTERRUPT_SSP_TABLE,
	};

	for_each(msr, all) SUBTEST("MSR %#x", *msr) {
		EXPECT_FAULT(FAULT_GP(0), try_rdmsr(*msr, NULL));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(*msr, 0));
	}
}
