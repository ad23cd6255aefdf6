/* SPDX-License-Identifier: BSD-2-Clause */
/* Addition, subtraction, logic and exchanges, in every operand form (SDM 2). */
#include <rows.h>

/* Carries and overflows both ways, and values without either. */
static const struct values pairs[] = {
	{ 0, 0, 0 }, { 1, VALUE_ONES, 0 }, { VALUE_MAX, 1, 0 },
	{ VALUE_MIN, VALUE_ONES, 0 }, { VALUE_ONES, VALUE_ONES, 0 },
	{ VALUE_5A, VALUE_A5, 0 }, { 0x10, 0x0f, 0 }, { VALUE_MIN, VALUE_MAX, 0 },
};

static const struct values few[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_MAX, VALUE_ONES, 0 },
	{ VALUE_ONES, 1, 0 },
};

/* An immediate of one byte is sign-extended; one of four is for 64 bits, too. */
#define BINARY(op, m)							\
	SIZES(MEM_REG, op, m, .reads_flags = true, INPUTS(pairs));	\
	SIZES(REG_MEM, op, m, INPUTS(few));				\
	SIZES(REG_REG, op, m, INPUTS(few));				\
	SIZES(MEM_IMM, op, m, -3, INPUTS(few));				\
	WIDE_SIZES(MEM_IMM, op, m, 0x5a71, INPUTS(few));		\
	ONLY64(MEM_IMM(8, "q", , , , op, m, -0x5a71a5f0, INPUTS(few)));	\
	WIDE_SIZES(REG_IMM, op, m, 0x5a71, INPUTS(few));		\
	SIZES(ACC_IMM, op, m, 0x51, INPUTS(few));			\
	WIDE_SIZES(ACC_IMM, op, m, 0x5a71, INPUTS(few))

#define LOCKED(op, m)							\
	SIZES(MEM_REG, "lock " op, m, .reads_flags = true, INPUTS(few));	\
	SIZES(MEM_IMM, "lock " op, m, 0x51, INPUTS(few))

TEST(add, "ADD")
{
	BINARY("add", model_add);
	LOCKED("add", model_add);
}

TEST(adc, "ADC adds CF, too")
{
	BINARY("adc", model_adc);
	LOCKED("adc", model_adc);
}

TEST(sub, "SUB")
{
	BINARY("sub", model_sub);
	LOCKED("sub", model_sub);
}

TEST(sbb, "SBB subtracts CF, too")
{
	BINARY("sbb", model_sbb);
	LOCKED("sbb", model_sbb);
}

TEST(cmp, "CMP is SUB without a result")
{
	BINARY("cmp", model_cmp);
}

TEST(and, "AND clears CF and OF")
{
	BINARY("and", model_and);
	LOCKED("and", model_and);
}

TEST(or, "OR clears CF and OF")
{
	BINARY("or", model_or);
	LOCKED("or", model_or);
}

TEST(xor, "XOR clears CF and OF")
{
	BINARY("xor", model_xor);
	LOCKED("xor", model_xor);
}

TEST(test, "TEST is AND without a result")
{
	SIZES(MEM_REG, "test", model_test, INPUTS(pairs));
	SIZES(REG_REG, "test", model_test, INPUTS(few));
	SIZES(MEM_IMM, "test", model_test, 0x51, INPUTS(few));
	SIZES(ACC_IMM, "test", model_test, 0x51, INPUTS(few));
	/* F6 and F7 /1, an alias that assemblers do not know */
	INSTRUCTION_NAMED("testb $0x51, " MEM_A " (f6 /1)",
			  ".byte 0xf6, 0x0f, 0x51", .size = 1, .dest = IN_A,
			  .src = IN_IMM, .imm = 0x51, .model = model_test,
			  INPUTS(few));
}

#define UNARY(op, m)							\
	SIZES(MEM, op, m, .reads_flags = true, INPUTS(pairs));		\
	SIZES(REG, op, m, .reads_flags = true, INPUTS(few));		\
	SIZES(MEM, "lock " op, m, .reads_flags = true, INPUTS(few))

TEST(inc, "INC leaves CF alone")
{
	UNARY("inc", model_inc);
	/* 40-47, which are REX prefixes elsewhere */
	INSTRUCTION32("incl %edx", .size = 4, .dest = IN_DX,
		      .model = model_inc, .reads_flags = true, INPUTS(pairs));
}

TEST(dec, "DEC leaves CF alone")
{
	UNARY("dec", model_dec);
	INSTRUCTION32("decl %edx", .size = 4, .dest = IN_DX,
		      .model = model_dec, .reads_flags = true, INPUTS(pairs));
}

TEST(neg, "NEG sets CF unless its operand is 0")
{
	UNARY("neg", model_neg);
}

TEST(not, "NOT changes no flag")
{
	UNARY("not", model_not);
}

TEST(xchg, "XCHG is locked by nature, and zero-extends a 32-bit register")
{
	SIZES(MEM_REG, "xchg", model_xchg, INPUTS(few));
	SIZES(MEM_REG, "lock xchg", model_xchg, INPUTS(few));
	SIZES(REG_REG, "xchg", model_xchg, INPUTS(few));
	INSTRUCTION("xchg %ecx, %eax", .size = 4, .dest = IN_AX, .src = IN_CX,
		    .model = model_xchg, INPUTS(few));
	INSTRUCTION("xchg %ch, %al", .size = 1, .dest = IN_AX, .src = IN_CH,
		    .model = model_xchg, INPUTS(few));
}

TEST(xadd, "XADD adds, and gives the old value")
{
	SIZES(MEM_REG, "xadd", model_xadd, INPUTS(pairs));
	SIZES(MEM_REG, "lock xadd", model_xadd, INPUTS(few));
	SIZES(REG_REG, "xadd", model_xadd, INPUTS(few));
}

/* The comparison holds, and fails both ways. */
static const struct values compared[] = {
	{ VALUE_5A, VALUE_A5, VALUE_5A }, { VALUE_5A, VALUE_A5, VALUE_A5 },
	{ VALUE_MIN, 0, VALUE_MAX }, { VALUE_ONES, VALUE_MIN, VALUE_ONES },
	{ 0, VALUE_ONES, 1 },
};

TEST(cmpxchg, "CMPXCHG stores if the accumulator matches, else loads it")
{
	SIZES(MEM_REG, "cmpxchg", model_cmpxchg, .aux = IN_AX, INPUTS(compared));
	SIZES(MEM_REG, "lock cmpxchg", model_cmpxchg, .aux = IN_AX,
	      INPUTS(compared));
	SIZES(REG_REG, "cmpxchg", model_cmpxchg, .aux = IN_AX, INPUTS(compared));
}
