/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What no operand makes good: encodings that are no instruction, addresses that are
 * not canonical, and what a fault must not have touched (SDM 2, each instruction's
 * "Exceptions"; SDM 2D, the opcode map; SDM 1 3.3.7.1, "Canonical Addressing"; SDM 3A,
 * "Exception Classifications": the state is that of before the instruction).
 */
#include <rows.h>
#include <scope.h>

static void model_ud(struct step *step)
{
	step->fault = FAULT_UD;
}

static void model_gp(struct step *step)
{
	step->fault = FAULT_GP(0);
}

#define INVALID(text, ...)						\
	INSTRUCTION(text, .model = model_ud, ##__VA_ARGS__)
#define INVALID_BYTES(name, bytes, ...)					\
	INSTRUCTION_NAMED(name, ".byte " bytes, .model = model_ud,	\
			  ##__VA_ARGS__)

TEST(undefined, "encodings that are no instruction: #UD")
{
	INVALID("ud2");
	INVALID_BYTES("lea with a register", "0x8d, 0xc1");
	INVALID_BYTES("movnti with a register", "0x0f, 0xc3, 0xc1");
	INVALID_BYTES("movbe with a register", "0x0f, 0x38, 0xf0, 0xc1");
	INVALID_BYTES("mov to cs", "0x8e, 0xc9");
	INVALID_BYTES("mov to segment register 6", "0x8e, 0xf1");
	INVALID_BYTES("mov from segment register 7", "0x8c, 0xf9");
	INVALID_BYTES("c7 /1", "0xc7, 0xc9, 0, 0, 0, 0");
	INVALID_BYTES("fe /2", "0xfe, 0xd1");
	INVALID_BYTES("ff /7", "0xff, 0xf9");
	INVALID_BYTES("0f ba /0", "0x0f, 0xba, 0xc1, 3");
	INVALID_BYTES("8f /1", "0x8f, 0xc9");
	INVALID_BYTES("cmpxchg8b with a register", "0x0f, 0xc7, 0xc9");
	INVALID_BYTES("fxsave with a register", "0x0f, 0xae, 0xc1");
#if IS_64BIT
	INVALID_BYTES("push es in 64-bit code", "0x06");
	INVALID_BYTES("daa in 64-bit code", "0x27");
	INVALID_BYTES("das in 64-bit code", "0x2f");
	INVALID_BYTES("pusha in 64-bit code", "0x60");
	INVALID_BYTES("aam in 64-bit code", "0xd4, 0x0a");
	INVALID_BYTES("salc in 64-bit code", "0xd6");
	INVALID_BYTES("into in 64-bit code", "0xce");
	INVALID_BYTES("ljmp in 64-bit code", "0xea, 0, 0, 0, 0, 0, 0");
	INVALID_BYTES("82 /0 in 64-bit code", "0x82, 0xc0, 1");
#endif
}

#define LOCK	"lock "

TEST(lock, "LOCK is for writes of memory by the instructions that take it: #UD else")
{
	INVALID_BYTES("lock nop", "0xf0, 0x90");
	INVALID_BYTES("lock add with a register", "0xf0, 0x01, 0xc8");
	INVALID_BYTES("lock add from memory", "0xf0, 0x03, 0x0f",
		      .uses = BIT(ARENA_A));
	INVALID_BYTES("lock cmp", "0xf0, 0x39, 0x0f", .uses = BIT(ARENA_A));
	INVALID_BYTES("lock test", "0xf0, 0x85, 0x0f", .uses = BIT(ARENA_A));
	INVALID_BYTES("lock mov", "0xf0, 0x89, 0x0f", .uses = BIT(ARENA_A));
	INVALID_BYTES("lock bt", "0xf0, 0x0f, 0xba, 0x27, 3",
		      .uses = BIT(ARENA_A));
	INVALID_BYTES("lock shl", "0xf0, 0xd1, 0x27", .uses = BIT(ARENA_A));
	INVALID_BYTES("lock mul", "0xf0, 0xf7, 0x27", .uses = BIT(ARENA_A));
	INVALID_BYTES("lock push", "0xf0, 0xff, 0x37", .uses = BIT(ARENA_A));
	INVALID_BYTES("lock xchg of registers", "0xf0, 0x87, 0xca");
}

static void model_add_cx(struct step *step)
{
	model_add(step);
}

/* Redundant prefixes fill an instruction up; 16 bytes are too many. */
TEST(length, "15 bytes are an instruction, 16 are #GP(0)")
{
	INSTRUCTION_NAMED("15 bytes",
			  ".fill 13, 1, 0x3e; addl %ecx, %edx", .size = 4,
			  .src = IN_CX, .dest = IN_DX, .model = model_add_cx);
	INSTRUCTION_NAMED("16 bytes",
			  ".fill 14, 1, 0x3e; addl %ecx, %edx",
			  .model = model_gp);
}

#if IS_64BIT
#define NONCANONICAL	0x8000000000000000ull

static void model_ss(struct step *step)
{
	step->fault = FAULT_SS(0);
}

static void spoil_di(struct step *step)
{
	step->is.frame.gpr[IN_DI - IN_AX] = NONCANONICAL;
}

static void spoil_bp(struct step *step)
{
	step->is.frame.gpr[IN_BP - IN_AX] = NONCANONICAL;
}

static void spoil_sp(struct step *step)
{
	step->is.frame.sp = NONCANONICAL;
}

static void spoil_cx(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = NONCANONICAL;
}

static void spoil_stack(struct step *step)
{
	step_store(step, step->is.frame.sp, 8, NONCANONICAL);
}

static void spoil_si(struct step *step)
{
	step->is.frame.gpr[IN_SI - IN_AX] = NONCANONICAL;
	step->is.frame.gpr[IN_CX - IN_AX] = 2;
}

#define SPOILT(text, what, m, ...)					\
	INSTRUCTION_NAMED(text " and a bad " #what, text "; ud2",	\
			  .prepare = spoil_##what, .model = m, ##__VA_ARGS__)

TEST(noncanonical, "not canonical: #GP(0), by SP and BP #SS(0), and CR2 stays")
{
	SPOILT("movl (%rdi), %ecx", di, model_gp);
	SPOILT("movb %cl, (%rdi)", di, model_gp);
	SPOILT("lock incl (%rdi)", di, model_gp);
	SPOILT("rep movsb", si, model_gp, .uses = BIT(ARENA_A));
	SPOILT("movl (%rbp), %ecx", bp, model_ss);
	SPOILT("movl %ecx, (%rsp)", sp, model_ss);
	SPOILT("push %rcx", sp, model_ss);
	SPOILT("pop %rcx", sp, model_ss);
	SPOILT("leave", bp, model_ss);
	SPOILT("call *(%rdi)", di, model_gp, .uses = BIT(ARENA_S));
	SPOILT("movl %ds:(%rbp), %ecx", bp, model_ss);
}

TEST(noncanonical_target, "a branch to where no code can be is #GP(0) at the branch")
{
	SPOILT("jmp *%rcx", cx, model_gp);
	SPOILT("call *%rcx", cx, model_gp, .uses = BIT(ARENA_S));
	SPOILT("ret", stack, model_gp, .uses = BIT(ARENA_S));
}

#endif

#define CROSSING(bytes)	.at = PAGE_SIZE - (bytes) / 2, .absent = BIT(ARENA_A)

static void model_absent(struct step *step)
{
	step->fault = FAULT_PF_AT(ARENA(ARENA_A) + PAGE_SIZE, step->row->imm);
}

#define TORN(text, bytes, error)					\
	INSTRUCTION(text, .uses = BIT(ARENA_A), CROSSING(bytes),		\
		    .imm = error, .model = model_absent)

TEST(torn, "an access whose second page is absent changes nothing in the first")
{
	TORN("movw " MEM_A ", %cx", 2, 0);
	TORN("movl " MEM_A ", %ecx", 4, 0);
	TORN("addl %ecx, " MEM_A, 4, PF_W);
	TORN("xchgl %ecx, " MEM_A, 4, PF_W);
	TORN("cmpxchgl %ecx, " MEM_A, 4, PF_W);
	TORN("btsl $3, " MEM_A, 4, PF_W);
}

TEST(torn_store, "a store whose second page is absent changes nothing in the first")
{
	TORN("movw %cx, " MEM_A, 2, PF_W);
	TORN("movl %ecx, " MEM_A, 4, PF_W);
	TORN("movl $0, " MEM_A, 4, PF_W);
	ONLY64(TORN("movq %rcx, " MEM_A, 8, PF_W));
}

static const struct values operands[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_A5, VALUE_ONES, 0 },
};

TEST(crossing_pages, "an operand across two pages that are there")
{
	INSTRUCTION_NAMED("movw across pages", "movw %cx, " MEM_A, .size = 2,
			  .dest = IN_A, .src = IN_CX, .at = PAGE_SIZE - 1,
			  .model = model_mov, INPUTS(operands));
	INSTRUCTION_NAMED("load across pages", "movl " MEM_A ", %ecx", .size = 4,
			  .dest = IN_CX, .src = IN_A, .at = PAGE_SIZE - 3,
			  .model = model_mov, INPUTS(operands));
	INSTRUCTION_NAMED("addl across pages", "addl %ecx, " MEM_A, .size = 4,
			  .dest = IN_A, .src = IN_CX, .at = PAGE_SIZE - 2,
			  .model = model_add, INPUTS(operands));
	INSTRUCTION_NAMED("lock addl across pages", "lock addl %ecx, " MEM_A,
			  .size = 4, .dest = IN_A, .src = IN_CX,
			  .at = PAGE_SIZE - 2, .model = model_add,
			  INPUTS(operands));
}
