/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Transfers to another code segment of the same level, far pointers, and software
 * interrupts (SDM 2; SDM 3A, "Protection").
 */
#include <rows.h>

/* row->size is that of the offset. */
static void put_far_pointer(struct step *step, unsigned long address)
{
	u8 size = step->row->size;

	step_store(step, address, size, step_landing());
	step_store(step, address + size, 2, row_other_code(step->row));
}

static void aim_far_memory(struct step *step)
{
	put_far_pointer(step, step->is.frame.gpr[IN_DI - IN_AX]);
}

static void aim_far_stack(struct step *step)
{
	put_far_pointer(step, step->is.frame.sp);
}

static void model_far_jump(struct step *step)
{
	step->is.frame.cs = row_other_code(step->row);
}

/* row->imm: length of the instruction.  A selector's slot may keep its upper part. */
static void clear_slot(struct step *step)
{
	u8 size = step->row->size;

	step_store(step, step->is.frame.sp - size, size, 0);
	if (step->row->uses & BIT(ARENA_A))
		aim_far_memory(step);
}

static void model_far_call(struct step *step)
{
	const struct insn_row *row = step->row;

	step->is.frame.cs = row_other_code(row);
	step_push(step, row->size, row_code(row));
	step_push(step, row->size, step_code() + row->imm);
}

/* row->imm: bytes that are popped besides */
static void model_far_return(struct step *step)
{
	step->is.frame.cs = row_other_code(step->row);
	step->is.frame.sp += 2 * step->row->size + step->row->imm;
}

#define BOTH_LEVELS(title, text, ...)					\
	INSTRUCTION_NAMED(title ", CPL 3", text, .unprivileged = true,	\
			  __VA_ARGS__);					\
	INSTRUCTION_NAMED(title ", CPL 0", text, .privileged = true,	\
			  __VA_ARGS__)

TEST(far, "far JMP, CALL and RET to another code segment of the same level")
{
	BOTH_LEVELS("ljmp *m16:32", "ljmpl *" MEM_A "; ud2", .size = 4,
		    .uses = BIT(ARENA_A), .prepare = aim_far_memory,
		    .model = model_far_jump);
	BOTH_LEVELS("lcall *m16:32", "lcalll *" MEM_A "; ud2", .size = 4,
		    .uses = BIT(ARENA_A) | BIT(ARENA_S), .imm = 2,
		    .prepare = clear_slot, .model = model_far_call);
	BOTH_LEVELS("lretl", "lretl; ud2", .size = 4, .uses = BIT(ARENA_S),
		    .prepare = aim_far_stack, .model = model_far_return);
	BOTH_LEVELS("lretl $8", "lretl $8; ud2", .size = 4, .imm = 8,
		    .uses = BIT(ARENA_S), .prepare = aim_far_stack,
		    .model = model_far_return);
	ONLY64(BOTH_LEVELS("lretq", "lretq; ud2", .size = 8,
			   .uses = BIT(ARENA_S), .prepare = aim_far_stack,
			   .model = model_far_return));
}

#if IS_64BIT
#define REX_W	".byte 0x48; "

TEST(far_wide, "far JMP and CALL by a pointer with a 64-bit offset, Intel's alone")
{
	if (!cpu_is_intel())
		return skip("AMD ignores REX.W here");
	BOTH_LEVELS("ljmp *m16:64", REX_W "ljmpl *" MEM_A "; ud2", .size = 8,
		    .uses = BIT(ARENA_A), .prepare = aim_far_memory,
		    .model = model_far_jump);
	BOTH_LEVELS("lcall *m16:64", REX_W "lcalll *" MEM_A "; ud2",
		    .size = 8, .imm = 3,
		    .uses = BIT(ARENA_A) | BIT(ARENA_S),
		    .prepare = clear_slot, .model = model_far_call);
}
#endif

/* Far pointers in the code itself: 32-bit code only. */
#define SEL_OTHER_CODE_TEXT	"0x78"
#define SEL_OTHER_USER_TEXT	"0x7b"
_Static_assert(SEL_OTHER_CODE == 0x78, "the texts");

#define DIRECT(title, text, level, ...)					\
	INSTRUCTION32_NAMED(title, text ", $1f; ud2; 1:", .size = 4,	\
			    .level = true, ##__VA_ARGS__)
#define DIRECT_CALL(title, text, level)					\
	DIRECT(title, text, level, .imm = 7, .uses = BIT(ARENA_S),	\
	       .prepare = clear_slot, .model = model_far_call)

TEST(far_direct, "far JMP and CALL by an immediate, which 64-bit code has not")
{
	DIRECT("ljmp ptr16:32, CPL 3", "ljmpl $" SEL_OTHER_USER_TEXT,
	       unprivileged, .model = model_far_jump);
	DIRECT("ljmp ptr16:32, CPL 0", "ljmpl $" SEL_OTHER_CODE_TEXT,
	       privileged, .model = model_far_jump);
	DIRECT_CALL("lcall ptr16:32, CPL 3", "lcalll $" SEL_OTHER_USER_TEXT,
		    unprivileged);
	DIRECT_CALL("lcall ptr16:32, CPL 0", "lcalll $" SEL_OTHER_CODE_TEXT,
		    privileged);
}

/* What IRET may change at CPL 3; above CS lie flags, and in 64-bit code SP and SS. */
#define IRET_FLAGS	(RFLAGS_ARITH | RFLAGS_DF | RFLAGS_AC | RFLAGS_ID)

static void aim_iret(struct step *step)
{
	unsigned long sp = step->is.frame.sp;
	u8 size = step->row->size;

	aim_far_stack(step);
	step_store(step, sp + 2 * size, size, step->row->imm);
	if (!IS_64BIT)
		return;
	step_store(step, sp + 3 * size, size, sp + 8);
	step_store(step, sp + 4 * size, size, SEL_OTHER_DATA);
}

static void model_iret(struct step *step)
{
	unsigned long *flags = &step->is.frame.flags, sp = step->is.frame.sp;

	step->is.frame.cs = row_other_code(step->row);
	*flags = (*flags & ~IRET_FLAGS) | (step->row->imm & IRET_FLAGS);
	if (IS_64BIT) {
		step->is.frame.sp = sp + 8;
		step->is.frame.ss = SEL_OTHER_DATA;
	} else {
		step->is.frame.sp = sp + 3 * step->row->size;
	}
}

#define IRET(text, bytes)						\
	INSTRUCTION_NAMED(text ", CPL 3", text "; ud2", .size = bytes,	\
			  .uses = BIT(ARENA_S), .unprivileged = true,	\
			  .imm = RFLAGS_FIXED | IRET_FLAGS,		\
			  .prepare = aim_iret, .model = model_iret)

TEST(iret, "IRET within CPL 3")
{
	IRET("iretl", 4);
	ONLY64(IRET("iretq", 8));
}
