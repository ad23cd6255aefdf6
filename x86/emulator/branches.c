/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jumps and loops (SDM 2A, Jcc, JMP, LOOP).  A branch that is taken ends behind the code,
 * one that is not at a UD2 before that.
 */
#include <rows.h>

static void not_taken(struct step *step)
{
	step->is.frame.ip = step_landing() - 2;
}

static void model_jcc(struct step *step)
{
	if (!step_condition(step, step->row->imm))
		not_taken(step);
}

#define BRANCH(title, text, ...)					\
	INSTRUCTION_NAMED(title, text " 1f; ud2; 1:", ##__VA_ARGS__)
#define JCC(code, name)							\
	BRANCH("j" name " short", "j" name, .size = WORD_BYTES,		\
	       .imm = code, .dest = IN_DX, .model = model_jcc,		\
	       .prepare = step_choose_flags, INPUTS(flag_sets));
#define JCC_NEAR(code, name)						\
	INSTRUCTION_NAMED("j" name " near",				\
			  "{disp32} j" name " 1f; ud2; 1:",		\
			  .size = WORD_BYTES, .imm = code, .dest = IN_DX,	\
			  .model = model_jcc, .prepare = step_choose_flags,	\
			  INPUTS(flag_sets));

TEST(jcc, "Jcc by each condition, with a short and a long displacement")
{
	CONDITIONS(JCC)
	CONDITIONS(JCC_NEAR)
}

static void model_jump(struct step *step)
{
	(void)step;
}

TEST(jmp, "JMP near: short, long, by a register, by memory, backwards")
{
	BRANCH("jmp short", "jmp", .model = model_jump);
	BRANCH("jmp near", "{disp32} jmp", .model = model_jump);
	INSTRUCTION_NAMED("jmp backwards", "jmp 2f; 1: jmp 3f; 2: jmp 1b; 3:",
			  .model = model_jump);
	INSTRUCTION_NAMED("jmp *" WORD_CX, "jmp *" WORD_CX "; ud2", .model = model_jump,
			  .prepare = step_aim_register);
	INSTRUCTION_NAMED("jmp *" MEM_A, "jmp *" MEM_A "; ud2",
			  .uses = BIT(ARENA_A), .model = model_jump,
			  .prepare = step_aim_memory);
}

/* row->imm: bytes of the count register; then whether ZF counts, and which way */
enum { LOOP = 0, LOOPNE = 1 << 8, LOOPE = 2 << 8 };

static u64 count_of(struct step *step)
{
	return step->is.frame.gpr[IN_CX - IN_AX] & size_mask(step->row->imm);
}

static void model_loop(struct step *step)
{
	unsigned long *cx = &step->is.frame.gpr[IN_CX - IN_AX];
	u64 mask = size_mask(step->row->imm), count = (*cx - 1) & mask;
	unsigned int kind = step->row->imm & ~0xff;
	bool zf = step_flag(step, RFLAGS_ZF);

	/* A 32-bit count register is zero-extended. */
	*cx = mask >> 16 ? count : (*cx & ~mask) | count;
	if (!count || (kind == LOOPNE && zf) || (kind == LOOPE && !zf))
		not_taken(step);
}

static void model_jcxz(struct step *step)
{
	if (count_of(step))
		not_taken(step);
}

static const struct values counts[] = {
	{ 0, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 }, { VALUE_MIN, 0, 0 },
};

#define COUNTED(title, text, bytes, kind, m)				\
	BRANCH(title, text, .size = bytes, .dest = IN_CX,		\
	       .imm = (bytes) | (kind), .model = m, .reads_flags = true, \
	       INPUTS(counts))

TEST(loop, "LOOP, LOOPE, LOOPNE and JCXZ with counts of each size")
{
	COUNTED("loop", "loop", WORD_BYTES, LOOP, model_loop);
	COUNTED("loope", "loope", WORD_BYTES, LOOPE, model_loop);
	COUNTED("loopne", "loopne", WORD_BYTES, LOOPNE, model_loop);
#if IS_64BIT
	COUNTED("loop of ecx", ".byte 0x67; loop", 4, LOOP, model_loop);
	COUNTED("jecxz", "jecxz", 4, LOOP, model_jcxz);
	COUNTED("jrcxz", "jrcxz", 8, LOOP, model_jcxz);
#else
	COUNTED("loop of cx", ".byte 0x67; loop", 2, LOOP, model_loop);
	COUNTED("jcxz", "jcxz", 2, LOOP, model_jcxz);
	COUNTED("jecxz", "jecxz", 4, LOOP, model_jcxz);
#endif
}
