/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The operations of the instruction set as rows of emulate.h name them: the
 * pseudo-code of SDM 2 and APM 3, in C.  Each takes the row's operands from where
 * the row says they are, and leaves the end state.
 */
#ifndef MODEL_H
#define MODEL_H

#include <emulate.h>

#define RFLAGS_ARITH	(RFLAGS_CF | RFLAGS_PF | RFLAGS_AF | RFLAGS_ZF |	\
			 RFLAGS_SF | RFLAGS_OF)

/*
 * dest and src are the operands in Intel's order.  With a third, aux: shld's and
 * shrd's count, cmpxchg's accumulator, mul's and div's upper half (with dest the
 * lower); condition codes are in row->imm.
 */
#define MODELS(X)							\
	X(mov) X(add) X(adc) X(sub) X(sbb) X(cmp) X(and) X(or) X(xor)	\
	X(test) X(inc) X(dec) X(neg) X(not) X(xchg) X(xadd) X(cmpxchg)	\
	X(rol) X(ror) X(rcl) X(rcr) X(shl) X(shr) X(sar) X(shld) X(shrd)	\
	X(mul) X(imul) X(imul_short) X(div) X(idiv)			\
	X(bt) X(bts) X(btr) X(btc) X(bsf) X(bsr) X(bswap)		\
	X(cmov) X(setcc) X(extend_ax) X(sign_to_dx)			\
	X(lahf) X(sahf) X(salc) X(das) X(aam) X(aad)

#define MODEL_DECLARE(name) void model_##name(struct step *step);
MODELS(MODEL_DECLARE)
#undef MODEL_DECLARE

/* For models: the row's operands, flags, and condition codes by their encoding. */
static inline u64 step_dest(struct step *step)
{
	return step_get(step, step->row->dest);
}

static inline u64 step_src(struct step *step)
{
	return step_get(step, step->row->src);
}

static inline void step_put_dest(struct step *step, u64 value)
{
	step_put(step, step->row->dest, value);
}

static inline bool step_sign(const struct step *step, u64 value)
{
	return value >> (step->row->size * 8 - 1) & 1;
}

u64 sign_extended(u64 value, u8 size);
bool step_flag(const struct step *step, unsigned long bit);
void step_set_flag(struct step *step, unsigned long bit, bool set);
void step_result_flags(struct step *step, u64 result);	/* SF, ZF, PF */
void step_compare(struct step *step, u64 a, u64 b);	/* flags of a - b */
void step_push(struct step *step, u8 size, u64 value);
u64 step_pop(struct step *step, u8 size);

/* For .prepare: the address behind the row's code in CX, in A, on the stack. */
void step_aim_register(struct step *step);
void step_aim_memory(struct step *step);
void step_aim_stack(struct step *step);

/*
 * For rows that depend on flags: inputs, with a dest, and what prepares each, so that
 * tests of two or three flags are told apart.
 */
extern const struct values flag_sets[7];
void step_choose_flags(struct step *step);
bool step_condition(const struct step *step, unsigned int code);

#endif
