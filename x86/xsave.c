/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XCR0, which says what XSAVE manages and AVX may use (SDM 1, "Enabling the XSAVE
 * Feature Set and XSAVE-Enabled Features"; SDM 2, XGETBV, XSETBV).
 *
 * CR4.OSXSAVE opens it.  Bit 0 is always set; a state that builds on another's
 * needs that one's bit, and states of one feature go together.  All else is #GP(0),
 * and leaves XCR0 alone.  (cr.c has CR4.OSXSAVE of a CPU without XSAVE.)
 */
#include <insn.h>
#include <scope.h>
#include <xcr.h>

static unsigned long number, low, high;

INSN(xgetbv, XGETBV, "c"(number), "a"(0), "d"(0));
INSN(xsetbv, XSETBV, "c"(number), "a"(low), "d"(high));

static void aim(unsigned long xcr, u64 value)
{
	number = xcr;
	low = (u32)value;
	high = (u32)(value >> 32);
}

TEST(absent, "without XSAVE, CR4.OSXSAVE is reserved, and there is no XCR0",
     LACKS(CPU_XSAVE))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_OSXSAVE));
	aim(0, XCR0_X87);
	EXPECT_FAULT(FAULT_UD, exec(xgetbv));
	EXPECT_FAULT(FAULT_UD, exec(xsetbv));
}

static void expect_closed(const struct insn *insn, struct how how)
{
	aim(0, XCR0_X87);
	WITH_CR4(0, CR4_OSXSAVE)
		EXPECT_FAULT(FAULT_UD, exec_insn(insn, how));
}

TEST(off_xsetbv, "CR4.OSXSAVE clear: XSETBV is #UD", REQUIRES(CPU_XSAVE))
{
	expect_closed(&xsetbv, (struct how){ .cpl = 0 });
}

TEST(off_xsetbv_user, "CR4.OSXSAVE clear: XSETBV at CPL 3 is #UD", REQUIRES(CPU_XSAVE))
{
	expect_closed(&xsetbv, (struct how){ .cpl = 3 });
}

TEST(off_xsetbv_forced, "CR4.OSXSAVE clear: the emulator's XSETBV is #UD",
     REQUIRES(CPU_XSAVE), DEVICE(DEVICE_FEP))
{
	expect_closed(&xsetbv, (struct how){ .forced = true });
}

TEST(off_xgetbv, "CR4.OSXSAVE clear: XGETBV is #UD", REQUIRES(CPU_XSAVE))
{
	expect_closed(&xgetbv, (struct how){ .cpl = 0 });
}

TEST(off_xgetbv_user, "CR4.OSXSAVE clear: XGETBV at CPL 3 is #UD", REQUIRES(CPU_XSAVE))
{
	expect_closed(&xgetbv, (struct how){ .cpl = 3 });
}

TEST(cpuid, "CPUID shows CR4.OSXSAVE as it is", REQUIRES(CPU_XSAVE))
{
	WITH_CR4(0, CR4_OSXSAVE)
		EXPECT(!cpu_has(CPU_OSXSAVE));
	WITH_CR4(CR4_OSXSAVE, 0)
		EXPECT(cpu_has(CPU_OSXSAVE));
	WITH_CR4(0, CR4_OSXSAVE)
		EXPECT(!cpu_has(CPU_OSXSAVE));
}

TEST(announced, "XCR0 has x87 and SSE, and AVX if there is AVX", REQUIRES(CPU_XSAVE))
{
	u64 there = xcr0_supported();

	EXPECT_EQ(there & (XCR0_X87 | XCR0_SSE), XCR0_X87 | XCR0_SSE);
	EXPECT_EQ(!!(there & XCR0_AVX), cpu_has(CPU_AVX));
}

/* Bits that go together, and those that build on AVX. */
static bool whole(u64 value, u64 feature)
{
	return !(value & feature) || (value & feature) == feature;
}

static bool allowed(u64 value)
{
	if (value & ~xcr0_supported() || !(value & XCR0_X87))
		return false;
	if (value & XCR0_AVX && !(value & XCR0_SSE))
		return false;
	if (value & XCR0_AVX512 && !(value & XCR0_AVX))
		return false;
	return whole(value, XCR0_MPX) && whole(value, XCR0_AVX512) &&
		whole(value, XCR0_AMX);
}

static void check_value(u64 value, bool forced)
{
	u64 before = xcr_read(0);
	bool good = allowed(value);

	aim(0, value);
	EXPECT_FAULT(good ? FAULT_NONE : FAULT_GP(0), exec(xsetbv, .forced = forced));
	EXPECT_EQ(xcr_read(0), good ? value : before);
}

#define SSE	(XCR0_X87 | XCR0_SSE)
#define AVX	(SSE | XCR0_AVX)

static const struct {
	const char *what;
	u64 value;
} values[] = {
	{ "nothing",			0 },
	{ "x87",			XCR0_X87 },
	{ "SSE without x87",		XCR0_SSE },
	{ "x87, SSE",			SSE },
	{ "AVX without SSE",		XCR0_X87 | XCR0_AVX },
	{ "AVX without x87",		XCR0_SSE | XCR0_AVX },
	{ "x87, SSE, AVX",		AVX },
	{ "x87 again",			XCR0_X87 },
	{ "BNDREGS alone of MPX",	XCR0_X87 | XCR0_BNDREGS },
	{ "BNDCSR alone of MPX",	XCR0_X87 | XCR0_BNDCSR },
	{ "MPX",			XCR0_X87 | XCR0_MPX },
	{ "AVX-512",			AVX | XCR0_AVX512 },
	{ "AVX-512 without AVX",	SSE | XCR0_AVX512 },
	{ "AVX-512 without OPMASK",	AVX | XCR0_ZMM_HI256 | XCR0_HI16_ZMM },
	{ "AVX-512 without ZMM_Hi256",	AVX | XCR0_OPMASK | XCR0_HI16_ZMM },
	{ "AVX-512 without Hi16_ZMM",	AVX | XCR0_OPMASK | XCR0_ZMM_HI256 },
	{ "PKRU",			XCR0_X87 | XCR0_PKRU },
	{ "TILECFG alone of AMX",	XCR0_X87 | XCR0_TILECFG },
	{ "TILEDATA alone of AMX",	XCR0_X87 | XCR0_TILEDATA },
	{ "AMX",			XCR0_X87 | XCR0_AMX },
};

static void check_values(bool forced)
{
	WITH_CR4(CR4_OSXSAVE, 0) WITH_XCR0(XCR0_X87) {
		for_each(row, values) SUBTEST("%s", row->what)
			check_value(row->value, forced);
		for (unsigned int bit = 3; bit < 64; bit++) SUBTEST("AVX and bit %u", bit)
			check_value(AVX | BIT(bit), forced);
	}
}

TEST(values, "XSETBV: which bits XCR0 takes", REQUIRES(CPU_XSAVE))
{
	check_values(false);
}

TEST(values_forced, "the emulator's XSETBV: which bits XCR0 takes", REQUIRES(CPU_XSAVE),
     DEVICE(DEVICE_FEP))
{
	check_values(true);
}

#if IS_64BIT
TEST(upper_halves, "what is above bit 31 of RCX, RAX and RDX does not count",
     REQUIRES(CPU_XSAVE))
{
	WITH_CR4(CR4_OSXSAVE, 0) WITH_XCR0(XCR0_X87) {
		number = 0xdeadbeef00000000;
		low = 0xffffffff00000000 | SSE;
		high = 0xffffffff00000000;
		EXPECT_FAULT(FAULT_NONE, exec(xsetbv));
		EXPECT_FAULT(FAULT_NONE, exec(xgetbv, .cpl = 3));
		EXPECT_EQ(xcr_read(0), SSE);
	}
}
#endif

TEST(kernel, "XGETBV at CPL 0", REQUIRES(CPU_XSAVE))
{
	WITH_CR4(CR4_OSXSAVE, 0) {
		aim(0, 0);
		EXPECT_FAULT(FAULT_NONE, exec(xgetbv));
	}
}

TEST(user, "XGETBV is for every CPL, XSETBV for CPL 0: #GP(0)", REQUIRES(CPU_XSAVE))
{
	WITH_CR4(CR4_OSXSAVE, 0) WITH_XCR0(XCR0_X87) {
		aim(0, SSE);
		EXPECT_FAULT(FAULT_NONE, exec(xgetbv, .cpl = 3));
		EXPECT_FAULT(FAULT_GP(0), exec(xsetbv, .cpl = 3));
		EXPECT_FAULT(FAULT_GP(0), exec(xsetbv, .cpl = 3, .flags = RFLAGS_IOPL));
		EXPECT_EQ(xcr_read(0), XCR0_X87);
	}
}

static void check_number(u32 xcr)
{
	aim(xcr, XCR0_X87);
	EXPECT_FAULT(FAULT_GP(0), exec(xsetbv));
	/* In 1: which of XCR0's states are in use. */
	EXPECT_FAULT(xcr == 1 && cpu_has(CPU_XGETBV1) ? FAULT_NONE : FAULT_GP(0),
		     exec(xgetbv, .cpl = 3));
}

TEST(numbers, "there is no extended control register but 0, and 1 to read",
     REQUIRES(CPU_XSAVE))
{
	WITH_CR4(CR4_OSXSAVE, 0) {
		for (u32 xcr = 1; xcr < 64; xcr++) SUBTEST("%u", xcr)
			check_number(xcr);
		for (unsigned int bit = 6; bit < 32; bit++) SUBTEST("%#x", 1u << bit)
			check_number(1u << bit);
	}
}

INSN(pcmpeqd, "pcmpeqd %%xmm1, %%xmm1");

TEST(in_use, "XGETBV of 1 shows the states in use, of those that XCR0 has",
     REQUIRES(CPU_XSAVE, CPU_XGETBV1))
{
	WITH_CR4(CR4_OSXSAVE | CR4_OSFXSR, 0) WITH_XCR0(SSE) {
		u64 states;

		EXPECT_FAULT(FAULT_NONE, exec(pcmpeqd, .cpl = 3));
		states = xcr_read(1);
		EXPECT(states & XCR0_SSE);
		EXPECT_EQ(states & ~SSE, 0);
	}
}
