/* SPDX-License-Identifier: BSD-2-Clause */
/* STORE HYPERVISOR INFORMATION (Linux, arch/s390/kernel/sthyi.c). */
#include <asm/page.h>
#include <test.h>

#define CAPACITY	0		/* the function that there is */
#define NO_FUNCTION	42
#define UNSUPPORTED	4		/* return code of such a one */

/* Offsets in the answer: a header with those of its sections, and they. */
#define HEADER_TOTAL	8		/* u16 from here on */
#define HEADER_LENGTH	10
#define MACHINE_AT	12
#define MACHINE_LENGTH	14
#define PARTITION_AT	16
#define PARTITION_LENGTH	18
#define HEADER_SIZE	44
#define MACHINE_SIZE	60
#define PARTITION_SIZE	56
/* In both sections. */
#define VALID		2		/* u8 */
#define MACHINE_VALID_ID	0x40
#define MACHINE_VALID_NAME	0x20
#define MACHINE_NAME	12
#define MACHINE_TYPE	20

static u8 block[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static struct fault sthyi(u64 function, void *at, u32 *cc, u64 *code)
{
	register u64 r2 asm("2") = function;
	register u64 r4 asm("4") = (uintptr_t)at;
	register u64 r5 asm("5") = ~0ull;
	u64 ipm = ~0ull;
	struct fault fault = TRY_OUT(".insn rre, 0xb2560000, 2, 4\n\tipm %0",
				     OUT("+&d"(ipm), "+d"(r5)), "d"(r2), "d"(r4));

	*cc = ipm >> 28 & 3;
	*code = r5;
	return fault;
}

static u16 half(unsigned int at)
{
	return block[at] << 8 | block[at + 1];
}

TEST(refused, "operands that are not as they must be", REQUIRES(CPU_STHYI))
{
	struct fault want = FAULT(PGM_SPECIFICATION);
	u32 cc;
	u64 code;

	SUBTEST("misaligned")
		EXPECT_FAULT(want, sthyi(CAPACITY, block + 2042, &cc, &code));
	SUBTEST("odd first register")
		EXPECT_FAULT(want, TRY(".insn rre, 0xb2560000, 3, 4"));
	SUBTEST("odd second register")
		EXPECT_FAULT(want, TRY(".insn rre, 0xb2560000, 2, 5"));
	SUBTEST("equal registers")
		EXPECT_FAULT(want, TRY(".insn rre, 0xb2560000, 2, 2"));
}

TEST(function, "a function that there is not: condition code 3, and why", REQUIRES(CPU_STHYI))
{
	u32 cc;
	u64 code;

	EXPECT_FAULT(FAULT_NONE, sthyi(NO_FUNCTION, block, &cc, &code));
	EXPECT_EQ(cc, 3);
	EXPECT_EQ(code, UNSUPPORTED);
}

/* EBCDIC: neither nothing nor blanks. */
static bool has_text(unsigned int at, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++)
		if (block[at + i] && block[at + i] != 0x40)
			return true;
	return false;
}

static bool section_fits(unsigned int at, unsigned int length, unsigned int least)
{
	return half(length) >= least && half(at) >= half(HEADER_LENGTH) &&
		half(at) + half(length) <= half(HEADER_TOTAL);
}

TEST(capacity, "sections are where the header says, and what is valid is there",
     REQUIRES(CPU_STHYI))
{
	unsigned int machine;
	u32 cc;
	u64 code;

	memset(block, 0, sizeof(block));
	EXPECT_FAULT(FAULT_NONE, sthyi(CAPACITY, block, &cc, &code));
	REQUIRE_EQ(cc, 0);
	EXPECT_EQ(code, 0);
	EXPECT(half(HEADER_LENGTH) >= HEADER_SIZE);
	EXPECT(half(HEADER_TOTAL) <= PAGE_SIZE);
	REQUIRE(section_fits(MACHINE_AT, MACHINE_LENGTH, MACHINE_SIZE));
	REQUIRE(section_fits(PARTITION_AT, PARTITION_LENGTH, PARTITION_SIZE));
	machine = half(MACHINE_AT);
	if (block[machine + VALID] & MACHINE_VALID_ID)
		EXPECT(has_text(machine + MACHINE_TYPE, 4));
	if (block[machine + VALID] & MACHINE_VALID_NAME)
		EXPECT(has_text(machine + MACHINE_NAME, 8));
}
