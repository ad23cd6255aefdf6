/* SPDX-License-Identifier: BSD-2-Clause */
/* Shifts, rotates and bit tests: SDM 2; AF and often OF and CF stay open. */
#include <model.h>

static unsigned int bits_of(const struct step *step)
{
	return step->row->size * 8;
}

/* The count operand: 5 bits of it count, 6 for 64-bit operands. */
static unsigned int count_of(struct step *step, enum place place)
{
	return step_get(step, place) & (step->row->size == 8 ? 63 : 31);
}

static void set_carry(struct step *step, bool carry)
{
	step_set_flag(step, RFLAGS_CF, carry);
}

/* OF is defined for a count of 1 only. */
static void set_overflow(struct step *step, unsigned int count, bool overflow)
{
	step_set_flag(step, RFLAGS_OF, overflow);
	if (count != 1)
		step->undefined |= RFLAGS_OF;
}

static u64 rotated_left(u64 value, unsigned int count, unsigned int bits)
{
	count %= bits;
	return count ? value << count | value >> (bits - count) : value;
}

void model_rol(struct step *step)
{
	unsigned int count = count_of(step, step->row->src);
	u64 result = rotated_left(step_dest(step), count, bits_of(step));

	step_put_dest(step, result);
	if (!count)
		return;
	set_carry(step, result & 1);
	set_overflow(step, count, step_sign(step, result) != (result & 1));
}

void model_ror(struct step *step)
{
	unsigned int bits = bits_of(step);
	unsigned int count = count_of(step, step->row->src);
	u64 result = rotated_left(step_dest(step), bits - count % bits, bits);

	step_put_dest(step, result);
	if (!count)
		return;
	set_carry(step, step_sign(step, result));
	set_overflow(step, count, step_sign(step, result ^ result << 1));
}

/* Through the carry: one bit at a time, as it is bits + 1 bits wide. */
void model_rcl(struct step *step)
{
	unsigned int count = count_of(step, step->row->src);
	bool carry = step_flag(step, RFLAGS_CF);
	u64 value = step_dest(step);

	for (unsigned int n = count % (bits_of(step) + 1); n; n--) {
		bool out = step_sign(step, value);

		value = value << 1 | carry;
		carry = out;
	}
	step_put_dest(step, value);
	set_carry(step, carry);
	if (count)
		set_overflow(step, count, step_sign(step, value) != carry);
}

void model_rcr(struct step *step)
{
	unsigned int count = count_of(step, step->row->src);
	unsigned int bits = bits_of(step);
	bool carry = step_flag(step, RFLAGS_CF);
	u64 value = step_dest(step);
	bool overflow = step_sign(step, value) != carry;

	for (unsigned int n = count % (bits + 1); n; n--) {
		bool out = value & 1;

		value = value >> 1 | (u64)carry << (bits - 1);
		carry = out;
	}
	step_put_dest(step, value);
	set_carry(step, carry);
	if (count)
		set_overflow(step, count, overflow);
}

static void shift_flags(struct step *step, unsigned int count, u64 result,
			bool carry, bool overflow)
{
	step_put_dest(step, result);
	if (!count)
		return;
	set_carry(step, carry);
	set_overflow(step, count, overflow);
	step_result_flags(step, result);
	step->undefined |= RFLAGS_AF;
}

/* For SHL and SHR of counts from the operand's width on, CF is open. */
static void open_carry(struct step *step, unsigned int count)
{
	if (count >= bits_of(step))
		step->undefined |= RFLAGS_CF;
}

void model_shl(struct step *step)
{
	unsigned int count = count_of(step, step->row->src);
	u64 value = step_dest(step), result = value << count;
	bool carry = count && value << (count - 1) >> (bits_of(step) - 1) & 1;

	shift_flags(step, count, result, carry,
		    step_sign(step, result) != carry);
	open_carry(step, count);
}

void model_shr(struct step *step)
{
	unsigned int count = count_of(step, step->row->src);
	u64 value = step_dest(step);

	shift_flags(step, count, value >> count,
		    count && value >> (count - 1) & 1, step_sign(step, value));
	open_carry(step, count);
}

void model_sar(struct step *step)
{
	unsigned int count = count_of(step, step->row->src);
	unsigned int unused = 64 - bits_of(step);
	int64_t value = (int64_t)(step_dest(step) << unused) >> unused;

	shift_flags(step, count, value >> count,
		    count && value >> (count - 1) & 1, false);
}

/* Bits come in from src; a 16-bit operand and a count above 16 have no result. */
void model_shld(struct step *step)
{
	unsigned int count = count_of(step, step->row->aux), bits = bits_of(step);
	u64 value = step_dest(step), result = value;

	if (count)
		result = value << count | step_src(step) >> (bits - count);
	shift_flags(step, count, result, count && value >> (bits - count) & 1,
		    step_sign(step, result ^ value));
}

void model_shrd(struct step *step)
{
	unsigned int count = count_of(step, step->row->aux), bits = bits_of(step);
	u64 value = step_dest(step), result = value;

	if (count)
		result = value >> count | step_src(step) << (bits - count);
	shift_flags(step, count, result, count && value >> (count - 1) & 1,
		    step_sign(step, result ^ value));
}

/*
 * A register as bit offset into memory is signed and reaches beyond the operand;
 * any other offset wraps at the operand's width.
 */
static void bit_test(struct step *step, u64 (*change)(u64 value, u64 bit))
{
	const struct insn_row *row = step->row;
	unsigned int bits = bits_of(step), unused = 64 - bits;
	u64 offset = step_src(step), value, bit;
	bool string = row->dest == IN_A && row->src != IN_IMM;
	unsigned long address = step->is.frame.gpr[7];

	/* Rounded down to an operand: bits is a power of two. */
	if (string)
		address += ((int64_t)(offset << unused) >> unused &
			    -(int64_t)bits) >> 3;
	bit = BIT(offset & (bits - 1));
	value = string ? step_load(step, address, row->size) : step_dest(step);
	set_carry(step, value & bit);
	step->undefined |= RFLAGS_OF | RFLAGS_SF | RFLAGS_AF | RFLAGS_PF;
	if (!change)
		return;
	value = change(value, bit);
	if (string)
		step_store(step, address, row->size, value);
	else
		step_put_dest(step, value);
}

static u64 bit_set(u64 value, u64 bit)
{
	return value | bit;
}

static u64 bit_clear(u64 value, u64 bit)
{
	return value & ~bit;
}

static u64 bit_flip(u64 value, u64 bit)
{
	return value ^ bit;
}

void model_bt(struct step *step)
{
	bit_test(step, NULL);
}

void model_bts(struct step *step)
{
	bit_test(step, bit_set);
}

void model_btr(struct step *step)
{
	bit_test(step, bit_clear);
}

void model_btc(struct step *step)
{
	bit_test(step, bit_flip);
}

/* Of zero, the destination stays as it is (APM 3; SDM: in practice). */
static void bit_scan(struct step *step, bool reverse)
{
	u64 value = step_src(step);
	unsigned int bit = reverse ? bits_of(step) - 1 : 0;

	step->undefined |= RFLAGS_CF | RFLAGS_OF | RFLAGS_SF | RFLAGS_AF |
		RFLAGS_PF;
	step_set_flag(step, RFLAGS_ZF, !value);
	if (!value)
		return;
	while (!(value >> bit & 1))
		bit += reverse ? -1 : 1;
	step_put_dest(step, bit);
}

void model_bsf(struct step *step)
{
	bit_scan(step, false);
}

void model_bsr(struct step *step)
{
	bit_scan(step, true);
}

void model_bswap(struct step *step)
{
	unsigned int size = step->row->size;
	u64 value = step_dest(step), result = 0;

	for (unsigned int i = 0; i < size; i++)
		result = result << 8 | (value >> 8 * i & 0xff);
	step_put_dest(step, result);
}
