/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CR4 and CR3 have the bits that CPUID announces (SDM 3A 2.5; SDM 2B, MOV to control
 * registers): others are reserved, #GP(0), and the register stays as it was.
 */
#include <scope.h>
#include <test.h>
#include <touch.h>

struct row {
	const char *what;
	u64 bit;
	unsigned int feature;	/* 0: no feature has it */
};

static const struct row old[] = {
	{ "VME",	CR4_VME,	CPU_VME },
	{ "PVI",	CR4_PVI,	CPU_VME },
	{ "TSD",	CR4_TSD,	CPU_TSC },
	{ "DE",		CR4_DE,		CPU_DE },
	{ "PSE",	CR4_PSE,	CPU_PSE },
	{ "MCE",	CR4_MCE,	CPU_MCE },
	{ "PGE",	CR4_PGE,	CPU_PGE },
	{ "OSFXSR",	CR4_OSFXSR,	CPU_FXSR },
	{ "UMIP",	CR4_UMIP,	CPU_UMIP },
	{ "OSXSAVE",	CR4_OSXSAVE,	CPU_XSAVE },
	{ "SMEP",	CR4_SMEP,	CPU_SMEP },
	{ "SMAP",	CR4_SMAP,	CPU_SMAP },
};

/* Those of 64-bit mode, and those that are younger than some hypervisors. */
static const struct row young_cr4[] = {
#if IS_64BIT
	{ "FSGSBASE",	CR4_FSGSBASE,	CPU_FSGSBASE },
	{ "PKE",	CR4_PKE,	CPU_PKU },
	{ "PKS",	CR4_PKS,	CPU_PKS },
	{ "bit 63",	BIT(63),	0 },
	{ "LAM_SUP",	CR4_LAM_SUP,	CPU_LAM },
#endif
	{ "LASS",	CR4_LASS,	CPU_LASS },
	{ "CET",	CR4_CET,	CPU_SHSTK },
	{ "bit 15",	BIT(15),	0 },
	{ "bit 31",	BIT(31),	0 },
};

static void cr4_check(const struct row *row)
{
	unsigned long cr4 = read_cr4();
	bool there = row->feature && cpu_has(row->feature);

	/* CET is either of two features. */
	if (row->bit == CR4_CET)
		there |= cpu_has(CPU_IBT);
	if (there && row->bit == CR4_LASS)
		return skip("the image lies where LASS lets no supervisor be");
	EXPECT_FAULT(there ? FAULT_NONE : FAULT_GP(0), try_write_cr4(cr4 | row->bit));
	EXPECT_EQ(read_cr4(), there ? cr4 | row->bit : cr4);
	write_cr4(cr4);
}

/* In a space where SMEP and SMAP stop nothing of the image's own. */
TEST(cr4, "CR4: bits of the older features")
{
	WITH_SPLIT_SPACE()
		for_each(row, old) SUBTEST("%s", row->what)
			cr4_check(row);
}

static struct fault try_cr3(u64 value)
{
	return TRY("mov %0, %%cr3", "r"((unsigned long)value));
}

static const struct row young_cr3[] = {
	{ "LAM_U57",	CR3_LAM_U57,	CPU_LAM },
	{ "LAM_U48",	CR3_LAM_U48,	CPU_LAM },
	{ "bit 63, PCIDE clear", CR3_NO_FLUSH, 0 },
	{ "bit 60",	BIT(60),	0 },
	{ "bit 52",	BIT(52),	0 },
};

static void cr3_check(const struct row *row)
{
	bool there = row->feature && cpu_has(row->feature);
	u64 cr3 = read_cr3();

	EXPECT_FAULT(there ? FAULT_NONE : FAULT_GP(0), try_cr3(cr3 | row->bit));
	EXPECT_EQ(read_cr3(), there ? cr3 | row->bit : cr3);
	write_cr3(cr3);
}

/* One TEST: a hypervisor that hangs at one of them hangs at all. */
TEST(young, "CR4 and CR3: bits of the younger features, and of none")
{
	unsigned int bits = cpuid(0x80000008, 0).reg[CPUID_EAX] & 0xff;

	WITH_SPLIT_SPACE()
		for_each(row, young_cr4) SUBTEST("CR4: %s", row->what)
			cr4_check(row);
	if (!IS_64BIT)
		return;
	for_each(row, young_cr3) SUBTEST("CR3: %s", row->what)
		cr3_check(row);
	if (bits < 52) SUBTEST("CR3: the lowest")
		EXPECT_FAULT(FAULT_GP(0), try_cr3(read_cr3() | BIT(bits)));
}
