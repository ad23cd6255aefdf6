/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Bit tests, scans, and bytes turned round (SDM 2A, BT, BTS, BTR, BTC, BSF, BSR, BSWAP,
 * MOVBE; SDM 2A 3.1.1.9 for bit offsets beyond an operand in memory).
 */
#include <rows.h>

/* Offsets within an operand, and for registers of memory operands beyond it. */
static const struct values offsets[] = {
	{ VALUE_5A, 0, 0 }, { VALUE_A5, 1, 0 }, { VALUE_5A, 7, 0 },
	{ VALUE_A5, 15, 0 }, { VALUE_5A, 16, 0 }, { VALUE_A5, 63, 0 },
	{ VALUE_5A, 64, 0 }, { VALUE_A5, 0x81, 0 },
	{ VALUE_5A, VALUE_ONES, 0 }, { VALUE_A5, VALUE_M2, 0 },
};

static const struct values operands[] = {
	{ VALUE_5A, 0, 0 }, { VALUE_A5, 0, 0 },
};

#define BIT_TEST(op, m)							\
	WIDE_SIZES(MEM_REG, op, m, INPUTS(offsets));			\
	WIDE_SIZES(REG_REG, op, m, INPUTS(offsets));			\
	WIDE_SIZES(MEM_IMM, op, m, 6, INPUTS(operands));		\
	WIDE_SIZES(MEM_IMM, op, m, 0xc9, INPUTS(operands));		\
	WIDE_SIZES(REG_IMM, op, m, 0xc9, INPUTS(operands))

#define BIT_CHANGE(op, m)						\
	BIT_TEST(op, m);						\
	WIDE_SIZES(MEM_REG, "lock " op, m, INPUTS(offsets));		\
	WIDE_SIZES(MEM_IMM, "lock " op, m, 0xc9, INPUTS(operands))

TEST(bt, "BT: a register's offset reaches beyond a memory operand, signed")
{
	BIT_TEST("bt", model_bt);
}

TEST(bts, "BTS")
{
	BIT_CHANGE("bts", model_bts);
}

TEST(btr, "BTR")
{
	BIT_CHANGE("btr", model_btr);
}

TEST(btc, "BTC")
{
	BIT_CHANGE("btc", model_btc);
}

static const struct values scanned[] = {
	{ VALUE_ONES, 0, 0 }, { VALUE_5A, 1, 0 }, { VALUE_5A, VALUE_MIN, 0 },
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_A5, 0x10, 0 },
};

/* Whether a scan of zero clears a 32-bit register's upper half is open: it is clear. */
static void clear_upper_half(struct step *step)
{
	unsigned long *gpr = &step->is.frame.gpr[step->row->dest - IN_AX];

	if (step->row->size == 4)
		*gpr = (u32)*gpr;
}

TEST(bsf, "BSF; of zero it sets ZF only")
{
	WIDE_SIZES(REG_MEM, "bsf", model_bsf,
		   .prepare = clear_upper_half, INPUTS(scanned));
	WIDE_SIZES(REG_REG, "bsf", model_bsf,
		   .prepare = clear_upper_half, INPUTS(scanned));
}

TEST(bsr, "BSR; of zero it sets ZF only")
{
	WIDE_SIZES(REG_MEM, "bsr", model_bsr,
		   .prepare = clear_upper_half, INPUTS(scanned));
	WIDE_SIZES(REG_REG, "bsr", model_bsr,
		   .prepare = clear_upper_half, INPUTS(scanned));
}

TEST(bswap, "BSWAP of 32 and 64 bits")
{
	INSTRUCTION("bswap %edx", .size = 4, .dest = IN_DX,
		    .model = model_bswap, INPUTS(operands));
	INSTRUCTION64("bswap %rdx", .size = 8, .dest = IN_DX,
		      .model = model_bswap, INPUTS(operands));
	INSTRUCTION64("bswap %r13d", .size = 4, .dest = IN_R13,
		      .model = model_bswap, INPUTS(operands));
}

static void model_movbe(struct step *step)
{
	model_mov(step);
	model_bswap(step);
}

TEST(movbe, "MOVBE loads and stores with the bytes turned round",
     REQUIRES(CPU_MOVBE))
{
	WIDE_SIZES(MEM_REG, "movbe", model_movbe, INPUTS(operands));
	WIDE_SIZES(REG_MEM, "movbe", model_movbe, INPUTS(operands));
}
