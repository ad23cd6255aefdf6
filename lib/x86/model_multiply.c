/* SPDX-License-Identifier: BSD-2-Clause */
/* Multiplication and division (SDM 2): two words wide, without a wider type. */
#include <model.h>

struct wide {
	u64 low, high;
};

/* Each of 32 bits by each, as 32-bit images have no wider product. */
static struct wide product(u64 a, u64 b, unsigned int bits)
{
	u64 al = (u32)a, ah = a >> 32, bl = (u32)b, bh = b >> 32;
	u64 middle = ah * bl + (al * bl >> 32);
	u64 other = al * bh + (u32)middle;
	struct wide wide = {
		.low = other << 32 | (u32)(al * bl),
		.high = ah * bh + (middle >> 32) + (other >> 32),
	};

	if (bits < 64) {
		wide.high = wide.low >> bits;
		wide.low &= BIT(bits) - 1;
	}
	return wide;
}

static struct wide negated(struct wide wide, u64 mask)
{
	wide.low = -wide.low & mask;
	wide.high = (~wide.high + !wide.low) & mask;
	return wide;
}

static struct wide signed_product(struct step *step, u64 a, u64 b)
{
	u64 mask = size_mask(step->row->size);
	bool negative = step_sign(step, a ^ b) && a && b;
	struct wide wide = product(step_sign(step, a) ? -a & mask : a,
				   step_sign(step, b) ? -b & mask : b,
				   step->row->size * 8);

	return negative ? negated(wide, mask) : wide;
}

static void multiply_flags(struct step *step, bool spills)
{
	step_set_flag(step, RFLAGS_CF | RFLAGS_OF, spills);
	step->undefined |= RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF;
}

static bool extends(struct step *step, struct wide wide)
{
	u64 mask = size_mask(step->row->size);

	return wide.high == (step_sign(step, wide.low) ? mask : 0);
}

void model_mul(struct step *step)
{
	struct wide wide = product(step_dest(step), step_src(step),
				   step->row->size * 8);

	step_put_dest(step, wide.low);
	step_put(step, step->row->aux, wide.high);
	multiply_flags(step, wide.high);
}

void model_imul(struct step *step)
{
	struct wide wide = signed_product(step, step_dest(step), step_src(step));

	step_put_dest(step, wide.low);
	step_put(step, step->row->aux, wide.high);
	multiply_flags(step, !extends(step, wide));
}

/* dest = src * aux: the forms with two and three operands */
void model_imul_short(struct step *step)
{
	struct wide wide = signed_product(step, step_src(step),
					  step_get(step, step->row->aux));

	step_put_dest(step, wide.low);
	multiply_flags(step, !extends(step, wide));
}

/* Schoolbook, a bit at a time; false if the quotient has no room. */
static bool divide(struct wide dividend, u64 divisor, unsigned int bits,
		   u64 *quotient, u64 *remainder)
{
	u64 rest = dividend.high, result = 0;

	if (dividend.high >= divisor)
		return false;
	for (unsigned int bit = bits; bit--;) {
		bool carry = rest >> (bits - 1) & 1;

		rest = rest << 1 | (dividend.low >> bit & 1);
		result <<= 1;
		if (carry || rest >= divisor) {
			rest -= divisor;
			result |= 1;
		}
		if (bits < 64)
			rest &= BIT(bits) - 1;
	}
	*quotient = result;
	*remainder = rest;
	return true;
}

static struct wide dividend_of(struct step *step)
{
	return (struct wide){ step_dest(step),
			      step_get(step, step->row->aux) };
}

void model_div(struct step *step)
{
	u64 quotient, remainder;

	step->undefined |= RFLAGS_ARITH;
	if (!divide(dividend_of(step), step_src(step), step->row->size * 8,
		    &quotient, &remainder)) {
		step->fault = FAULT_DE;
		return;
	}
	step_put_dest(step, quotient);
	step_put(step, step->row->aux, remainder);
}

/* Truncates towards zero; the remainder has the dividend's sign. */
void model_idiv(struct step *step)
{
	u64 mask = size_mask(step->row->size), divisor = step_src(step);
	struct wide dividend = dividend_of(step);
	bool negative = step_sign(step, dividend.high);
	bool inverse = negative != step_sign(step, divisor);
	u64 quotient, remainder;

	step->undefined |= RFLAGS_ARITH;
	if (negative)
		dividend = negated(dividend, mask);
	if (step_sign(step, divisor))
		divisor = -divisor & mask;
	if (!divide(dividend, divisor, step->row->size * 8, &quotient,
		    &remainder) ||
	    quotient > (mask >> 1) + inverse) {
		step->fault = FAULT_DE;
		return;
	}
	step_put_dest(step, inverse ? -quotient : quotient);
	step_put(step, step->row->aux, negative ? -remainder : remainder);
}
