/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Stacks of 16 bits: SP wraps and counts alone, SS's base is the selector's (SDM 1, "Stack
 * Segment", "Address-Size Attributes for Stack"; SDM 2, PUSH, POP, ENTER, LEAVE).
 */
#include <real.h>
#include <rows16.h>

#define STACK	.uses = BIT(ARENA_S)

static const struct values operands[] = { { VALUE_5A, VALUE_A5, 0 } };

static void model_push(struct step *step)
{
	step_push(step, step->row->size, step_src(step));
}

static void model_pop(struct step *step)
{
	step_put_dest(step, step_pop(step, step->row->size));
}

static void model_push_sp(struct step *step)
{
	step_push(step, step->row->size, step->is.frame.sp);
}

#define PUSH_POP(bytes, s, ax, cx, dx, ...)				\
	REAL("push" s " " cx, .size = bytes, .src = IN_CX, STACK,	\
	     .model = model_push, INPUTS(operands));			\
	REAL("push" s " " A16, .size = bytes, .src = IN_A, STACK,	\
	     .model = model_push, INPUTS(operands));			\
	REAL("push" s " $-3", .size = bytes, .src = IN_IMM, .imm = -3,	\
	     STACK, .model = model_push);				\
	REAL("push" s " $0x5a71", .size = bytes, .src = IN_IMM,		\
	     .imm = 0x5a71, STACK, .model = model_push);		\
	REAL("pop" s " " cx, .size = bytes, .dest = IN_CX, STACK,	\
	     .model = model_pop);					\
	REAL("pop" s " " A16, .size = bytes, .dest = IN_A, STACK,	\
	     .model = model_pop)

TEST(push, "PUSH and POP of registers, memory and immediates")
{
	WIDE_SIZES16(PUSH_POP);
	REAL("push %sp", .size = 2, STACK, .model = model_push_sp);
}

/* Above SP's 16 bits, ESP neither counts nor changes. */
#define HIGH	0x5a710000ul

static void raise_esp(struct step *step)
{
	step->is.frame.sp |= HIGH;
}

static void model_push_high(struct step *step)
{
	step->is.frame.sp &= ~HIGH;
	model_push(step);
	step->is.frame.sp |= HIGH;
}

static void model_pop_high(struct step *step)
{
	step->is.frame.sp &= ~HIGH;
	model_pop(step);
	step->is.frame.sp |= HIGH;
}

TEST(high_esp, "real mode: with bits in ESP above SP, SP is the pointer")
{
	REAL_ONLY("pushw %cx, high ESP", "pushw %cx", .size = 2, .src = IN_CX,
		  STACK, .prepare = raise_esp, .model = model_push_high,
		  INPUTS(operands));
	REAL_ONLY("pushl %ecx, high ESP", "pushl %ecx", .size = 4,
		  .src = IN_CX, STACK, .prepare = raise_esp,
		  .model = model_push_high, INPUTS(operands));
	REAL_ONLY("popw %cx, high ESP", "popw %cx", .size = 2, .dest = IN_CX,
		  STACK, .prepare = raise_esp, .model = model_pop_high);
	REAL_ONLY("popl %ecx, high ESP", "popl %ecx", .size = 4,
		  .dest = IN_CX, STACK, .prepare = raise_esp,
		  .model = model_pop_high);
}

static void raise_sp(struct step *step)
{
	step->is.frame.sp += 16;
}

static void model_pusha(struct step *step)
{
	u32 sp = step->is.frame.sp;

	for (unsigned int gpr = 0; gpr < 8; gpr++)
		step_push(step, step->row->size, gpr == IN_SP - IN_AX ? sp :
			  step->is.frame.gpr[gpr]);
}

static void model_popa(struct step *step)
{
	for (unsigned int gpr = 8; gpr--;) {
		u64 value = step_pop(step, step->row->size);

		if (gpr != IN_SP - IN_AX)
			step_put(step, IN_AX + gpr, value);
	}
}

TEST(pusha, "PUSHA and POPA")
{
	REAL("pushaw", .size = 2, STACK, .model = model_pusha, .prepare = raise_sp);
	/* Elsewhere, ESP's upper half is what the way in has left. */
	REAL_ONLY("pushal", "pushal", .size = 4, STACK, .model = model_pusha,
		  .prepare = raise_sp);
	REAL("popaw", .size = 2, STACK, .model = model_popa);
	REAL("popal", .size = 4, STACK, .model = model_popa);
}

static void model_pushf(struct step *step)
{
	step_push(step, step->row->size, step->is.frame.flags);
}

#define POPPED	(RFLAGS_ARITH | RFLAGS_DF)

static void model_popf(struct step *step)
{
	unsigned long *flags = &step->is.frame.flags;

	*flags = (*flags & ~POPPED) | (step_pop(step, step->row->size) & POPPED);
}

static void put_flags(struct step *step)
{
	step_store(step, step->is.frame.sp, 4, RFLAGS_FIXED | step->row->imm);
}

#define POPF(text, bytes, value)					\
	REAL_NAMED(text " of " #value, text, .size = bytes, .imm = value, \
		   STACK, .reads_flags = true, .prepare = put_flags,	\
		   .model = model_popf)

TEST(pushf, "PUSHF and POPF")
{
	REAL("pushfw", .size = 2, STACK, .model = model_pushf, .reads_flags = true);
	REAL("pushfl", .size = 4, STACK, .model = model_pushf, .reads_flags = true);
	POPF("popfw", 2, 0);
	POPF("popfw", 2, POPPED);
	POPF("popfl", 4, POPPED);
}

/* BP to a frame above SP. */
static void point_bp(struct step *step)
{
	step->is.frame.gpr[IN_BP - IN_AX] = step->is.frame.sp + 4;
}

static void model_leave(struct step *step)
{
	step->is.frame.sp = step->is.frame.gpr[IN_BP - IN_AX];
	step_put(step, IN_BP, step_pop(step, 2));
}

static void model_enter(struct step *step)
{
	step_push(step, 2, step->is.frame.gpr[IN_BP - IN_AX]);
	step_put(step, IN_BP, step->is.frame.sp);
	step->is.frame.sp -= step->row->imm;
}

TEST(frames, "ENTER and LEAVE")
{
	REAL("enter $6, $0", .size = 2, .imm = 6, STACK, .model = model_enter);
	REAL("leave", .size = 2, STACK, .model = model_leave, .prepare = point_bp);
}

/* Selectors of real mode: any number, the base is 16 times it. */
enum { DS, ES, FS, GS };
#define SELECTOR	0x5a7

static void put_selector(struct step *step)
{
	step_store(step, step->is.frame.sp, 2, SELECTOR);
}

#define POP_SELECTOR(name, index)					\
	static void model_pop_##name(struct step *step)			\
	{								\
		step->is.selectors[index] = step_pop(step, step->row->size); \
	}
POP_SELECTOR(ds, DS)
POP_SELECTOR(es, ES)
POP_SELECTOR(fs, FS)
POP_SELECTOR(gs, GS)

static void model_push_zero(struct step *step)
{
	step_push(step, step->row->size, 0);
}

TEST(selectors, "real mode: PUSH and POP of segment registers")
{
	REAL_ONLY("pushw %es", "pushw %es", .size = 2, STACK,
		  .model = model_push_zero);
	REAL_ONLY("pushw %ss", "pushw %ss", .size = 2, STACK,
		  .model = model_push_zero);
	REAL_ONLY("pushw %fs", "pushw %fs", .size = 2, STACK,
		  .model = model_push_zero);
	REAL_ONLY("popw %ds", "popw %ds", .size = 2, STACK,
		  .prepare = put_selector, .model = model_pop_ds);
	REAL_ONLY("popw %es", "popw %es", .size = 2, STACK,
		  .prepare = put_selector, .model = model_pop_es);
	REAL_ONLY("popw %fs", "popw %fs", .size = 2, STACK,
		  .prepare = put_selector, .model = model_pop_fs);
	REAL_ONLY("popl %es", "popl %es", .size = 4, STACK,
		  .prepare = put_selector, .model = model_pop_es);
	REAL_ONLY("popl %gs", "popl %gs", .size = 4, STACK,
		  .prepare = put_selector, .model = model_pop_gs);
}

/* The stack's arena through a base of its own. */
#define STACK_SS	0xe00
#define STACK_SP	0x100

static void give_stack(struct step *step)
{
	step->is.frame.gpr[IN_AX - IN_AX] = STACK_SS;
	step->is.frame.gpr[IN_BP - IN_AX] = STACK_SP;
	step_store(step, step->is.frame.sp, 2, STACK_SS);
}

static void model_based(struct step *step)
{
	step_put_dest(step, step_load(step, step->is.frame.sp, step->row->size));
	step->is.frame.ss = STACK_SS;
	step->is.frame.sp = STACK_SP;
}

#define BASED(title, text, bytes)					\
	REAL_ONLY(title, "mov %ax, %ss; mov %bp, %sp; " text, .size = bytes, \
		  .dest = IN_CX, STACK, .prepare = give_stack,		\
		  .model = model_based)

TEST(stack_base, "real mode: BP and ESP as bases address by SS")
{
	BASED("movw (%bp)", "movw (%bp), %cx", 2);
	BASED("movl (%bp)", "movl (%bp), %ecx", 4);
	BASED("movl (%ebp)", "movzwl %bp, %ebp; movl (%ebp), %ecx", 4);
	BASED("movl (%esp)", "movzwl %sp, %esp; movl (%esp), %ecx", 4);
}
