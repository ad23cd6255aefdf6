/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Jumps, calls and returns of 16-bit code, near and in real mode far (SDM 2, Jcc, JMP, CALL,
 * RET, IRET, LOOP; SDM 3B, "Real-Address Mode": CS's base is 16 times the selector).
 */
#include <real.h>
#include <rows16.h>

static void model_jump(struct step *step)
{
	(void)step;
}

static void not_taken(struct step *step)
{
	step->is.frame.ip = step_landing() - 2;
}

static void model_jcc(struct step *step)
{
	if (!step_condition(step, step->row->imm))
		not_taken(step);
}

/* Over a UD2, with displacements of each size. */
#define JCC(code, name, form, text)					\
	REAL_NAMED("j" name form, text "; ud2", .size = 2, .imm = code,	\
		   .dest = IN_DX, .model = model_jcc,			\
		   .prepare = step_choose_flags, INPUTS(flag_sets));
#define JCC_SHORT(code, name)						\
	JCC(code, name, " short", ".byte 0x70 + " #code ", 2")
#define JCC_NEAR(code, name)						\
	JCC(code, name, " near", ".byte 0x0f, 0x80 + " #code ", 2, 0")
#define JCC_WIDE(code, name)						\
	JCC(code, name, " wide", ".byte 0x66, 0x0f, 0x80 + " #code ", 2, 0, 0, 0")

TEST(jcc, "Jcc by each condition, with displacements of 8, 16 and 32 bits")
{
	CONDITIONS(JCC_SHORT)
	CONDITIONS(JCC_NEAR)
	CONDITIONS(JCC_WIDE)
}

TEST(jmp, "JMP: by displacements of each size, by registers and memory, backwards")
{
	REAL_NAMED("jmp short", ".byte 0xeb, 2; ud2", .model = model_jump);
	REAL_NAMED("jmp near", ".byte 0xe9, 2, 0; ud2", .model = model_jump);
	REAL_NAMED("jmp wide", ".byte 0x66, 0xe9, 2, 0, 0, 0; ud2",
		   .model = model_jump);
	REAL_NAMED("jmp backwards", "jmp 2f; 1: jmp 3f; 2: jmp 1b; 3:",
		   .model = model_jump);
	REAL_NAMED("jmp *%cx", "jmp *%cx; ud2", .model = model_jump,
		   .prepare = step_aim_register);
	REAL_NAMED("jmp *(%di)", "jmp *(%di); ud2", .uses = BIT(ARENA_A),
		   .model = model_jump, .prepare = step_aim_memory);
}

/* row->imm: bytes of the count; then whether ZF counts, and which way */
enum { LOOP = 0, LOOPNE = 1 << 8, LOOPE = 2 << 8 };

static void model_loop(struct step *step)
{
	u64 count = (step_dest(step) - 1) & size_mask(step->row->size);
	unsigned int kind = step->row->imm;
	bool zf = step_flag(step, RFLAGS_ZF);

	step_put_dest(step, count);
	if (!count || (kind == LOOPNE && zf) || (kind == LOOPE && !zf))
		not_taken(step);
}

static void model_jcxz(struct step *step)
{
	if (step_dest(step))
		not_taken(step);
}

static const struct values counts[] = {
	{ 0, 0, 0 }, { 1, 0, 0 }, { 2, 0, 0 }, { VALUE_MIN, 0, 0 },
};

#define COUNTED(title, text, bytes, kind, m)				\
	REAL_NAMED(title, text " 1f; ud2; 1:", .size = bytes,		\
		   .dest = IN_CX, .imm = kind, .model = m,		\
		   .reads_flags = true, INPUTS(counts))

TEST(loop, "LOOP, LOOPE, LOOPNE and JCXZ count in CX or ECX")
{
	COUNTED("loop", "loop", 2, LOOP, model_loop);
	COUNTED("loope", "loope", 2, LOOPE, model_loop);
	COUNTED("loopne", "loopne", 2, LOOPNE, model_loop);
	COUNTED("loop of ecx", ".byte 0x67; loop", 4, LOOP, model_loop);
	COUNTED("loope of ecx", ".byte 0x67; loope", 4, LOOPE, model_loop);
	COUNTED("loopne of ecx", ".byte 0x67; loopne", 4, LOOPNE, model_loop);
	COUNTED("jcxz", "jcxz", 2, LOOP, model_jcxz);
	COUNTED("jecxz", "jecxz", 4, LOOP, model_jcxz);
}

/* row->size of what is pushed; row->imm: the return address, from the start */
static void model_call(struct step *step)
{
	step_push(step, step->row->size, step_code() + step->row->imm);
}

/* row->imm: bytes that are popped besides the address */
static void model_ret(struct step *step)
{
	step_pop(step, step->row->size);
	step->is.frame.sp += step->row->imm;
}

#define STACK	.uses = BIT(ARENA_S)

TEST(calls, "near CALL and RET")
{
	REAL_NAMED("call near", ".byte 0xe8, 2, 0; ud2", .size = 2, .imm = 3,
		   STACK, .model = model_call);
	REAL_NAMED("call wide", ".byte 0x66, 0xe8, 2, 0, 0, 0; ud2", .size = 4,
		   .imm = 6, STACK, .model = model_call);
	REAL_NAMED("call *%cx", "call *%cx; ud2", .size = 2, .imm = 2, STACK,
		   .model = model_call, .prepare = step_aim_register);
	REAL_NAMED("call *(%di)", "call *(%di); ud2", .size = 2, .imm = 2,
		   .uses = BIT(ARENA_S) | BIT(ARENA_A), .model = model_call,
		   .prepare = step_aim_memory);
	REAL_NAMED("retw", "retw; ud2", .size = 2, STACK, .model = model_ret,
		   .prepare = step_aim_stack);
	REAL_NAMED("retw $6", "retw $6; ud2", .size = 2, .imm = 6, STACK,
		   .model = model_ret, .prepare = step_aim_stack);
	REAL_NAMED("retl", "retl; ud2", .size = 4, STACK, .model = model_ret,
		   .prepare = step_aim_stack);
	REAL_NAMED("retl $6", "retl $6; ud2", .size = 4, .imm = 6, STACK,
		   .model = model_ret, .prepare = step_aim_stack);
}

/* A segment whose base is that of the code's page: offsets are those in the page. */
#define PAGE_CS		(REAL_CODE >> 4)
#define PAGE_CS_TEXT	"0x600"
#define LANDING_TEXT	"772f - 771b + 5"
_Static_assert(PAGE_CS == 0x600 && FORCE_BYTES == 5, "the texts");

static void go_far(struct step *step)
{
	step->is.frame.cs = PAGE_CS;
	step->is.frame.ip = step_landing() - REAL_CODE;
}

static void put_far_pointer(struct step *step, unsigned long address)
{
	u8 size = step->row->size;

	step_store(step, address, size, step_landing() - REAL_CODE);
	step_store(step, address + size, 2, PAGE_CS);
}

static void aim_far_memory(struct step *step)
{
	put_far_pointer(step, step->is.frame.gpr[IN_DI - IN_AX]);
}

/* Of a 32-bit slot, the upper half of a selector stays as it was. */
static void clear_slot(struct step *step)
{
	step_store(step, step->is.frame.sp - 4, 4, 0);
	if (step->row->uses & BIT(ARENA_A))
		aim_far_memory(step);
}

static void model_far_jump(struct step *step)
{
	go_far(step);
}

static void model_far_call(struct step *step)
{
	step_push(step, step->row->size, 0);
	step_push(step, step->row->size, step_code() + step->row->imm);
	go_far(step);
}

#define BOTH	BIT(ARENA_S) | BIT(ARENA_A)

TEST(far, "real mode: far JMP and CALL make CS's base of the selector")
{
	REAL_ONLY("ljmp ptr16:16", ".byte 0xea; .word " LANDING_TEXT ", " PAGE_CS_TEXT
		  "; ud2", .model = model_far_jump);
	REAL_ONLY("ljmp ptr16:32", ".byte 0x66, 0xea; .long " LANDING_TEXT
		  "; .word " PAGE_CS_TEXT "; ud2", .model = model_far_jump);
	REAL_ONLY("ljmp *m16:16", "ljmpw *(%di); ud2", .size = 2,
		  .uses = BIT(ARENA_A), .prepare = aim_far_memory,
		  .model = model_far_jump);
	REAL_ONLY("ljmp *m16:32", "ljmpl *(%di); ud2", .size = 4,
		  .uses = BIT(ARENA_A), .prepare = aim_far_memory,
		  .model = model_far_jump);
	REAL_ONLY("lcall ptr16:16", ".byte 0x9a; .word " LANDING_TEXT ", " PAGE_CS_TEXT
		  "; ud2", .size = 2, .imm = 5, STACK, .model = model_far_call);
	REAL_ONLY("lcall ptr16:32", ".byte 0x66, 0x9a; .long " LANDING_TEXT
		  "; .word " PAGE_CS_TEXT "; ud2", .size = 4, .imm = 8, STACK,
		  .prepare = clear_slot, .model = model_far_call);
	REAL_ONLY("lcall *m16:16", "lcallw *(%di); ud2", .size = 2, .imm = 2,
		  .uses = BOTH, .prepare = aim_far_memory, .model = model_far_call);
	REAL_ONLY("lcall *m16:32", "lcalll *(%di); ud2", .size = 4, .imm = 3,
		  .uses = BOTH, .prepare = clear_slot, .model = model_far_call);
}

static void aim_far_stack(struct step *step)
{
	put_far_pointer(step, step->is.frame.sp);
}

static void model_far_return(struct step *step)
{
	step->is.frame.sp += 2 * step->row->size + step->row->imm;
	go_far(step);
}

#define RETURN(title, text, bytes, more)				\
	REAL_ONLY(title, text "; ud2", .size = bytes, .imm = more, STACK,	\
		  .prepare = aim_far_stack, .model = model_far_return)

TEST(far_returns, "real mode: far RET")
{
	RETURN("lretw", "lretw", 2, 0);
	RETURN("lretw $6", "lretw $6", 2, 6);
	RETURN("lretl", "lretl", 4, 0);
	RETURN("lretl $6", "lretl $6", 4, 6);
}

/* All of them are real mode's to change; ID only as 32 bits. */
#define LOW_FLAGS	(RFLAGS_ARITH | RFLAGS_IF | RFLAGS_DF | RFLAGS_IOPL)
#define HIGH_FLAGS	RFLAGS_ID

static void aim_iret(struct step *step)
{
	u8 size = step->row->size;

	aim_far_stack(step);
	step_store(step, step->is.frame.sp + 2 * size, size, step->row->imm);
}

static void model_iret(struct step *step)
{
	unsigned long changes = LOW_FLAGS | (step->row->size == 4 ? HIGH_FLAGS : 0);
	unsigned long *flags = &step->is.frame.flags;

	*flags = (*flags & ~changes) | (step->row->imm & changes);
	step->is.frame.sp += 3 * step->row->size;
	go_far(step);
}

#define IRET(text, bytes, value)					\
	REAL_ONLY(text " to flags " #value, text "; ud2", .size = bytes,	\
		  .imm = RFLAGS_FIXED | (value), STACK, .reads_flags = true, \
		  .prepare = aim_iret, .model = model_iret)

TEST(iret, "real mode: IRET gives all flags, as many as its size has")
{
	IRET("iretw", 2, 0);
	IRET("iretw", 2, LOW_FLAGS);
	IRET("iretl", 4, 0);
	IRET("iretl", 4, LOW_FLAGS);
	IRET("iretl", 4, HIGH_FLAGS);
}
