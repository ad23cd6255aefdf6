/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the supervisor may and may not, and what it lets user mode do: privileged ISA 1.13,
 * chapters 2 and 12; Zicntr, F, Zicboz, Sstc; misaligned accesses, LR and SC, FENCE.I.
 */
#include <asm/cpu.h>
#include <asm/page.h>
#include <boot.h>
#include <boot_tree.h>
#include <fdt.h>
#include <insn.h>
#include <paging.h>
#include <sbi.h>
#include <scope.h>
#include <test.h>

INSN(user_sstatus, "csrr zero, 0x100");
INSN(user_satp, "csrw 0x180, zero");
INSN(user_sret, "sret");
INSN(user_sfence, "sfence.vma");

TEST(privilege, "registers of higher levels, and read-only ones, are illegal (2.1)")
{
	SUBTEST("machine") {
		EXPECT_FAULT(FAULT_ILLEGAL, TRY("csrr zero, 0x300"));
		EXPECT_FAULT(FAULT_ILLEGAL, TRY("csrr zero, 0xf14"));
		EXPECT_FAULT(FAULT_ILLEGAL, TRY("mret"));
	}
	SUBTEST("read-only") {
		EXPECT_FAULT(FAULT_NONE, TRY("csrr zero, 0xc01"));
		EXPECT_FAULT(FAULT_ILLEGAL, TRY("csrw 0xc01, zero"));
		/* With x0, nothing is written. */
		EXPECT_FAULT(FAULT_NONE, TRY("csrs 0xc01, zero"));
	}
	SUBTEST("user mode") {
		EXPECT_FAULT(FAULT_ILLEGAL, exec(user_sstatus, .user = true));
		EXPECT_FAULT(FAULT_ILLEGAL, exec(user_satp, .user = true));
		EXPECT_FAULT(FAULT_ILLEGAL, exec(user_sret, .user = true));
		EXPECT_FAULT(FAULT_ILLEGAL, exec(user_sfence, .user = true));
	}
}

TEST(no_hypervisor, "without H, its registers are illegal", LACKS(CPU_ISA_H))
{
	EXPECT_FAULT(FAULT_ILLEGAL, TRY("csrr zero, 0x600"));
	EXPECT_FAULT(FAULT_ILLEGAL, TRY("csrr zero, 0x680"));
	EXPECT_FAULT(FAULT_ILLEGAL, TRY("csrr zero, 0x200"));
}

INSN(user_cycle, "csrr zero, 0xc00");
INSN(user_time, "csrr zero, 0xc01");
INSN(user_instret, "csrr zero, 0xc02");

TEST(counters, "SCOUNTEREN lets user mode read counters, one by one (12.1.5)")
{
	static const struct {
		const struct insn *insn;
		unsigned long bit;
	} rows[] = {
		{ &user_cycle, COUNTEREN_CY },
		{ &user_time, COUNTEREN_TM },
		{ &user_instret, COUNTEREN_IR },
	};

	for_each(row, rows) SUBTEST("%s", row->insn->name) {
		const struct insn *insn = row->insn;

		if (exec_insn(insn, (struct how){ .user = false }).raised) {
			skip("the firmware keeps it for itself");
			continue;
		}
		WITH_CSR(SCOUNTEREN, row->bit, 0)
			EXPECT_FAULT(FAULT_NONE, exec(*insn, .user = true));
		WITH_CSR(SCOUNTEREN, ~row->bit, row->bit) {
			EXPECT_FAULT(FAULT_ILLEGAL, exec(*insn, .user = true));
			EXPECT_FAULT(FAULT_NONE, exec(*insn));
		}
	}
}

/* fmv.w.x ft0, zero and frcsr zero, for assemblers that are told of no F. */
#define FMV_W_X		".4byte 0xf0000053"
#define FRCSR		".4byte 0x00302073"

INSN(user_fmv, FMV_W_X);

TEST(floating_point, "SSTATUS.FS turns floating point off, and sees what is written",
     REQUIRES(CPU_ISA_F))
{
	SUBTEST("off") WITH_SSTATUS(0, SSTATUS_FS) {
		EXPECT_FAULT(FAULT_ILLEGAL, TRY(FMV_W_X));
		EXPECT_FAULT(FAULT_ILLEGAL, TRY(FRCSR));
		EXPECT_FAULT(FAULT_ILLEGAL, exec(user_fmv, .user = true));
	}
	SUBTEST("on") WITH_SSTATUS(SSTATUS_FS_INITIAL, SSTATUS_FS) {
		EXPECT_FAULT(FAULT_NONE, TRY(FMV_W_X));
		EXPECT_EQ(csr_read(CSR_SSTATUS) & SSTATUS_FS, SSTATUS_FS);
		/* SD is the register's highest bit: something is dirty. */
		EXPECT((long)csr_read(CSR_SSTATUS) < 0);
		EXPECT_FAULT(FAULT_NONE, TRY(FRCSR));
		EXPECT_FAULT(FAULT_NONE, exec(user_fmv, .user = true));
	}
}

static char block[4096] __attribute__((aligned(4096)));

/* cbo.zero (a0), by its number. */
#define CBO_ZERO	".insn i 0x0f, 2, x0, %0, 4"

INSN(user_zero, CBO_ZERO, "r"(block));

static bool is_zero(unsigned int from, unsigned int to)
{
	for (; from < to; from++)
		if (block[from])
			return false;
	return true;
}

TEST(zicboz, "CBO.ZERO clears a block, and SENVCFG lets user mode do it",
     REQUIRES(CPU_ZICBOZ))
{
	u64 size = 64;

	fdt_number(boot_info.fdt, boot_tree_cpu(0), "riscv,cboz-block-size", 0, 1, &size);
	memset(block, 0x5a, sizeof(block));
	EXPECT_FAULT(FAULT_NONE, TRY(CBO_ZERO, "r"(block + size)));
	EXPECT(is_zero(size, 2 * size));
	EXPECT_EQ(block[size - 1], 0x5a);
	EXPECT_EQ(block[2 * size], 0x5a);
	WITH_CSR(SENVCFG, 0, SENVCFG_CBZE)
		EXPECT_FAULT(FAULT_ILLEGAL, exec(user_zero, .user = true));
	EXPECT_EQ(block[0], 0x5a);
	WITH_CSR(SENVCFG, SENVCFG_CBZE, 0)
		EXPECT_FAULT(FAULT_NONE, exec(user_zero, .user = true));
	EXPECT(is_zero(0, size));
	/* It is a store: to a page that is read-only, a fault of one. */
	WITH_PTE(block, 0, PTE_WRITE)
		EXPECT_FAULT(FAULT(STORE_PAGE), TRY(CBO_ZERO, "r"(block)));
}

INSN(user_stimecmp, "csrr zero, 0x14d");

TEST(sstc, "STIMECMP makes the timer pending, and is the supervisor's alone",
     REQUIRES(CPU_SSTC))
{
	WITH_SIE(0, -1ul) {
		sbi_timer_set(-1ull);
		EXPECT_EQ(csr_read(CSR_SIP) & IRQ_BIT(IRQ_TIMER), 0);
		sbi_timer_set(0);
		EXPECT(csr_read(CSR_SIP) & IRQ_BIT(IRQ_TIMER));
		/* Nothing but the comparison clears it. */
		csr_clear(CSR_SIP, IRQ_BIT(IRQ_TIMER));
		EXPECT(csr_read(CSR_SIP) & IRQ_BIT(IRQ_TIMER));
		sbi_timer_set(-1ull);
		EXPECT_EQ(csr_read(CSR_SIP) & IRQ_BIT(IRQ_TIMER), 0);
	}
	EXPECT_FAULT(FAULT_ILLEGAL, exec(user_stimecmp, .user = true));
}

TEST(misaligned, "a misaligned access is whole, or an exception; its fault has an address")
{
	char *pages = (char *)PAGES_SPARE, *end = pages + PAGE_SIZE;
	u32 *memory = pages_alloc(1);
	unsigned long value = 0;
	struct fault fault;

	memory[0] = 0x44332211;
	memory[1] = 0x88776655;
	for (unsigned int at = 1; at < 4; at++) SUBTEST("load at %u", at) {
		fault = TRY_OUT("lw %0, 0(%1)", OUT("=r"(value)), "r"((char *)memory + at));
		if (fault.raised)
			EXPECT_FAULT(FAULT_AT(LOAD_MISALIGNED, (char *)memory + at), fault);
		else
			EXPECT_EQ((u32)value, memory[0] >> 8 * at | memory[1] << (32 - 8 * at));
	}
	/* The part that faults is in the second page (12.1.9). */
	SUBTEST("across two pages") {
		page_map(pages, (uintptr_t)memory, PAGE_DATA);
		page_map(end, 0, PAGE_NONE);
		fault = TRY_OUT("lw %0, 0(%1)", OUT("=r"(value)), "r"(end - 2));
		EXPECT(fault.raised);
		if (fault.cause != EXCEPTION_LOAD_MISALIGNED)
			EXPECT_FAULT(FAULT_LOAD_PAGE(end), fault);
	}
}

static unsigned long lr_sc(u32 *reserved, u32 *stored, u32 value)
{
	unsigned long failed;

	asm volatile("lr.w %0, (%1)\n\t"
		     "sc.w %0, %3, (%2)"
		     : "=&r"(failed) : "r"(reserved), "r"(stored), "r"(value) : "memory");
	return failed;
}

TEST(reservations, "SC succeeds with a reservation, and never without one")
{
	static u32 words[1024] __attribute__((aligned(4096)));
	unsigned long failed = 1;

	words[0] = words[512] = 0;
	/* It may fail now and then, but not for ever. */
	for (unsigned int i = 0; failed && i < 10000; i++)
		failed = lr_sc(&words[0], &words[0], 7);
	EXPECT_EQ(failed, 0);
	EXPECT_EQ(words[0], 7);
	/* The second of two has none left. */
	asm volatile("sc.w %0, %2, (%1)" : "=r"(failed) : "r"(words), "r"(9) : "memory");
	EXPECT(failed);
	EXPECT_EQ(words[0], 7);
	/* Half a page away is no part of any reservation. */
	EXPECT(lr_sc(&words[0], &words[512], 9));
	EXPECT_EQ(words[512], 0);
}

#define CODE_LI_A0(n)	(0x00000513u | (u32)(n) << 20)	/* li a0, n */
#define CODE_RET	0x00008067u

TEST(fence_i, "instructions that were written are those that run")
{
	u32 *code = pages_alloc(1);
	long (*run)(void) = (long (*)(void))PAGES_SPARE;

	page_map((void *)PAGES_SPARE, (uintptr_t)code, PAGE_CODE);
	code[1] = CODE_RET;
	for (long n = 1; n < 50; n++) {
		code[0] = CODE_LI_A0(n);
		code_changed();
		REQUIRE_EQ(run(), n);
	}
}
