/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The vector facilities (SA22-7832, chapters 21 to 25).  Instructions are given by their
 * codes, as images are compiled for CPUs that do not have them.
 */
#include <scope.h>
#include <test.h>

/* R2: three operands of 16 bytes, the third to be stored. */
#define VL_V1		".long 0xe7102000\n\t.short 0x0006\n\t"
#define VL_V2		".long 0xe7202010\n\t.short 0x0006\n\t"
#define VST_V3		".long 0xe7302020\n\t.short 0x000e\n\t"

static u64 operands[6] __attribute__((aligned(16)));

#define VECTOR_RUN(insn) do {						\
	register u64 *r2 asm("2") = operands;				\
									\
	asm volatile(VL_V1 VL_V2 insn "\n\t" VST_V3 : : "a"(r2) : "memory", "cc"); \
} while (0)

static void set(u64 a_high, u64 a_low, u64 b_high, u64 b_low)
{
	operands[0] = a_high;
	operands[1] = a_low;
	operands[2] = b_high;
	operands[3] = b_low;
	operands[4] = operands[5] = 0xbad;
}

TEST(off, "without its control in CR0, a data exception", REQUIRES(CPU_VECTOR))
{
	register u64 *r2 asm("2") = operands;

	WITH_CR0(0, CR0_VECTOR)
		EXPECT_FAULT(((struct fault){ .raised = true, .code = PGM_DATA, .dxc = 0xfe }),
			     TRY(".long 0xe7102000\n\t.short 0x0006", "a"(r2)));
}

TEST(add, "VECTOR ADD of quadwords carries into the upper half", REQUIRES(CPU_VECTOR))
{
	set(1, ~0ull, 2, 1);
	WITH_CR0(CR0_VECTOR, 0)
		VECTOR_RUN(".long 0xe7312000\n\t.short 0x40f3");
	EXPECT_EQ(operands[4], 4);
	EXPECT_EQ(operands[5], 0);
}

TEST(nand, "VECTOR NAND", REQUIRES(CPU_VECTOR_ENHANCED1))
{
	set(0xff00ff00ff00ff00, ~0ull, 0xf0f0f0f0f0f0f0f0, 0x1234);
	WITH_CR0(CR0_VECTOR, 0)
		VECTOR_RUN(".long 0xe7312000\n\t.short 0x006e");
	EXPECT_EQ(operands[4], ~0xf000f000f000f000ull);
	EXPECT_EQ(operands[5], ~0x1234ull);
}

TEST(decimal, "VECTOR ADD DECIMAL", REQUIRES(CPU_VECTOR_DECIMAL))
{
	/* 999 + 1, packed; the sign is the last digit. */
	set(0, 0x999c, 0, 0x1c);
	WITH_CR0(CR0_VECTOR, 0)
		VECTOR_RUN(".long 0xe7312000\n\t.short 0x1f71");
	EXPECT_EQ(operands[4], 0);
	EXPECT_EQ(operands[5], 0x1000c);
}
