/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * XSAVE and XRSTOR: which states go where, and what an area must look like (SDM 1,
 * "Operation of XSAVE" and "Operation of XRSTOR"; SDM 2, XSAVE, XRSTOR).
 */
#include <asm/page.h>
#include <insn.h>
#include <memory.h>
#include <scope.h>
#include <xcr.h>

#define UNTOUCHED	0x5a
#define SSE		(XCR0_X87 | XCR0_SSE)

static u8 *area;
static unsigned long states;	/* instruction's mask, below bit 32 */
static u64 pattern[2] = { 0x0123456789abcdef, 0xfedcba9876543210 };
static u64 got[2];

INSN(xsave, "xsave (%0)", "r"(area), "a"(states), "d"(0));
INSN(xrstor, "xrstor (%0)", "r"(area), "a"(states), "d"(0));
INSN(xmm1_load, "movups %0, %%xmm1", "m"(pattern));
INSN(xmm1_store, "movups %%xmm1, %0", "m"(got));
INSN(xmm1_zero, "xorps %%xmm1, %%xmm1");
INSN(fninit, "fninit");

static u64 *header(void)
{
	return (u64 *)(area + XSAVE_HEADER);
}

static void area_prepare(void)
{
	size_t size = cpuid(CPUID_XSAVE, 0).reg[CPUID_ECX];

	area = pages_alloc((size + PAGE_SIZE - 1) / PAGE_SIZE + 1);
	memset(area, UNTOUCHED, XSAVE_EXTENDED);
	states = SSE;
}

/* A header that XRSTOR takes, with the initial state of what it does not name. */
static void header_prepare(u64 held)
{
	memset(header(), 0, XSAVE_EXTENDED - XSAVE_HEADER);
	header()[0] = held;
	*(u16 *)(area + XSAVE_FCW) = FCW_INITIAL;
	*(u32 *)(area + XSAVE_MXCSR) = MXCSR_INITIAL;
}

#define WITH_STATES()	WITH_CR4(CR4_OSXSAVE | CR4_OSFXSR, 0) WITH_XCR0(SSE)

TEST(sizes, "CPUID tells the area's size, and where in it AVX's half is",
     REQUIRES(CPU_XSAVE))
{
	WITH_CR4(CR4_OSXSAVE, 0) {
		WITH_XCR0(SSE)
			EXPECT_EQ(cpuid(CPUID_XSAVE, 0).reg[CPUID_EBX], XSAVE_EXTENDED);
		EXPECT(cpuid(CPUID_XSAVE, 0).reg[CPUID_ECX] >= XSAVE_EXTENDED);
		if (!(xcr0_supported() & XCR0_AVX))
			return;
		EXPECT_EQ(cpuid(CPUID_XSAVE, 2).reg[CPUID_EAX], 16 * 16);
		EXPECT_EQ(cpuid(CPUID_XSAVE, 2).reg[CPUID_EBX], XSAVE_EXTENDED);
		WITH_XCR0(SSE | XCR0_AVX)
			EXPECT_EQ(cpuid(CPUID_XSAVE, 0).reg[CPUID_EBX],
				  XSAVE_EXTENDED + 16 * 16);
	}
}

static void check_round(struct how how)
{
	area_prepare();
	WITH_STATES() {
		EXPECT_FAULT(FAULT_NONE, exec_insn(&fninit, how));
		EXPECT_FAULT(FAULT_NONE, exec_insn(&xmm1_load, how));
		EXPECT_FAULT(FAULT_NONE, exec_insn(&xsave, how));
		EXPECT(!memcmp(area + XSAVE_XMM + 16, pattern, sizeof(pattern)));
		EXPECT_EQ(*(u16 *)(area + XSAVE_FCW), FCW_INITIAL);
		EXPECT_EQ(*(u32 *)(area + XSAVE_MXCSR), MXCSR_INITIAL);
		EXPECT(header()[0] & XCR0_SSE);
		/* It wrote no more of the header. */
		EXPECT_EQ(header()[1], 0x5a5a5a5a5a5a5a5a);
		header_prepare(SSE);
		EXPECT_FAULT(FAULT_NONE, exec_insn(&xmm1_zero, how));
		EXPECT_FAULT(FAULT_NONE, exec_insn(&xrstor, how));
		EXPECT_FAULT(FAULT_NONE, exec_insn(&xmm1_store, how));
		EXPECT(!memcmp(got, pattern, sizeof(got)));
	}
}

TEST(round, "what XSAVE stored, XRSTOR loads", REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	SUBTEST("CPL 0")
		check_round((struct how){ .cpl = 0 });
	SUBTEST("CPL 3")
		check_round((struct how){ .cpl = 3 });
}

TEST(initial, "XRSTOR gives states that the header lacks their initial values",
     REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	static const u64 zero[2];

	area_prepare();
	WITH_STATES() {
		header_prepare(0);
		EXPECT_FAULT(FAULT_NONE, exec(xmm1_load, .cpl = 3));
		EXPECT_FAULT(FAULT_NONE, exec(xrstor, .cpl = 3));
		EXPECT_FAULT(FAULT_NONE, exec(xmm1_store, .cpl = 3));
		EXPECT(!memcmp(got, zero, sizeof(got)));
	}
}

TEST(chosen, "states that are not asked for, or not in XCR0, stay as they are",
     REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	area_prepare();
	WITH_STATES() {
		states = XCR0_SSE | BIT(31) | XCR0_AVX;
		EXPECT_FAULT(FAULT_NONE, exec(xmm1_load, .cpl = 3));
		EXPECT_FAULT(FAULT_NONE, exec(xsave, .cpl = 3));
		EXPECT(!memcmp(area + XSAVE_XMM + 16, pattern, sizeof(pattern)));
		EXPECT_EQ(*(u16 *)(area + XSAVE_FCW), 0x5a5a);
		EXPECT_EQ(header()[0] & ~XCR0_SSE, 0x5a5a5a5a5a5a5a5a & ~XCR0_SSE);
		states = XCR0_X87;
		header_prepare(0);
		EXPECT_FAULT(FAULT_NONE, exec(xrstor, .cpl = 3));
		EXPECT_FAULT(FAULT_NONE, exec(xmm1_store, .cpl = 3));
		EXPECT(!memcmp(got, pattern, sizeof(got)));
	}
}

static void expect_both(struct fault want_save, struct fault want_restore, struct how how)
{
	EXPECT_FAULT(want_save, exec_insn(&xsave, how));
	EXPECT_FAULT(want_restore, exec_insn(&xrstor, how));
}

TEST(alignment, "an area off 64 bytes is #GP(0)", REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	static const unsigned int offsets[] = { 1, 8, 16, 32 };

	area_prepare();
	WITH_STATES() {
		header_prepare(SSE);
		for_each(offset, offsets) SUBTEST("%u", *offset) {
			area += *offset;
			expect_both(FAULT_GP(0), FAULT_GP(0), (struct how){ .cpl = 3 });
			area -= *offset;
		}
	}
}

TEST(header, "XRSTOR checks the header, and MXCSR: #GP(0)",
     REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	struct how user = { .cpl = 3 };

	area_prepare();
	WITH_STATES() {
		SUBTEST("good") {
			header_prepare(SSE);
			EXPECT_FAULT(FAULT_NONE, exec_insn(&xrstor, user));
		}
		SUBTEST("a state that XCR0 has not") {
			header_prepare(SSE | BIT(62));
			EXPECT_FAULT(FAULT_GP(0), exec_insn(&xrstor, user));
		}
		SUBTEST("a state that is not in XCR0 for now") {
			header_prepare(SSE | XCR0_AVX);
			EXPECT_FAULT(FAULT_GP(0), exec_insn(&xrstor, user));
		}
		SUBTEST("a byte that must be 0") {
			header_prepare(SSE);
			header()[2] = 1;
			EXPECT_FAULT(FAULT_GP(0), exec_insn(&xrstor, user));
		}
		SUBTEST("XCOMP_BV of the standard format") {
			header_prepare(SSE);
			header()[1] = XCR0_X87;
			EXPECT_FAULT(FAULT_GP(0), exec_insn(&xrstor, user));
		}
		SUBTEST("MXCSR's reserved bit") {
			header_prepare(SSE);
			*(u32 *)(area + XSAVE_MXCSR) = MXCSR_INITIAL | BIT(31);
			EXPECT_FAULT(FAULT_GP(0), exec_insn(&xrstor, user));
		}
	}
}

TEST(closed, "CR4.OSXSAVE clear: #UD; CR0.TS set: #NM", REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	struct how user = { .cpl = 3 };

	area_prepare();
	WITH_STATES() {
		header_prepare(SSE);
		WITH_CR4(0, CR4_OSXSAVE)
			expect_both(FAULT_UD, FAULT_UD, user);
		WITH_CR0(CR0_TS, 0)
			expect_both(FAULT_NM, FAULT_NM, user);
		expect_both(FAULT_NONE, FAULT_NONE, user);
	}
}

/* Which of its bytes comes first, and whether XSAVE reads or writes it, is open. */
static void expect_absent(const struct insn *insn, u32 open)
{
	struct fault fault = exec_insn(insn, (struct how){ .cpl = 3 });

	EXPECT_FAULT(FAULT_PF(PF_U | (fault.error & open)), fault);
	EXPECT(fault.address - (uintptr_t)area < XSAVE_EXTENDED);
}

TEST(absent_page, "an area that is not there is a page fault",
     REQUIRES(CPU_XSAVE, CPU_SSE2))
{
	area_prepare();
	area = (u8 *)PAGES_SPARE;
	WITH_STATES() WITH_PTE(area, 0, PTE_P) {
		expect_absent(&xsave, PF_W);
		expect_absent(&xrstor, 0);
	}
}
