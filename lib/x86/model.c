/* SPDX-License-Identifier: BSD-2-Clause */
/* Integer arithmetic and logic: SDM 2, and SDM 1, "EFLAGS Register". */
#include <model.h>

bool step_flag(const struct step *step, unsigned long bit)
{
	return step->is.frame.flags & bit;
}

void step_set_flag(struct step *step, unsigned long bit, bool set)
{
	unsigned long *flags = &step->is.frame.flags;

	*flags = set ? *flags | bit : *flags & ~bit;
}

/* SF, ZF, PF say what the result looks like. */
void step_result_flags(struct step *step, u64 result)
{
	u8 low = result;

	result &= size_mask(step->row->size);
	low ^= low >> 4;
	low ^= low >> 2;
	low ^= low >> 1;
	step_set_flag(step, RFLAGS_SF, step_sign(step, result));
	step_set_flag(step, RFLAGS_ZF, !result);
	step_set_flag(step, RFLAGS_PF, !(low & 1));
}

/* CF: unsigned overflow; OF: signed; AF: carry out of bit 3. */
static u64 sum(struct step *step, u64 a, u64 b, bool carry)
{
	u64 mask = size_mask(step->row->size);
	u64 result = (a + b + carry) & mask;

	step_set_flag(step, RFLAGS_CF, result < a || (carry && result == a));
	step_set_flag(step, RFLAGS_OF, step_sign(step, ~(a ^ b) & (a ^ result)));
	step_set_flag(step, RFLAGS_AF, (a ^ b ^ result) & 0x10);
	step_result_flags(step, result);
	return result;
}

static u64 difference(struct step *step, u64 a, u64 b, bool borrow)
{
	u64 mask = size_mask(step->row->size);
	u64 result = (a - b - borrow) & mask;

	step_set_flag(step, RFLAGS_CF, a < b || (borrow && a == b));
	step_set_flag(step, RFLAGS_OF, step_sign(step, (a ^ b) & (a ^ result)));
	step_set_flag(step, RFLAGS_AF, (a ^ b ^ result) & 0x10);
	step_result_flags(step, result);
	return result;
}

static u64 logic(struct step *step, u64 result)
{
	step_set_flag(step, RFLAGS_CF | RFLAGS_OF, false);
	step->undefined |= RFLAGS_AF;
	step_result_flags(step, result);
	return result;
}

void model_mov(struct step *step)
{
	step_put_dest(step, step_src(step));
}

void model_add(struct step *step)
{
	step_put_dest(step, sum(step, step_dest(step), step_src(step), false));
}

void model_adc(struct step *step)
{
	step_put_dest(step, sum(step, step_dest(step), step_src(step),
			   step_flag(step, RFLAGS_CF)));
}

void model_sub(struct step *step)
{
	step_put_dest(step, difference(step, step_dest(step), step_src(step), false));
}

void model_sbb(struct step *step)
{
	step_put_dest(step, difference(step, step_dest(step), step_src(step),
				  step_flag(step, RFLAGS_CF)));
}

void step_compare(struct step *step, u64 a, u64 b)
{
	difference(step, a, b, false);
}

void model_cmp(struct step *step)
{
	difference(step, step_dest(step), step_src(step), false);
}

void model_and(struct step *step)
{
	step_put_dest(step, logic(step, step_dest(step) & step_src(step)));
}

void model_or(struct step *step)
{
	step_put_dest(step, logic(step, step_dest(step) | step_src(step)));
}

void model_xor(struct step *step)
{
	step_put_dest(step, logic(step, step_dest(step) ^ step_src(step)));
}

void model_test(struct step *step)
{
	logic(step, step_dest(step) & step_src(step));
}

void model_inc(struct step *step)
{
	bool carry = step_flag(step, RFLAGS_CF);

	step_put_dest(step, sum(step, step_dest(step), 1, false));
	step_set_flag(step, RFLAGS_CF, carry);
}

void model_dec(struct step *step)
{
	bool carry = step_flag(step, RFLAGS_CF);

	step_put_dest(step, difference(step, step_dest(step), 1, false));
	step_set_flag(step, RFLAGS_CF, carry);
}

void model_neg(struct step *step)
{
	step_put_dest(step, difference(step, 0, step_dest(step), false));
}

void model_not(struct step *step)
{
	step_put_dest(step, ~step_dest(step));
}

void model_xchg(struct step *step)
{
	u64 dest = step_dest(step);

	step_put_dest(step, step_src(step));
	step_put(step, step->row->src, dest);
}

void model_xadd(struct step *step)
{
	u64 dest = step_dest(step), result = sum(step, dest, step_src(step), false);

	step_put(step, step->row->src, dest);
	step_put_dest(step, result);
}

void model_cmpxchg(struct step *step)
{
	u64 dest = step_dest(step), expected = step_get(step, step->row->aux);

	difference(step, expected, dest, false);
	if (expected == dest)
		step_put_dest(step, step_src(step));
	else
		step_put(step, step->row->aux, dest);
}

/* Condition codes as the low four bits of opcodes have them (SDM 1, appendix B). */
bool step_condition(const struct step *step, unsigned int code)
{
	bool sf = step_flag(step, RFLAGS_SF), of = step_flag(step, RFLAGS_OF);
	bool zf = step_flag(step, RFLAGS_ZF), cf = step_flag(step, RFLAGS_CF);
	const bool conditions[] = {
		of, cf, zf, cf || zf, sf, step_flag(step, RFLAGS_PF),
		sf != of, zf || sf != of,
	};

	return conditions[code >> 1] != (code & 1);
}

void model_cmov(struct step *step)
{
	bool moves = step_condition(step, step->row->imm);

	/* A 32-bit register is zero-extended all the same. */
	step_put_dest(step, moves ? step_src(step) : step_dest(step));
}

void model_setcc(struct step *step)
{
	step_put_dest(step, step_condition(step, step->row->imm));
}

const struct values flag_sets[7] = {
	{ 0, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 }, { 3, 0, 0 }, { 4, 0, 0 },
	{ 5, 0, 0 }, { 6, 0, 0 },
};

void step_choose_flags(struct step *step)
{
	static const unsigned long sets[ARRAY_SIZE(flag_sets)] = {
		0, RFLAGS_OF, RFLAGS_CF, RFLAGS_ZF, RFLAGS_SF, RFLAGS_PF,
		RFLAGS_SF | RFLAGS_OF,
	};

	step->is.frame.flags = RFLAGS_FIXED | sets[step_dest(step) & 7];
}

void step_push(struct step *step, u8 size, u64 value)
{
	step->is.frame.sp -= size;
	step_store(step, step->is.frame.sp, size, value);
}

u64 step_pop(struct step *step, u8 size)
{
	u64 value = step_load(step, step->is.frame.sp, size);

	step->is.frame.sp += size;
	return value;
}

void step_aim_register(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = step_landing();
}

void step_aim_memory(struct step *step)
{
	step_store(step, step->is.frame.gpr[IN_DI - IN_AX], WORD_BYTES,
		   step_landing());
}

void step_aim_stack(struct step *step)
{
	step_store(step, step->is.frame.sp, WORD_BYTES,
		   step_landing());
}

u64 sign_extended(u64 value, u8 size)
{
	unsigned int unused = 64 - 8 * size;

	return (int64_t)(value << unused) >> unused;
}

/* AX by its own lower half; DX by AX's sign. */
void model_extend_ax(struct step *step)
{
	u8 half = step->row->size / 2;

	step_put_dest(step, sign_extended(step_dest(step) & size_mask(half), half));
}

void model_sign_to_dx(struct step *step)
{
	step_put(step, IN_DX, step_sign(step, step_dest(step)) ? ~0ull : 0);
}

#define STATUS	(RFLAGS_SF | RFLAGS_ZF | RFLAGS_AF | RFLAGS_PF | RFLAGS_CF)

void model_lahf(struct step *step)
{
	step_put_dest(step, (step->is.frame.flags & STATUS) | RFLAGS_FIXED);
}

void model_sahf(struct step *step)
{
	unsigned long *flags = &step->is.frame.flags;

	*flags = (*flags & ~STATUS) | (step_dest(step) & STATUS);
}

void model_salc(struct step *step)
{
	step_put_dest(step, step_flag(step, RFLAGS_CF) ? 0xff : 0);
}

void model_das(struct step *step)
{
	u8 al = step_dest(step), result = al;
	bool low = (al & 15) > 9 || step_flag(step, RFLAGS_AF);
	bool high = al > 0x99 || step_flag(step, RFLAGS_CF);
	bool borrow = low && (al < 6 || step_flag(step, RFLAGS_CF));

	if (low)
		result -= 6;
	if (high)
		result -= 0x60;
	step_put_dest(step, result);
	step_set_flag(step, RFLAGS_AF, low);
	step_set_flag(step, RFLAGS_CF, high || borrow);
	step_result_flags(step, result);
	step->undefined |= RFLAGS_OF;
}

void model_aam(struct step *step)
{
	unsigned int divisor = step->row->imm;
	u8 al = step->is.frame.gpr[0];

	step->undefined |= RFLAGS_CF | RFLAGS_OF | RFLAGS_AF;
	if (!divisor) {
		step->fault = FAULT_DE;
		return;
	}
	step_put(step, IN_AH, al / divisor);
	step_put(step, IN_AX, al % divisor);
	step_result_flags(step, al % divisor);
}

void model_aad(struct step *step)
{
	u8 al = step_get(step, IN_AX) + step_get(step, IN_AH) * step->row->imm;

	step->undefined |= RFLAGS_CF | RFLAGS_OF | RFLAGS_AF;
	step_put(step, IN_AH, 0);
	step_put(step, IN_AX, al);
	step_result_flags(step, al);
}
