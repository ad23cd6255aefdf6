/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What user mode may not is trapped, with the instruction in the syndrome, and what it
 * may is not: DDI 0487, D17.2.118 (SCTLR_EL1) and D17.2.37 (ESR_EL1, EC 0b011000).
 */
#include <asm/cpu.h>
#include <defs/el2.h>
#include <insn.h>
#include <scope.h>
#include <test.h>

ONLY_ON(arm64);

static char line[2048] __attribute__((aligned(2048)));

INSN(daifset, "msr daifset, #2");
INSN(daifclr, "msr daifclr, #2");
INSN(read_daif, "mrs xzr, daif");
INSN(dc_zva, "dc zva, %0", "r"(line));
INSN(read_ctr, "mrs xzr, ctr_el0");
INSN(ic_ivau, "ic ivau, %0", "r"(line));
INSN(dc_cvau, "dc cvau, %0", "r"(line));
INSN(dc_cvac, "dc cvac, %0", "r"(line));
INSN(dc_civac, "dc civac, %0", "r"(line));

static const struct {
	const struct insn *insn;
	u64 allows;		/* bit of SCTLR_EL1 */
	u32 iss;
} traps[] = {
	{ &daifset,   SCTLR_UMA, ISS_SYSREG(0, 3, 4, 2, 6, ISS_SYSREG_WRITE) },
	{ &daifclr,   SCTLR_UMA, ISS_SYSREG(0, 3, 4, 2, 7, ISS_SYSREG_WRITE) },
	{ &read_daif, SCTLR_UMA, ISS_SYSREG(3, 3, 4, 2, 1, ISS_SYSREG_READ) },
	{ &dc_zva,    SCTLR_DZE, ISS_SYSREG(1, 3, 7, 4, 1, ISS_SYSREG_WRITE) },
	{ &read_ctr,  SCTLR_UCT, ISS_SYSREG(3, 3, 0, 0, 1, ISS_SYSREG_READ) },
	{ &ic_ivau,   SCTLR_UCI, ISS_SYSREG(1, 3, 7, 5, 1, ISS_SYSREG_WRITE) },
	{ &dc_cvau,   SCTLR_UCI, ISS_SYSREG(1, 3, 7, 11, 1, ISS_SYSREG_WRITE) },
	{ &dc_cvac,   SCTLR_UCI, ISS_SYSREG(1, 3, 7, 10, 1, ISS_SYSREG_WRITE) },
	{ &dc_civac,  SCTLR_UCI, ISS_SYSREG(1, 3, 7, 14, 1, ISS_SYSREG_WRITE) },
};

TEST(trapped, "SCTLR bit clear: a trap from user mode, none in the kernel")
{
	for_each(row, traps) SUBTEST("%s", row->insn->name)
		WITH_SCTLR(0, row->allows) {
			EXPECT_FAULT(FAULT_SYSREG(row->iss), exec(*row->insn, .user = true));
			EXPECT_FAULT(FAULT_NONE, exec(*row->insn));
			irq_disable();
		}
}

TEST(allowed, "SCTLR bit set: no trap")
{
	for_each(row, traps) SUBTEST("%s", row->insn->name)
		WITH_SCTLR(row->allows, 0)
			EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .user = true));
}

INSN(read_cntvct, "mrs xzr, cntvct_el0");
INSN(read_cntpct, "mrs xzr, cntpct_el0");
INSN(read_cntv_ctl, "mrs xzr, cntv_ctl_el0");
INSN(read_cntp_ctl, "mrs xzr, cntp_ctl_el0");

/* CNTKCTL_EL1, at EL2 with VHE CNTHCTL_EL2 by the same name: D17.8.15 */
static const struct {
	const struct insn *insn;
	u64 allows;
	u32 iss;
} timers[] = {
	{ &read_cntpct,   1 << 0, ISS_SYSREG(3, 3, 14, 0, 1, ISS_SYSREG_READ) },
	{ &read_cntvct,   1 << 1, ISS_SYSREG(3, 3, 14, 0, 2, ISS_SYSREG_READ) },
	{ &read_cntv_ctl, 1 << 8, ISS_SYSREG(3, 3, 14, 3, 1, ISS_SYSREG_READ) },
	{ &read_cntp_ctl, 1 << 9, ISS_SYSREG(3, 3, 14, 2, 1, ISS_SYSREG_READ) },
};

static void cntkctl_write(u64 value)
{
	sysreg_write(cntkctl_el1, value);
	isb();
}

TEST(timer, "CNTKCTL decides about each counter and timer by itself")
{
	u64 old = sysreg_read(cntkctl_el1);

	for_each(row, timers) SUBTEST("%s", row->insn->name) {
		cntkctl_write(old & ~row->allows);
		EXPECT_FAULT(FAULT_SYSREG(row->iss), exec(*row->insn, .user = true));
		EXPECT_FAULT(FAULT_NONE, exec(*row->insn));
		cntkctl_write(old | row->allows);
		EXPECT_FAULT(FAULT_NONE, exec(*row->insn, .user = true));
		cntkctl_write(old);
	}
}

INSN(read_sctlr, "mrs xzr, sctlr_el1");
INSN(write_vbar, "msr vbar_el1, xzr");
INSN(tlbi_all, "tlbi vmalle1");
INSN(dc_ivac, "dc ivac, %0", "r"(line));
INSN(at_read, "at s1e1r, %0", "r"(line));
INSN(eret, "eret");
INSN(hvc, "hvc #0");

static const struct insn *const undefined[] = {
	&read_sctlr, &write_vbar, &tlbi_all, &dc_ivac, &at_read, &eret, &hvc,
};

TEST(undefined, "what is the kernel's alone is undefined in user mode")
{
	for_each(insn, undefined) SUBTEST("%s", (*insn)->name)
		EXPECT_FAULT(FAULT_UNDEFINED, exec(**insn, .user = true));
}
