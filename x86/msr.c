/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Model-specific registers (SDM 4; APM 2, "MSR Cross-Reference"): what can be
 * written reads back, what cannot is #GP(0).
 */
#include <asm/cpu.h>
#include <defs/apic.h>
#include <apic.h>
#include <insn.h>
#include <scope.h>
#include <test.h>

#define NONCANONICAL	0x8000123456780000ull
#define CANONICAL	(IS_64BIT ? 0x123456789abcull : 0x12345678ull)

ARGUMENTS("[index value, both hexadecimal: just that round trip]");

static bool one_msr(u32 *index, u64 *value)
{
	u64 number;
	bool good = argument(0) && parse_number(argument(0), 16, &number) &&
		argument(1) && parse_number(argument(1), 16, value);

	*index = good ? number : 0;
	return good;
}

/* Everything but the round trip that was asked for steps aside. */
static bool all_wanted(void)
{
	return !argument(0);
}

static void round_trip(u32 msr, u64 value)
{
	u64 old, got;

	if (!EXPECT_FAULT(FAULT_NONE, try_rdmsr(msr, &old)))
		return;
	EXPECT_FAULT(FAULT_NONE, try_wrmsr(msr, value));
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(msr, &got));
	EXPECT_EQ(got, value);
	try_wrmsr(msr, old);
}

TEST(argument_round_trip, "the MSR and value that the arguments name")
{
	u32 msr;
	u64 value;

	if (all_wanted())
		return skip("no argument");
	if (!one_msr(&msr, &value))
		return error("arguments: an MSR and a value, hexadecimal");
	round_trip(msr, value);
}

static const struct {
	const char *name;
	u32 msr;
	u64 value;
} plain[] = {
	{ "IA32_SYSENTER_CS",	MSR_SYSENTER_CS,	0x1234 },
	{ "IA32_SYSENTER_ESP",	MSR_SYSENTER_ESP,	CANONICAL },
	{ "IA32_SYSENTER_EIP",	MSR_SYSENTER_EIP,	CANONICAL },
	{ "IA32_MISC_ENABLE",	MSR_MISC_ENABLE,	0x400c50809 },
	{ "IA32_PAT",		MSR_PAT,		0x07070707 },
};

/* Bits 7, 11 and 12 tell of counters, BTS and PEBS; they cannot be written. */
#define MISC_ENABLE_READ_ONLY	(BIT(7) | BIT(11) | BIT(12))

static void misc_enable(u64 value)
{
	u64 now;

	if (!cpu_is_intel())
		return skip("Intel only");
	if (EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_MISC_ENABLE, &now)))
		round_trip(MSR_MISC_ENABLE, (value & ~MISC_ENABLE_READ_ONLY) |
			   (now & MISC_ENABLE_READ_ONLY));
}

TEST(common, "registers of every CPU keep what is written")
{
	if (!all_wanted())
		return skip("one MSR was asked for");
	for_each(row, plain) SUBTEST("%s", row->name) {
		if (row->msr == MSR_MISC_ENABLE)
			misc_enable(row->value);
		else
			round_trip(row->msr, row->value);
	}
	/* Intel's CPUID shows SYSCALL in 64-bit mode only. */
	SUBTEST("EFER.SCE") {
		if (cpu_has(CPU_SYSCALL) || cpu_has(CPU_LM))
			round_trip(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE);
		else
			skip("no SYSCALL");
	}
}

static const struct {
	const char *name;
	u32 msr;
	u64 value;
	bool canonical;		/* a non-canonical value is #GP(0) */
} wide[] = {
	{ "FS_BASE",		MSR_FS_BASE,		0x123456789abc, true },
	{ "GS_BASE",		MSR_GS_BASE,		0x123456789abc, true },
	{ "KERNEL_GS_BASE",	MSR_KERNEL_GS_BASE,	0x123456789abc, true },
	{ "LSTAR",		MSR_LSTAR,		0x123456789abc, true },
	{ "CSTAR",		MSR_CSTAR,		0x123456789abc, true },
	{ "SFMASK",		MSR_SFMASK,		0xffffffff,	false },
};

TEST(long_mode, "long mode's registers keep canonical addresses only",
     REQUIRES(CPU_LM),
     XFAIL_ON(HYPERVISOR_TCG, "QEMU's WRMSR takes non-canonical addresses"))
{
	if (!all_wanted())
		return skip("one MSR was asked for");
	for_each(row, wide) SUBTEST("%s", row->name) {
		round_trip(row->msr, row->value);
		if (row->canonical)
			EXPECT_FAULT(FAULT_GP(0),
				     try_wrmsr(row->msr, NONCANONICAL));
	}
}

TEST(long_mode_absent, "without long mode its registers are not there",
     LACKS(CPU_LM))
{
	if (!all_wanted())
		return skip("one MSR was asked for");
	for_each(row, wide) SUBTEST("%s", row->name) {
		EXPECT_FAULT(FAULT_GP(0), try_rdmsr(row->msr, NULL));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(row->msr, row->value));
	}
}

static void write_each(u32 msr, const u64 *values, unsigned int n,
		       struct fault want)
{
	for (unsigned int i = 0; i < n; i++)
		EXPECT_FAULT(want, try_wrmsr(msr, values[i]));
}

static void machine_check_bank(u32 ctl)
{
	static const u64 extremes[] = { 0, ~0ull };
	static const u64 addresses[] = { 0, ~0ull, NONCANONICAL };
	unsigned int n = IS_64BIT ? 3 : 2;

	write_each(ctl, extremes, 2, FAULT_NONE);
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(ctl, NONCANONICAL));
	EXPECT_FAULT(FAULT_NONE, try_wrmsr(ctl + 1, 0));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(ctl + 1, 1));
	write_each(ctl + 2, addresses, n, FAULT_NONE);
	write_each(ctl + 3, addresses, n, FAULT_NONE);
	write_each(ctl + 2, addresses, 1, FAULT_NONE);
	write_each(ctl + 3, addresses, 1, FAULT_NONE);
}

TEST(machine_check, "each bank that IA32_MCG_CAP counts, and none beyond",
     REQUIRES(CPU_MCA),
     XFAIL_ON(HYPERVISOR_TCG, "QEMU's WRMSR to a bank takes any value"))
{
	u32 banks;

	if (!all_wanted())
		return skip("one MSR was asked for");
	banks = rdmsr(MSR_MCG_CAP) & MCG_CAP_BANKS;
	for (u32 bank = 0; bank < 32; bank++) SUBTEST("bank %u", bank) {
		u32 ctl = MSR_MC0_CTL + 4 * bank;

		if (bank < banks)
			machine_check_bank(ctl);
		else
			for (u32 msr = ctl; msr < ctl + 4; msr++) {
				EXPECT_FAULT(FAULT_GP(0), try_rdmsr(msr, NULL));
				EXPECT_FAULT(FAULT_GP(0), try_wrmsr(msr, 0));
			}
	}
}

/* SDM 3A, table "Local APIC Register Address Map Supported by x2APIC". */
static const struct {
	u8 first, last;		/* MSR_X2APIC + these */
	bool read, write;
} x2apic[] = {
	{ 0x02, 0x03, true, false },	/* id, version */
	{ 0x08, 0x08, true, true },	/* TPR */
	{ 0x0a, 0x0a, true, false },	/* PPR */
	{ 0x0b, 0x0b, false, true },	/* EOI */
	{ 0x0d, 0x0d, true, false },	/* LDR */
	{ 0x0f, 0x0f, true, true },	/* SVR */
	{ 0x10, 0x27, true, false },	/* ISR, TMR, IRR */
	{ 0x28, 0x28, true, true },	/* ESR */
	{ 0x30, 0x30, true, true },	/* ICR */
	{ 0x32, 0x38, true, true },	/* LVT, initial count */
	{ 0x39, 0x39, true, false },	/* current count */
	{ 0x3e, 0x3e, true, true },	/* divide configuration */
	{ 0x3f, 0x3f, false, true },	/* self IPI */
};

#define X2APIC_LVT_CMCI	0x2f
#define LVT_ENTRIES(version)	(((version) >> 16 & 0xff) + 1)

/* The LVT's entry for corrected machine checks, its seventh. */
static bool has_cmci(void)
{
	return LVT_ENTRIES(apic_read(APIC_VERSION)) >= 7;
}

static void x2apic_register(u32 offset, bool on)
{
	bool read = on && offset == X2APIC_LVT_CMCI && has_cmci(), write = read;
	u64 value = 0;

	for_each(row, x2apic)
		if (on && offset >= row->first && offset <= row->last) {
			read = row->read;
			write = row->write;
		}
	EXPECT_FAULT(read ? FAULT_NONE : FAULT_GP(0),
		     try_rdmsr(MSR_X2APIC + offset, &value));
	/* All but the ICR are 32 bits wide. */
	if (read && offset != APIC_ICR / 16)
		EXPECT_EQ(value >> 32, 0);
	/* A self IPI would have to be taken, an ICR write delivered. */
	if (write && offset != APIC_SELF_IPI / 16 && offset != APIC_ICR / 16)
		EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_X2APIC + offset,
						   read ? value : 0));
	if (offset != APIC_ICR / 16 || !write)
		EXPECT_FAULT(FAULT_GP(0),
			     try_wrmsr(MSR_X2APIC + offset, ~0ull));
}

TEST(x2apic_off, "in xAPIC mode the x2APIC registers are not there",
     XFAIL_ON(HYPERVISOR_TCG, "QEMU ignores accesses to MSRs that do not exist"))
{
	if (!all_wanted())
		return skip("one MSR was asked for");
	if (apic_is_x2())
		return skip("the APIC is in x2APIC mode");
	for (u32 offset = 0; offset < 0x100; offset++)
		SUBTEST("%#x", MSR_X2APIC + offset)
			x2apic_register(offset, false);
}

static void x2apic_leave(struct scope *scope)
{
	u64 base = rdmsr(MSR_APIC_BASE);

	(void)scope;
	/* From x2APIC the way back leads through "disabled" (SDM 3A). */
	wrmsr(MSR_APIC_BASE, base & ~(u64)(APIC_BASE_EN | APIC_BASE_EXTD));
	wrmsr(MSR_APIC_BASE, (base & ~(u64)APIC_BASE_EXTD) | APIC_BASE_EN);
}

TEST(x2apic_on, "in x2APIC mode each register by its class", REQUIRES(CPU_X2APIC))
{
	struct scope scope;

	if (!all_wanted())
		return skip("one MSR was asked for");
	scope_enter(&scope, x2apic_leave);
	apic_enable_x2();
	for (u32 offset = 0; offset < 0x100; offset++)
		SUBTEST("%#x", MSR_X2APIC + offset)
			x2apic_register(offset, true);
	scope_exit(&scope);
}

TEST(spec_ctrl, "IA32_SPEC_CTRL has the bits that CPUID announces",
     XFAIL_ON(HYPERVISOR_TCG, "QEMU ignores accesses to MSRs that do not exist"))
{
	u64 bits = 0;

	if (!all_wanted())
		return skip("one MSR was asked for");
	if (cpu_has(CPU_SPEC_CTRL) || cpu_has(CPU_AMD_IBRS))
		bits |= SPEC_CTRL_IBRS;
	if (cpu_has(CPU_STIBP) || cpu_has(CPU_AMD_STIBP))
		bits |= SPEC_CTRL_STIBP;
	if (cpu_has(CPU_SSBD) || cpu_has(CPU_AMD_SSBD))
		bits |= SPEC_CTRL_SSBD;
	for (u64 value = 0; bits && value <= bits; value++)
		if (!(value & ~bits))
			round_trip(MSR_SPEC_CTRL, value);
	if (!bits) {
		EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_SPEC_CTRL, NULL));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_SPEC_CTRL, 0));
	}
}

static void command_msr(u32 msr, bool present)
{
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(msr, NULL));
	for (u64 value = 0; value <= 1; value++)
		EXPECT_FAULT(present ? FAULT_NONE : FAULT_GP(0),
			     try_wrmsr(msr, value));
}

TEST(commands, "IA32_PRED_CMD and IA32_FLUSH_CMD take commands and do not read",
     XFAIL_ON(HYPERVISOR_TCG, "QEMU ignores accesses to MSRs that do not exist"))
{
	if (!all_wanted())
		return skip("one MSR was asked for");
	SUBTEST("IA32_PRED_CMD")
		command_msr(MSR_PRED_CMD, cpu_has(CPU_SPEC_CTRL) ||
			    cpu_has(CPU_AMD_IBPB));
	SUBTEST("IA32_FLUSH_CMD")
		command_msr(MSR_FLUSH_CMD, cpu_has(CPU_L1D_FLUSH));
}

/* Where the CPU has the command itself, WRMSR may never reach the hypervisor. */
TEST(commands_forced, "the emulator's WRMSR: bits of IA32_FLUSH_CMD beyond bit 0 are #GP(0)",
     DEVICE(DEVICE_FEP))
{
	if (!all_wanted())
		return skip("one MSR was asked for");
	for (unsigned int bit = 1; bit < 64; bit++)
		EXPECT_FAULT(FAULT_GP(0),
			     TRY_FORCED("wrmsr", "c"(MSR_FLUSH_CMD), "a"((u32)BIT(bit)),
					"d"((u32)(BIT(bit) >> 32))));
}
