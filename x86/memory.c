/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Cache control and fences (SDM 2A, CLFLUSH, CLFLUSHOPT, CLWB; SDM 2B, the fences;
 * SDM 3A 4.8): they run at any CPL where CPUID announces them.  Those that name a
 * line of memory read it as a load does: same faults, A set, D not, nothing changed.
 */
#include <insn.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

static u8 line[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u8 *at = line;

INSN(clflush, "clflush (%0)", "r"(at));
INSN(clflushopt, "clflushopt (%0)", "r"(at));
INSN(clwb, "clwb (%0)", "r"(at));
INSN(sfence, "sfence");
INSN(lfence, "lfence");
INSN(mfence, "mfence");
INSN(pcommit, ".byte 0x66, 0x0f, 0xae, 0xf8");
INSN(lock_clflush, ".byte 0xf0; clflush (%0)", "r"(at));
INSN(lock_clwb, ".byte 0xf0; clwb (%0)", "r"(at));
INSN(lock_mfence, ".byte 0xf0; mfence");

static const struct row {
	const struct insn *insn;
	unsigned int feature;
	bool names_line;
	const struct insn *locked;	/* NULL: undefined, or another instruction */
} rows[] = {
	{ &clflush,    CPU_CLFLUSH,    true,  &lock_clflush },
	{ &clflushopt, CPU_CLFLUSHOPT, true,  NULL },
	{ &sfence,     CPU_SSE,	       false, NULL },
	{ &lfence,     CPU_SSE2,       false, NULL },
	{ &mfence,     CPU_SSE2,       false, &lock_mfence },
	{ &clwb,       CPU_CLWB,       true,  &lock_clwb },
	{ &pcommit,    CPU_PCOMMIT,    false, NULL },
};

enum which { ALL, OF_LINES, WITH_LOCK };

static bool chosen(const struct row *row, enum which which)
{
	return which == ALL || (which == OF_LINES ? row->names_line : !!row->locked);
}

/* One SUBTEST for each of them that CPUID announces. */
static void each(enum which which, void (*check)(const struct row *row))
{
	for_each(row, rows) if (chosen(row, which)) SUBTEST("%s", row->insn->name) {
		if (cpu_has(row->feature))
			check(row);
		else
			skip("CPUID does not announce it");
	}
}

static void run_check(const struct row *row)
{
	for (unsigned int i = 0; i < PAGE_SIZE; i += 64)
		line[i] = i / 64 + 1;
	EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .cpl = 0));
	EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .cpl = 3));
	for (unsigned int i = 0; i < PAGE_SIZE; i += 64)
		EXPECT_EQ(line[i], i / 64 + 1);
}

TEST(run, "each runs at CPL 0 and 3, and changes no memory")
{
	each(ALL, run_check);
}

static void absent_page_check(const struct row *row)
{
	WITH_PTE(line, 0, PTE_P) {
		EXPECT_FAULT(FAULT_PF_AT(line, 0), exec(*row->insn, .cpl = 0));
		EXPECT_FAULT(FAULT_PF_AT(line, PF_U), exec(*row->insn, .cpl = 3));
	}
	WITH_PTE(line, 0, PTE_U) {
		EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .cpl = 0));
		EXPECT_FAULT(FAULT_PF_AT(line, PF_P | PF_U),
			     exec(*row->insn, .cpl = 3));
	}
}

TEST(absent_page, "a line that is not there is #PF, as a load's")
{
	each(OF_LINES, absent_page_check);
}

static void read_only_check(const struct row *row)
{
	WITH_PTE(line, 0, PTE_W) {
		EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .cpl = 0));
		EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .cpl = 3));
	}
}

TEST(read_only, "a line of a read-only page may be named: it is read")
{
	each(OF_LINES, read_only_check);
}

static void accessed_check(const struct row *row)
{
	WITH_PTE(line, 0, PTE_A | PTE_D) {
		EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .cpl = 3));
		EXPECT_EQ(pte_read(pte_at(line)) & (PTE_A | PTE_D), PTE_A);
	}
}

TEST(accessed, "naming a line sets A of its page, and not D")
{
	each(OF_LINES, accessed_check);
}

static void not_canonical_check(const struct row *row)
{
	at = (u8 *)(uintptr_t)BIT(62);
	EXPECT_FAULT(FAULT_GP(0), exec(*row->insn, .cpl = 0));
	EXPECT_FAULT(FAULT_GP(0), exec(*row->insn, .cpl = 3));
	at = line;
}

TEST(not_canonical, "an address that is not canonical is #GP(0)")
{
	if (!IS_64BIT)
		return skip("every address is");
	each(OF_LINES, not_canonical_check);
}

static void lock_check(const struct row *row)
{
	EXPECT_FAULT(FAULT_UD, exec(*row->locked, .cpl = 0));
}

TEST(lock, "LOCK before those that do not take it is #UD")
{
	each(WITH_LOCK, lock_check);
}
