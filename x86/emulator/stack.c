/* SPDX-License-Identifier: BSD-2-Clause */
/* Pushes, pops, frames, near calls and returns: SDM 2; SDM 1, "Stacks". */
#include <rows.h>

#define STACK	.uses = BIT(ARENA_S)

static const struct values operands[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_MIN, VALUE_MAX, 0 },
};

static void model_push(struct step *step)
{
	step_push(step, step->row->size, step_src(step));
}

static void model_pop(struct step *step)
{
	step_put_dest(step, step_pop(step, step->row->size));
}

/* The value that SP had before. */
static void model_push_sp(struct step *step)
{
	step_push(step, step->row->size, step->is.frame.sp);
}

/* The value popped, not the incremented pointer. */
static void model_pop_sp(struct step *step)
{
	step->is.frame.sp = step_pop(step, step->row->size);
}

#define WORD_AND_16(ROW, ...)						\
	ROW(WORD_BYTES, WORD_SUFFIX, , WORD_CX, , __VA_ARGS__);				\
	ROW(2, "w", , "%cx", , __VA_ARGS__)

#define PUSHES(bytes, s, ax, cx, dx, ...)				\
	INSTRUCTION("push" s " " cx, .size = bytes, .src = IN_CX, STACK,	\
		    .model = model_push, INPUTS(operands));		\
	INSTRUCTION("push" s " " MEM_A, .size = bytes, .src = IN_A, STACK,	\
		    .model = model_push, INPUTS(operands));		\
	INSTRUCTION("push" s " $-3", .size = bytes, .src = IN_IMM,	\
		    .imm = -3, STACK, .model = model_push);		\
	INSTRUCTION("push" s " $0x5a71", .size = bytes, .src = IN_IMM,	\
		    .imm = 0x5a71, STACK, .model = model_push)

TEST(push, "PUSH of registers, memory and immediates")
{
	WORD_AND_16(PUSHES);
	INSTRUCTION("push $-0x5a71a5f0", .size = WORD_BYTES, .src = IN_IMM,
		    .imm = -0x5a71a5f0, STACK, .model = model_push);
	INSTRUCTION64("push %r12", .size = 8, .src = IN_R12, STACK,
		      .model = model_push);
	INSTRUCTION("push " WORD_SP, .size = WORD_BYTES, STACK,
		    .model = model_push_sp);
	/* Its address is computed before SP changes. */
	INSTRUCTION("push" WORD_SUFFIX " (" WORD_SP ")", .size = WORD_BYTES, .src = IN_S,
		    .model = model_push);
}

#define POPS(bytes, s, ax, cx, dx, ...)					\
	INSTRUCTION("pop" s " " cx, .size = bytes, .dest = IN_CX, STACK,	\
		    .model = model_pop);					\
	INSTRUCTION("pop" s " " MEM_A, .size = bytes, .dest = IN_A, STACK, \
		    .model = model_pop)

static void model_pop_to_stack(struct step *step)
{
	u64 value = step_pop(step, WORD_BYTES);

	/* Its address is computed after SP has changed. */
	step_store(step, step->is.frame.sp, WORD_BYTES, value);
}

TEST(pop, "POP to registers and memory")
{
	WORD_AND_16(POPS);
	INSTRUCTION64("pop %r12", .size = 8, .dest = IN_R12, STACK,
		      .model = model_pop);
	INSTRUCTION("pop " WORD_SP, .size = WORD_BYTES, STACK,
		    .model = model_pop_sp, .unprivileged = !IS_64BIT);
	INSTRUCTION("pop" WORD_SUFFIX " (" WORD_SP ")", .size = WORD_BYTES, STACK,
		    .model = model_pop_to_stack);
}

/* A selector is pushed as a word; whether zeros follow is open in 32-bit code. */
static void clear_slot(struct step *step)
{
	step_store(step, step->is.frame.sp - WORD_BYTES, WORD_BYTES, 0);
}

static void model_push_selector(struct step *step)
{
	step_push(step, step->row->size, SEL_USER_DS);
}

static void put_selector_on_stack(struct step *step)
{
	step_store(step, step->is.frame.sp, 2, step->row->imm);
}

enum { DS, ES, FS, GS };

#define MODEL_POP_SELECTOR(name, index)					\
	static void model_pop_##name(struct step *step)			\
	{								\
		step->is.selectors[index] = step_pop(step, step->row->size);	\
	}

MODEL_POP_SELECTOR(ds, DS)
MODEL_POP_SELECTOR(es, ES)
MODEL_POP_SELECTOR(fs, FS)
MODEL_POP_SELECTOR(gs, GS)

#define POP_SELECTOR(ROW, text, bytes, selector, m)			\
	ROW(text, .size = bytes, .imm = selector, STACK, .model = m,	\
	    .prepare = put_selector_on_stack)

TEST(selectors, "PUSH and POP of segment registers")
{
	INSTRUCTION("push %fs", .size = WORD_BYTES, STACK,
		    .model = model_push_selector, .prepare = clear_slot);
	INSTRUCTION("pushw %gs", .size = 2, STACK,
		    .model = model_push_selector);
	INSTRUCTION32("push %es", .size = 4, STACK,
		      .model = model_push_selector, .prepare = clear_slot);
	POP_SELECTOR(INSTRUCTION, "pop %fs", WORD_BYTES, SEL_OTHER_DATA,
		     model_pop_fs);
	POP_SELECTOR(INSTRUCTION, "pop %gs", WORD_BYTES, 0, model_pop_gs);
	POP_SELECTOR(INSTRUCTION, "popw %gs", 2, SEL_OTHER_DATA, model_pop_gs);
	POP_SELECTOR(INSTRUCTION32, "pop %es", 4, SEL_OTHER_DATA,
		     model_pop_es);
	POP_SELECTOR(INSTRUCTION32, "pop %ds", 4, SEL_OTHER_DATA,
		     model_pop_ds);
}

#define USER_FLAGS	(RFLAGS_ARITH | RFLAGS_DF | RFLAGS_NT | RFLAGS_AC | RFLAGS_ID)
#define POPPED_FLAGS	(~(RFLAGS_TF | RFLAGS_IF | RFLAGS_IOPL | RFLAGS_VM) & 0xffffffff)

static void model_pushf(struct step *step)
{
	step_push(step, step->row->size, step->is.frame.flags);
}

static void popf(struct step *step, unsigned long changes)
{
	unsigned long *flags = &step->is.frame.flags;
	u64 value = step_pop(step, step->row->size);

	changes &= size_mask(step->row->size);
	*flags = (*flags & ~changes) | (value & changes);
}

static void model_popf(struct step *step)
{
	popf(step, USER_FLAGS);
}

static void model_popf_kernel(struct step *step)
{
	popf(step, USER_FLAGS | RFLAGS_IF | RFLAGS_IOPL);
}

static void put_flags_on_stack(struct step *step)
{
	step_store(step, step->is.frame.sp, WORD_BYTES, step->row->imm);
}

#define POPF(text, bytes, value, m, ...)				\
	INSTRUCTION_NAMED(text " of " #value, text, .size = bytes,	\
			  .imm = value, STACK, .model = m,		\
			  .reads_flags = true,				\
			  .prepare = put_flags_on_stack, ##__VA_ARGS__)

TEST(pushf, "PUSHF and POPF; IF and IOPL are CPL 0's to change")
{
	INSTRUCTION("pushf", .size = WORD_BYTES, STACK, .model = model_pushf,
		    .reads_flags = true,
		    .flags = RFLAGS_DF | RFLAGS_AC | RFLAGS_ID);
	INSTRUCTION_NAMED("pushf with NT", "pushf", .size = WORD_BYTES, STACK,
			  .model = model_pushf, .flags = RFLAGS_NT);
	INSTRUCTION("pushfw", .size = 2, STACK, .model = model_pushf,
		    .reads_flags = true, .flags = RFLAGS_DF | RFLAGS_ID);
	POPF("popf", WORD_BYTES, 0, model_popf);
	POPF("popf", WORD_BYTES, POPPED_FLAGS & ~RFLAGS_NT, model_popf);
	POPF("popf", WORD_BYTES, RFLAGS_NT, model_popf);
	POPF("popfw", 2, POPPED_FLAGS & ~RFLAGS_NT, model_popf);
	POPF("popf", WORD_BYTES, RFLAGS_IF | RFLAGS_IOPL, model_popf,
	     .unprivileged = true);
	POPF("popf", WORD_BYTES, RFLAGS_IF | RFLAGS_IOPL, model_popf_kernel,
	     .privileged = true);
}

static void model_leave(struct step *step)
{
	u8 size = step->row->size;

	step->is.frame.sp = step->is.frame.gpr[IN_BP - IN_AX];
	step_put(step, IN_BP, step_pop(step, size));
}

static void point_bp_at_stack(struct step *step)
{
	step->is.frame.gpr[IN_BP - IN_AX] = step->is.frame.sp + WORD_BYTES;
}

/* Room for the frame below SP, and older frame pointers below BP. */
static void prepare_enter(struct step *step)
{
	step->is.frame.sp += 2 * WORD_BYTES;
	step->is.frame.gpr[IN_BP - IN_AX] = step->is.frame.sp + 2 * WORD_BYTES;
}

/* imm: the nesting level, and the bytes to reserve above it */
static void model_enter(struct step *step)
{
	unsigned int level = step->row->imm & 31, size = step->row->size;
	unsigned long bp = step->is.frame.gpr[IN_BP - IN_AX], frame;

	step_push(step, size, bp);
	frame = step->is.frame.sp;
	for (unsigned int n = 1; n < level; n++) {
		bp -= size;
		step_push(step, size, step_load(step, bp, size));
	}
	if (level)
		step_push(step, size, frame);
	step->is.frame.gpr[IN_BP - IN_AX] = frame;
	step->is.frame.sp -= step->row->imm >> 8;
}

#define ENTER(level, bytes)						\
	INSTRUCTION("enter $" #bytes ", $" #level, .size = WORD_BYTES,	\
		    .imm = (level) | (bytes) << 8, STACK,		\
		    .model = model_enter, .prepare = prepare_enter)

TEST(frames, "ENTER and LEAVE")
{
	INSTRUCTION("leave", .size = WORD_BYTES, STACK, .model = model_leave,
		    .prepare = point_bp_at_stack);
	INSTRUCTION_NAMED("leavew", ".byte 0x66; leave", .size = 2, STACK,
			  .model = model_leave, .prepare = point_bp_at_stack);
	ENTER(0, 16);
	ENTER(0, 0);
}

TEST(nested_frames, "ENTER with a nesting level copies the outer frames' pointers")
{
	ENTER(1, 8);
	ENTER(3, 0);
}

/* row->imm: bytes from the start to the address that is pushed */
static void model_call(struct step *step)
{
	step_push(step, WORD_BYTES,
	     step_code() + step->row->imm);
}

/* row->imm: bytes that are popped besides the address */
static void model_ret(struct step *step)
{
	step_pop(step, WORD_BYTES);
	step->is.frame.sp += step->row->imm;
}

TEST(calls, "near CALL and RET")
{
	INSTRUCTION_NAMED("call forward", "call 1f; ud2; 1:",
			  .size = WORD_BYTES, .imm = 5, STACK,
			  .model = model_call);
	INSTRUCTION_NAMED("call *" WORD_CX, "call *" WORD_CX "; ud2", .size = WORD_BYTES,
			  .imm = 2, STACK, .model = model_call,
			  .prepare = step_aim_register);
	INSTRUCTION_NAMED("call *" MEM_A, "call *" MEM_A "; ud2",
			  .size = WORD_BYTES, .imm = 2,
			  .uses = BIT(ARENA_S) | BIT(ARENA_A),
			  .model = model_call, .prepare = step_aim_memory);
	INSTRUCTION_NAMED("ret", "ret; ud2", STACK, .model = model_ret,
			  .prepare = step_aim_stack);
	INSTRUCTION_NAMED("ret $16", "ret $16; ud2", .imm = 16, STACK,
			  .model = model_ret, .prepare = step_aim_stack);
}

static void model_pusha(struct step *step)
{
	u32 sp = step->is.frame.sp;

	for (unsigned int gpr = 0; gpr < 8; gpr++)
		step_push(step, step->row->size,
		     gpr == IN_SP - IN_AX ? sp : step->is.frame.gpr[gpr]);
}

static void model_popa(struct step *step)
{
	for (unsigned int gpr = 8; gpr--;) {
		u64 value = step_pop(step, step->row->size);

		if (gpr != IN_SP - IN_AX)
			step_put(step, IN_AX + gpr, value);
	}
}

static void raise_sp(struct step *step)
{
	step->is.frame.sp += 16;
}

TEST(pusha, "PUSHA and POPA, which 64-bit code has not")
{
	INSTRUCTION32("pusha", .size = 4, STACK, .model = model_pusha,
		      .prepare = raise_sp);
	INSTRUCTION32("pushaw", .size = 2, STACK, .model = model_pusha,
		      .prepare = raise_sp);
	INSTRUCTION32("popa", .size = 4, STACK, .model = model_popa);
	INSTRUCTION32("popaw", .size = 2, STACK, .model = model_popa);
}

TEST(stack_fault, "a push or pop that faults leaves SP alone")
{
	INSTRUCTION("push %" STACK_POINTER, .size = WORD_BYTES, STACK,
		    .at = PAGE_SIZE + WORD_BYTES, .absent = BIT(ARENA_S),
		    .model = model_push_sp);
	INSTRUCTION("pop " WORD_CX, .size = WORD_BYTES, STACK, .dest = IN_CX,
		    .at = PAGE_SIZE - 2, .absent = BIT(ARENA_S),
		    .model = model_pop);
	INSTRUCTION("pop" WORD_SUFFIX " " MEM_A, .size = WORD_BYTES, STACK,
		    .at = PAGE_SIZE - 2, .absent = BIT(ARENA_A),
		    .model = model_pop, .dest = IN_A);
	INSTRUCTION("leave", .size = WORD_BYTES, STACK, .model = model_leave,
		    .at = PAGE_SIZE - 2 - WORD_BYTES, .absent = BIT(ARENA_S),
		    .prepare = point_bp_at_stack);
	INSTRUCTION_NAMED("ret", "ret; ud2", STACK, .model = model_ret,
			  .at = PAGE_SIZE - 2, .absent = BIT(ARENA_S));
}
