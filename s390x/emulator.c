/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that emulators must do themselves: SPM and IPM, the functions of the
 * message-security assist, and COMPARE AND TRAP (SA22-7832, chapters 7 and 10).
 */
#include <scope.h>
#include <test.h>

TEST(program_mask, "IPM has what SPM set, and leaves the rest of its register")
{
	static const u8 masks[] = { 0x00, 0x0f, 0x15, 0x2a, 0x3f };

	for_each(m, masks)
		SUBTEST("%#x", *m) {
			u64 in = (u64)*m << 24, out = 0xaaaaaaaaffffffff;

			/* The mask's own exceptions are not to come. */
			asm volatile("spm %1\n\tipm %0\n\tlghi 1, 0\n\tspm 1"
				     : "+&d"(out) : "d"(in) : "1", "cc");
			EXPECT_EQ(out, 0xaaaaaaaa00ffffff | in);
		}
}

static u8 block[256] __attribute__((aligned(8)));
static u8 data[256] __attribute__((aligned(8)));

/* R0: function, R1: parameter block; operands as the instruction has them. */
#define CRYPTO(insn) static struct fault insn##_run(u64 function, u64 parameters) \
{									\
	register u64 r0 asm("0") = function;				\
	register u64 r1 asm("1") = parameters;				\
	register u64 r2 asm("2") = (uintptr_t)data;			\
	register u64 r3 asm("3") = 0;					\
	register u64 r4 asm("4") = (uintptr_t)data;			\
	register u64 r5 asm("5") = 0;					\
									\
	return TRY_OUT(CODE_##insn, OUT("+d"(r0), "+d"(r1), "+d"(r2), "+d"(r3), \
					"+d"(r4), "+d"(r5)));		\
}

#define CODE_kmac	".long 0xb91e0002"
#define CODE_km		".long 0xb92e0024"
#define CODE_kmc	".long 0xb92f0024"
#define CODE_kimd	".long 0xb93e0002"
#define CODE_klmd	".long 0xb93f0002"
#define CODE_kmf	".long 0xb92a0024"
#define CODE_kmo	".long 0xb92b0024"
#define CODE_pcc	".long 0xb92c0000"
#define CODE_kmctr	".long 0xb92d4024"
#define CODE_prno	".long 0xb93c0024"
#define CODE_pckmo	".long 0xb9280000"

CRYPTO(kmac)
CRYPTO(km)
CRYPTO(kmc)
CRYPTO(kimd)
CRYPTO(klmd)
CRYPTO(kmf)
CRYPTO(kmo)
CRYPTO(pcc)
CRYPTO(kmctr)
CRYPTO(prno)
CRYPTO(pckmo)

#define QUERY		0
#define UNASSIGNED	127
#define MODIFIER	0x80

static const struct {
	const char *name;
	unsigned int facility;
	struct fault (*run)(u64 function, u64 parameters);
	bool modifier;		/* it has one: to decipher, to seed */
} assists[] = {
	{ "KMAC", 17, kmac_run, false },
	{ "KM", 17, km_run, true },
	{ "KMC", 17, kmc_run, true },
	{ "KIMD", 17, kimd_run, false },
	{ "KLMD", 17, klmd_run, false },
	{ "PCKMO", 76, pckmo_run, false },
	{ "KMF", 77, kmf_run, true },
	{ "KMO", 77, kmo_run, true },
	{ "PCC", 77, pcc_run, false },
	{ "KMCTR", 77, kmctr_run, true },
	{ "PRNO", 57, prno_run, true },
};

#define for_each_assist(a)						\
	for_each(a, assists)						\
		SUBTEST("%s", a->name)					\
			if (!facility(a->facility))			\
				skip("no facility %u", a->facility);	\
			else

TEST(query, "the query function tells that it is there, and nothing of what is reserved")
{
	for_each_assist(a) {
		memset(block, 0xff, sizeof(block));
		EXPECT_FAULT(FAULT_NONE, a->run(QUERY, (uintptr_t)block));
		EXPECT(block[0] & 0x80);
		EXPECT_EQ(block[16], 0xff);
	}
}

TEST(unassigned, "functions that are not there are a specification exception")
{
	for_each_assist(a)
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), a->run(UNASSIGNED, (uintptr_t)block));
}

TEST(modifier, "the modifier bit must be zero where there are not two ways")
{
	for_each_assist(a)
		EXPECT_FAULT(a->modifier ? FAULT_NONE : FAULT(PGM_SPECIFICATION),
			     a->run(QUERY | MODIFIER, (uintptr_t)block));
}

TEST(parameters, "parameter blocks that cannot be written")
{
	for_each_assist(a) {
		WITH_REAL()
			EXPECT_FAULT(FAULT(PGM_ADDRESSING), a->run(QUERY, -1ul));
		WITH_CR0(CR0_LOW_PROTECTION, 0)
			EXPECT_FAULT(FAULT(PGM_PROTECTION), a->run(QUERY, 8));
	}
}

/* The registers of operands: not R0, and even. */
#define OPERAND_TRY(code) ({						\
	register u64 r0 asm("0") = QUERY;				\
	register u64 r1 asm("1") = (uintptr_t)block;			\
									\
	TRY(code, "d"(r0), "d"(r1));					\
})

TEST(registers, "operands are pairs of registers, and not R0")
{
	struct fault want = FAULT(PGM_SPECIFICATION);

	if (!facility(17))
		return skip("no facility 17");
	SUBTEST("KMAC") {
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb91e0003"));
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb91e0000"));
	}
	SUBTEST("KM") {
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb92e0034"));
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb92e0023"));
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb92e0004"));
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb92e0020"));
	}
	SUBTEST("KIMD") {
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb93e0003"));
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb93e0000"));
	}
	SUBTEST("KLMD") {
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb93f0003"));
		EXPECT_FAULT(want, OPERAND_TRY(".long 0xb93f0000"));
	}
}

static u32 fpc_read(void)
{
	u32 fpc;

	asm volatile("stfpc %0" : "=Q"(fpc));
	return fpc;
}

static void fpc_clear(void)
{
	static const u32 zero;

	asm volatile("lfpc %0" : : "Q"(zero));
}

/* CRT, with the mask that traps where both are equal. */
static struct fault trap(void)
{
	return TRY("crte %0, %0", "d"(42));
}

TEST(compare_and_trap, "a data exception of DXC 0xff, in the FPC where AFP is on")
{
	struct fault want = { .raised = true, .code = PGM_DATA, .dxc = 0xff };

	SUBTEST("AFP on") {
		fpc_clear();
		EXPECT_FAULT(want, trap());
		EXPECT_EQ(fpc_read() >> 8 & 0xff, 0xff);
	}
	SUBTEST("AFP off") {
		fpc_clear();
		WITH_CR0(0, CR0_AFP)
			EXPECT_FAULT(want, trap());
		EXPECT_EQ(fpc_read() >> 8 & 0xff, 0);
	}
	fpc_clear();
	SUBTEST("no trap")
		EXPECT_FAULT(FAULT_NONE, TRY("crtne %0, %0", "d"(42)));
}
