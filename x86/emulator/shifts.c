/* SPDX-License-Identifier: BSD-2-Clause */
/* Shifts and rotates by one, by an immediate and by CL (SDM 2). */
#include <rows.h>

/* Counts around each width; what counts of them is masked to 5 or 6 bits. */
static const struct values counts[] = {
	{ VALUE_5A, 0, 0 }, { VALUE_5A, 1, 0 }, { VALUE_A5, 1, 0 },
	{ VALUE_MIN, 7, 0 }, { VALUE_A5, 8, 0 }, { VALUE_5A, 9, 0 },
	{ VALUE_A5, 16, 0 }, { VALUE_MAX, 17, 0 }, { VALUE_A5, 31, 0 },
	{ VALUE_5A, 32, 0 }, { VALUE_A5, 33, 0 }, { VALUE_MIN, 63, 0 },
	{ VALUE_5A, 64, 0 }, { VALUE_A5, 0xe3, 0 },
};

static const struct values operands[] = {
	{ VALUE_5A, 0, 0 }, { VALUE_A5, 0, 0 }, { VALUE_MIN, 0, 0 },
};

/* op %cl, (A): the count is one byte whatever the operand's size */
#define MEM_CL(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " %cl, " MEM_A, .size = bytes, .dest = IN_A,	\
		    .src = IN_CX, .model = m, ##__VA_ARGS__)
#define REG_CL(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " %cl, " dx, .size = bytes, .dest = IN_DX,	\
		    .src = IN_CX, .model = m, ##__VA_ARGS__)
/* D0 and D1: a count of one without an immediate */
#define MEM_ONE(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " " MEM_A, .size = bytes, .dest = IN_A,		\
		    .src = IN_IMM, .imm = 1, .model = m, ##__VA_ARGS__)

#define SHIFT(op, m, carried)						\
	SIZES(MEM_CL, op, m, .reads_flags = carried, INPUTS(counts));	\
	SIZES(REG_CL, op, m, .reads_flags = carried, INPUTS(counts));	\
	SIZES(MEM_ONE, op, m, .reads_flags = true, INPUTS(operands));	\
	SIZES(MEM_IMM, op, m, 5, .reads_flags = true, INPUTS(operands));	\
	SIZES(REG_IMM, op, m, 35, INPUTS(operands));			\
	SIZES(REG_IMM, op, m, 0, INPUTS(operands))

TEST(rol, "ROL")
{
	SHIFT("rol", model_rol, false);
}

TEST(ror, "ROR")
{
	SHIFT("ror", model_ror, false);
}

TEST(rcl, "RCL rotates through CF")
{
	SHIFT("rcl", model_rcl, true);
}

TEST(rcr, "RCR rotates through CF")
{
	SHIFT("rcr", model_rcr, true);
}

TEST(shl, "SHL, and its second encoding")
{
	SHIFT("shl", model_shl, false);
	INSTRUCTION_NAMED("shlb %cl, " MEM_A " (d2 /6)", ".byte 0xd2, 0x37",
			  .size = 1, .dest = IN_A, .src = IN_CX,
			  .model = model_shl, INPUTS(counts));
}

TEST(shr, "SHR")
{
	SHIFT("shr", model_shr, false);
}

TEST(sar, "SAR")
{
	SHIFT("sar", model_sar, false);
}

/* Counts that have a result at all sizes: beyond 16, 16-bit operands have none. */
static const struct values doubles[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_5A, VALUE_A5, 1 },
	{ VALUE_MAX, VALUE_MIN, 1 }, { VALUE_A5, VALUE_5A, 7 },
	{ VALUE_MIN, VALUE_ONES, 15 }, { VALUE_5A, VALUE_A5, 64 },
	{ VALUE_A5, VALUE_5A, 16 },
};

#define DOUBLE_CL(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " %cl, " dx ", " MEM_A, .size = bytes,		\
		    .dest = IN_A, .src = IN_DX, .aux = IN_CX, .model = m,	\
		    ##__VA_ARGS__);					\
	INSTRUCTION(op s " %cl, " dx ", " ax, .size = bytes,		\
		    .dest = IN_AX, .src = IN_DX, .aux = IN_CX, .model = m,	\
		    ##__VA_ARGS__)
#define DOUBLE_IMM(bytes, s, ax, cx, dx, op, m, ...)			\
	INSTRUCTION(op s " $9, " dx ", " MEM_A, .size = bytes,		\
		    .dest = IN_A, .src = IN_DX, .aux = IN_IMM, .imm = 9,	\
		    .model = m, ##__VA_ARGS__)

TEST(shld, "SHLD shifts bits in from a second operand")
{
	WIDE_SIZES(DOUBLE_CL, "shld", model_shld, INPUTS(doubles));
	WIDE_SIZES(DOUBLE_IMM, "shld", model_shld, INPUTS(operands));
}

TEST(shrd, "SHRD shifts bits in from a second operand")
{
	WIDE_SIZES(DOUBLE_CL, "shrd", model_shrd, INPUTS(doubles));
	WIDE_SIZES(DOUBLE_IMM, "shrd", model_shrd, INPUTS(operands));
}
