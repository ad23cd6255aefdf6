/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MUL, IMUL, DIV and IDIV: results two operands wide, and #DE without any (SDM 2, each
 * instruction; AAM and AAD, too).
 */
#include <rows.h>

static const struct values factors[] = {
	{ 0, VALUE_ONES, VALUE_5A }, { 1, VALUE_MIN, 0 },
	{ VALUE_ONES, VALUE_ONES, 0 }, { VALUE_MIN, VALUE_ONES, 0 },
	{ VALUE_MIN, VALUE_MIN, 0 }, { VALUE_MAX, VALUE_MAX, VALUE_A5 },
	{ 3, 5, VALUE_ONES }, { VALUE_5A, VALUE_A5, 0 }, { 3, VALUE_M2, 0 },
};

/* AX, and AH or DX above it, by the operand */
#define ACCUMULATE(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " " MEM_A, .size = bytes, .dest = IN_AX,		\
		    .src = IN_A, .aux = bytes == 1 ? IN_AH : IN_DX,	\
		    .model = m, ##__VA_ARGS__);				\
	INSTRUCTION(op s " " cx, .size = bytes, .dest = IN_AX,		\
		    .src = IN_CX, .aux = bytes == 1 ? IN_AH : IN_DX,	\
		    .model = m, ##__VA_ARGS__)

TEST(mul, "MUL: CF and OF tell whether the upper half counts")
{
	SIZES(ACCUMULATE, "mul", model_mul, INPUTS(factors));
	INSTRUCTION("mulb %dh", .size = 1, .dest = IN_AX, .src = IN_DH,
		    .aux = IN_AH, .model = model_mul, INPUTS(factors));
}

#define TWO_OPERANDS(bytes, s, ax, cx, dx, ...)				\
	INSTRUCTION("imul" s " " MEM_A ", " cx, .size = bytes,		\
		    .dest = IN_CX, .src = IN_A, .aux = IN_CX,		\
		    .model = model_imul_short, ##__VA_ARGS__);		\
	INSTRUCTION("imul" s " " dx ", " cx, .size = bytes,		\
		    .dest = IN_CX, .src = IN_DX, .aux = IN_CX,		\
		    .model = model_imul_short, ##__VA_ARGS__)
#define THREE_OPERANDS(bytes, s, ax, cx, dx, value, ...)			\
	INSTRUCTION("imul" s " $" #value ", " MEM_A ", " cx, .size = bytes, \
		    .dest = IN_CX, .src = IN_A, .aux = IN_IMM, .imm = value, \
		    .model = model_imul_short, ##__VA_ARGS__);		\
	INSTRUCTION("imul" s " $" #value ", " dx ", " cx, .size = bytes,	\
		    .dest = IN_CX, .src = IN_DX, .aux = IN_IMM, .imm = value, \
		    .model = model_imul_short, ##__VA_ARGS__)

TEST(imul, "IMUL with one, two and three operands")
{
	SIZES(ACCUMULATE, "imul", model_imul, INPUTS(factors));
	WIDE_SIZES(TWO_OPERANDS, INPUTS(factors));
	WIDE_SIZES(THREE_OPERANDS, -3, INPUTS(factors));
	WIDE_SIZES(THREE_OPERANDS, 0x5a71, INPUTS(factors));
	ONLY64(THREE_OPERANDS(8, "q", , "%rcx", "%rdx", -0x5a71a5f0,
			      INPUTS(factors)));
}

/* dest, divisor, upper half: quotients that just fit, and those that do not */
static const struct values quotients[] = {
	{ VALUE_5A, 7, 0 }, { VALUE_ONES, VALUE_ONES, VALUE_M2 },
	{ VALUE_A5, VALUE_5A, 3 }, { 0, 1, 0 },
	{ VALUE_MAX, 1, 0 }, { VALUE_MIN, 1, VALUE_ONES },
	{ VALUE_M2, VALUE_ONES, VALUE_ONES },
	/* #DE: no divisor, no room, and the one that only signs make */
	{ VALUE_5A, 0, 0 }, { 0, 3, 3 }, { VALUE_ONES, 1, 1 },
	{ VALUE_MIN, VALUE_ONES, VALUE_ONES }, { VALUE_MIN, 1, 0 },
};

TEST(div, "DIV, and #DE where the quotient has no room")
{
	SIZES(ACCUMULATE, "div", model_div, INPUTS(quotients));
}

TEST(idiv, "IDIV truncates towards zero; #DE also for -MIN")
{
	SIZES(ACCUMULATE, "idiv", model_idiv, INPUTS(quotients));
}

static const struct values digits[] = {
	{ 0, 0, 0 }, { 99, 0, 0 }, { VALUE_ONES, 9, 0 }, { 10, 9, 0 },
	{ 0x80, VALUE_ONES, 0 },
};

#define DIGITS(text, base, m)						\
	INSTRUCTION32(text, .size = 1, .dest = IN_AX, .src = IN_AH,	\
		      .imm = base, .model = m, INPUTS(digits))

TEST(aam, "AAM and AAD in any base; AAM of base 0 is #DE")
{
	DIGITS("aam", 10, model_aam);
	DIGITS("aam $7", 7, model_aam);
	DIGITS("aam $0", 0, model_aam);
	DIGITS("aad", 10, model_aad);
	DIGITS("aad $7", 7, model_aad);
	DIGITS("aad $0", 0, model_aad);
}
