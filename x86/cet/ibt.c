/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Indirect branch tracking in user mode (SDM 1, "Indirect Branch Tracking"; SDM 2A,
 * ENDBR64): while CR4.CET and ENDBR_EN of IA32_U_CET are set, indirect JMP and CALL
 * must lead to ENDBR64.  The instruction that is none is #CP.
 */
#include <asm/page.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <snippet.h>

#define WITH_IBT(bits)							\
	WITH_CR4(CR4_CET, 0)						\
		WITH_MSR(MSR_U_CET, CET_ENDBR_EN | (bits))

#define TO(insn, mark)							\
	"lea 1f(%rip), %rax; " insn "; nop; nop; nop; nop;"		\
	"1: " mark "; nop"

SNIPPET(jmp_endbr, TO("jmp *%rax", "endbr64"));
SNIPPET(jmp_none, TO("jmp *%rax", ""));
SNIPPET(jmp_endbr32, TO("jmp *%rax", "endbr32"));
SNIPPET(jmp_memory, TO("push %rax; jmp *(%rsp)", ""));
SNIPPET(jmp_notrack, TO("notrack jmp *%rax", ""));
SNIPPET(call_endbr, TO("call *%rax", "endbr64"));
SNIPPET(call_none, TO("call *%rax", ""));
SNIPPET(call_notrack, TO("notrack call *%rax", ""));
SNIPPET(jmp_direct, "jmp 1f; nop; 1: nop");
SNIPPET(jcc_direct, "cmp %eax, %eax; je 1f; nop; 1: nop");
SNIPPET(call_direct, "call 1f; nop; 1: nop");
SNIPPET(ret_back, TO("push %rax; ret", ""));
SNIPPET(far_jmp_endbr, FAR_POINTER "ljmp *(%rsp); 1: endbr64");
SNIPPET(far_jmp_none, FAR_POINTER "ljmp *(%rsp); nop; 1: nop");
SNIPPET(far_call_none, FAR_POINTER "lcall *(%rsp); nop; 1: nop");
SNIPPET(iret_back,
	"mov %rsp, %rax; push $0x23; push %rax; pushf; push $0x2b;"
	"lea 1f(%rip), %rax; push %rax; iretq; 1: nop");
SNIPPET(endbr_alone, "endbr64; endbr32; nop");

static const struct {
	const char *what;
	const struct snippet *snippet;
	bool stopped, stopped_no_track;	/* NO_TRACK_EN clear, set */
} branches[] = {
	{ "JMP to ENDBR64",		&jmp_endbr,	false, false },
	{ "JMP elsewhere",		&jmp_none,	true,  true  },
	{ "JMP by memory",		&jmp_memory,	true,  true  },
	{ "JMP to ENDBR32",		&jmp_endbr32,	true,  true  },
	{ "JMP with NOTRACK",		&jmp_notrack,	true,  false },
	{ "CALL to ENDBR64",		&call_endbr,	false, false },
	{ "CALL elsewhere",		&call_none,	true,  true  },
	{ "CALL with NOTRACK",		&call_notrack,	true,  false },
	{ "far JMP to ENDBR64",		&far_jmp_endbr,	false, false },
	{ "far JMP elsewhere",		&far_jmp_none,	true,  true  },
	{ "far CALL elsewhere",		&far_call_none,	true,  true  },
	{ "direct JMP",			&jmp_direct,	false, false },
	{ "direct Jcc",			&jcc_direct,	false, false },
	{ "direct CALL",		&call_direct,	false, false },
	{ "RET",			&ret_back,	false, false },
	{ "IRET",			&iret_back,	false, false },
	{ "ENDBR without a branch",	&endbr_alone,	false, false },
};

static void branches_run(u64 bits)
{
	for_each(row, branches) SUBTEST("%s", row->what)
		WITH_IBT(bits) {
			bool stopped = bits & CET_NO_TRACK_EN ?
				       row->stopped_no_track : row->stopped;

			EXPECT_FAULT(stopped ? FAULT_CP(CP_ENDBRANCH) : FAULT_NONE,
				     snippet_run(row->snippet, 0));
			/* Whoever handles it finds the CPU waiting, and ends that. */
			EXPECT_EQ(rdmsr(MSR_U_CET) & CET_TRACKER,
				  stopped ? CET_TRACKER : 0);
		}
}

TEST(ibt, "indirect branches lead to ENDBR64, or to #CP", REQUIRES(CPU_IBT))
{
	branches_run(0);
}

TEST(ibt_no_track, "with NO_TRACK_EN a prefix excuses near ones", REQUIRES(CPU_IBT))
{
	branches_run(CET_NO_TRACK_EN);
}

TEST(ibt_off, "ENDBR_EN clear: branches lead anywhere", REQUIRES(CPU_IBT))
{
	WITH_CR4(CR4_CET, 0)
		WITH_MSR(MSR_U_CET, 0)
			for_each(row, branches) SUBTEST("%s", row->what)
				EXPECT_FAULT(FAULT_NONE, snippet_run(row->snippet, 0));
	WITH_MSR(MSR_U_CET, CET_ENDBR_EN)
		WITH_CR4(0, CR4_CET) SUBTEST("CR4.CET clear")
			EXPECT_FAULT(FAULT_NONE, snippet_run(&jmp_none, 0));
}

TEST(ibt_waiting, "user mode that waits for ENDBR64 goes on waiting, or is suppressed",
     REQUIRES(CPU_IBT))
{
	WITH_IBT(CET_TRACKER) {
		EXPECT_FAULT(FAULT_CP(CP_ENDBRANCH), snippet_run(&jmp_direct, 0));
		wrmsr(MSR_U_CET, CET_ENDBR_EN | CET_TRACKER);
		EXPECT_FAULT(FAULT_NONE, snippet_run(&endbr_alone, 0));
	}
	WITH_IBT(CET_SUPPRESS)
		EXPECT_FAULT(FAULT_NONE, snippet_run(&jmp_none, 0));
	/* Both at once is no state. */
	WITH_IBT(0)
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_U_CET, CET_ENDBR_EN |
						    CET_TRACKER | CET_SUPPRESS));
}

/* One bit a page of code: set, it may do without ENDBR64. */
TEST(ibt_legacy, "LEG_IW_EN: the bitmap tells what code is older", REQUIRES(CPU_IBT))
{
	u8 *bitmap = (u8 *)PAGES_SPARE;
	u64 code = (uintptr_t)jmp_none.begin / PAGE_SIZE;
	u8 *memory = pages_alloc_zeroed(1);

	/* Of the first GiB: 32 KiB, of which one page is enough here. */
	page_map(bitmap, (uintptr_t)memory, PTE_P | PTE_W | PTE_U);
	WITH_IBT(CET_LEG_IW_EN | (uintptr_t)bitmap)
		EXPECT_FAULT(FAULT_CP(CP_ENDBRANCH), snippet_run(&jmp_none, 0));
	memory[code / 8] = 1u << code % 8;
	WITH_IBT(CET_LEG_IW_EN | (uintptr_t)bitmap) {
		EXPECT_FAULT(FAULT_NONE, snippet_run(&jmp_none, 0));
		/* It stops looking, unless told not to. */
		EXPECT_EQ(rdmsr(MSR_U_CET) & (CET_SUPPRESS | CET_TRACKER), CET_SUPPRESS);
	}
	WITH_IBT(CET_LEG_IW_EN | CET_SUPPRESS_DIS | (uintptr_t)bitmap) {
		EXPECT_FAULT(FAULT_NONE, snippet_run(&jmp_none, 0));
		EXPECT_EQ(rdmsr(MSR_U_CET) & (CET_SUPPRESS | CET_TRACKER), 0);
	}
}
