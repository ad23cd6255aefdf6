/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves that convert, choose, compute an address, or have odd operands (SDM 2, each
 * instruction; SDM 2A 2.1.5 for ModRM and SIB; SDM 1, appendix B for the conditions).
 */
#include <rows.h>

static const struct values operands[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_A5, VALUE_MIN, 0 },
	{ 0, VALUE_MAX, 0 },
};

/* The source is narrower than the destination: by its size in row->imm. */
static u64 narrow_source(struct step *step)
{
	return step_src(step) & size_mask(step->row->imm);
}

static void model_movzx(struct step *step)
{
	step_put_dest(step, narrow_source(step));
}

static void model_movsx(struct step *step)
{
	step_put_dest(step, sign_extended(narrow_source(step),
					  step->row->imm));
}

#define EXTEND(op, m, from, bytes, mem_op, reg_op, reg, to)		\
	INSTRUCTION(mem_op " " MEM_A ", " to, .size = bytes,		\
		    .dest = IN_DX, .src = IN_A, .imm = from, .model = m,	\
		    INPUTS(operands));					\
	INSTRUCTION(reg_op " " reg ", " to, .size = bytes,		\
		    .dest = IN_DX, .src = IN_CX, .imm = from, .model = m,	\
		    INPUTS(operands))
#define EXTENDS(op, m)							\
	EXTEND(op, m, 1, 2, op "bw", op "bw", "%cl", "%dx");		\
	EXTEND(op, m, 1, 4, op "bl", op "bl", "%cl", "%edx");		\
	EXTEND(op, m, 2, 4, op "wl", op "wl", "%cx", "%edx");		\
	ONLY64(EXTEND(op, m, 1, 8, op "bq", op "bq", "%cl", "%rdx"));	\
	ONLY64(EXTEND(op, m, 2, 8, op "wq", op "wq", "%cx", "%rdx"))

TEST(movzx, "MOVZX extends by zeros")
{
	EXTENDS("movz", model_movzx);
}

TEST(movsx, "MOVSX and MOVSXD extend by the sign")
{
	EXTENDS("movs", model_movsx);
	ONLY64(EXTEND("movs", model_movsx, 4, 8, "movslq", "movslq", "%ecx",
		      "%rdx"));
}

TEST(cbw, "CBW, CWDE, CDQE; CWD, CDQ, CQO")
{
	INSTRUCTION("cbtw", .size = 2, .dest = IN_AX,
		    .model = model_extend_ax, INPUTS(operands));
	INSTRUCTION("cwtl", .size = 4, .dest = IN_AX,
		    .model = model_extend_ax, INPUTS(operands));
	INSTRUCTION64("cltq", .size = 8, .dest = IN_AX,
		      .model = model_extend_ax, INPUTS(operands));
	INSTRUCTION("cwtd", .size = 2, .dest = IN_AX,
		    .model = model_sign_to_dx, INPUTS(operands));
	INSTRUCTION("cltd", .size = 4, .dest = IN_AX,
		    .model = model_sign_to_dx, INPUTS(operands));
	INSTRUCTION64("cqto", .size = 8, .dest = IN_AX,
		      .model = model_sign_to_dx, INPUTS(operands));
}

#define SETCC(code, name)						\
	INSTRUCTION("set" name " " MEM_A, .size = 1, .dest = IN_A,	\
		    .imm = code, .model = model_setcc,			\
		    .prepare = step_choose_flags, INPUTS(flag_sets));
#define CMOVCC(code, name)						\
	INSTRUCTION("cmov" name " " MEM_A ", %edx", .size = 4,		\
		    .dest = IN_DX, .src = IN_A, .imm = code,		\
		    .model = model_cmov, .prepare = step_choose_flags,		\
		    INPUTS(flag_sets));

TEST(setcc, "SETcc by each condition")
{
	CONDITIONS(SETCC)
	INSTRUCTION("setb %dh", .size = 1, .dest = IN_DH, .imm = 2,
		    .model = model_setcc, .reads_flags = true);
}

TEST(cmovcc, "CMOVcc by each condition; a 32-bit register is always zero-extended")
{
	CONDITIONS(CMOVCC)
	INSTRUCTION("cmovew %cx, %dx", .size = 2, .dest = IN_DX,
		    .src = IN_CX, .imm = 4, .model = model_cmov,
		    .reads_flags = true, INPUTS(operands));
	INSTRUCTION("cmovel %ecx, %edx", .size = 4, .dest = IN_DX,
		    .src = IN_CX, .imm = 4, .model = model_cmov,
		    .reads_flags = true, INPUTS(operands));
	INSTRUCTION64("cmoveq " MEM_A ", %rdx", .size = 8, .dest = IN_DX,
		      .src = IN_A, .imm = 4, .model = model_cmov,
		      .reads_flags = true, INPUTS(operands));
}

TEST(lahf, "LAHF and SAHF move five flags to and from AH")
{
	INSTRUCTION("lahf", .size = 1, .dest = IN_AH, .model = model_lahf,
		    .reads_flags = true, INPUTS(operands));
	INSTRUCTION("sahf", .size = 1, .dest = IN_AH, .model = model_sahf,
		    .reads_flags = true, INPUTS(operands));
}

#define FLAG_MODEL(name, flag, value)					\
	static void model_##name(struct step *step)			\
	{								\
		step_set_flag(step, flag, value);			\
	}

FLAG_MODEL(clc, RFLAGS_CF, false)
FLAG_MODEL(stc, RFLAGS_CF, true)
FLAG_MODEL(cmc, RFLAGS_CF, !step_flag(step, RFLAGS_CF))
FLAG_MODEL(cld, RFLAGS_DF, false)
FLAG_MODEL(std, RFLAGS_DF, true)

TEST(flags, "CLC STC CMC CLD STD change their flag only")
{
	INSTRUCTION("clc", .model = model_clc, .reads_flags = true);
	INSTRUCTION("stc", .model = model_stc, .reads_flags = true);
	INSTRUCTION("cmc", .model = model_cmc, .reads_flags = true);
	INSTRUCTION("std", .model = model_std, .reads_flags = true);
	INSTRUCTION("cld", .model = model_cld, .reads_flags = true,
		    .flags = RFLAGS_DF);
}

static void model_nop(struct step *step)
{
	(void)step;
}

TEST(nop, "NOP, its long forms, PAUSE and prefetches change nothing")
{
	INSTRUCTION("nop", .model = model_nop);
	INSTRUCTION("xchg %ax, %ax", .model = model_nop);
	INSTRUCTION("pause", .model = model_nop);
	INSTRUCTION("nopl 0x12345678" MEM_A, .model = model_nop);
	INSTRUCTION("nopw %cx", .model = model_nop);
	INSTRUCTION("prefetcht0 " MEM_A, .model = model_nop,
		    .uses = BIT(ARENA_A));
	INSTRUCTION("prefetchnta " MEM_A, .model = model_nop,
		    .uses = BIT(ARENA_A));
}

/* An address as base + index * scale + displacement, in one number. */
#define ADDRESS_OF(base, index, scale, disp)				\
	((u64)(u32)(disp) << 32 | (scale) << 16 | (index) << 8 | (base))

static unsigned long *address_register(struct step *step, u8 place)
{
	return place == IN_SP ? &step->is.frame.sp :
		&step->is.frame.gpr[place - IN_AX];
}

/* base + index * scale + displacement, of which the base is not yet */
static unsigned long address_rest(struct step *step)
{
	u64 packed = step->row->imm;
	u8 index = packed >> 8, scale = packed >> 16;
	unsigned long rest = (int32_t)(packed >> 32);

	return index ? rest + *address_register(step, index) * scale : rest;
}

/* Makes the row's address that of operand A: its base is what is missing. */
static void point_at_operand(struct step *step)
{
	unsigned long target = step->is.frame.gpr[IN_DI - IN_AX];
	u8 base = step->row->imm, index = step->row->imm >> 8;

	if (index)
		*address_register(step, index) = 0x123;
	*address_register(step, base) = target - address_rest(step);
}

#define LOAD_AT(text, base, index, scale, disp)				\
	INSTRUCTION64("movl " text ", %edx", .size = 4, .dest = IN_DX,	\
		      .src = IN_A, .imm = ADDRESS_OF(base, index, scale, disp), \
		      .model = model_mov, .prepare = point_at_operand)

TEST(addressing, "every form of ModRM and SIB reaches its operand")
{
	LOAD_AT("(%rax)", IN_AX, 0, 0, 0);
	LOAD_AT("0x12(%rcx)", IN_CX, 0, 0, 0x12);
	LOAD_AT("-0x12345678(%rbx)", IN_BX, 0, 0, -0x12345678);
	LOAD_AT("(%rsp)", IN_SP, 0, 0, 0);
	LOAD_AT("-8(%rsp)", IN_SP, 0, 0, -8);
	LOAD_AT("(%rbp)", IN_BP, 0, 0, 0);
	LOAD_AT("0x7f(%rbp)", IN_BP, 0, 0, 0x7f);
	LOAD_AT("(%r8)", IN_R8, 0, 0, 0);
	LOAD_AT("(%r12)", IN_R12, 0, 0, 0);
	LOAD_AT("-0x80(%r12)", IN_R12, 0, 0, -0x80);
	LOAD_AT("(%r13)", IN_R13, 0, 0, 0);
	LOAD_AT("0x1234(%r15)", IN_R15, 0, 0, 0x1234);
	LOAD_AT("(%rax,%rcx)", IN_AX, IN_CX, 1, 0);
	LOAD_AT("3(%rbx,%rbp,2)", IN_BX, IN_BP, 2, 3);
	LOAD_AT("(%rbp,%rsi,4)", IN_BP, IN_SI, 4, 0);
	LOAD_AT("-1(%rsp,%rax,8)", IN_SP, IN_AX, 8, -1);
	LOAD_AT("0x12345(%r13,%r12,8)", IN_R13, IN_R12, 8, 0x12345);
	LOAD_AT("(%rdx,%r8,4)", IN_DX, IN_R8, 4, 0);
	LOAD_AT("4(%edi)", IN_DI, 0, 0, 4);
	LOAD_AT("(%r9d,%ecx,2)", IN_R9, IN_CX, 2, 0);
	INSTRUCTION32("movl -5(%esp,%ecx,2), %edx", .size = 4, .dest = IN_DX,
		      .src = IN_A, .imm = ADDRESS_OF(IN_SP, IN_CX, 2, -5),
		      .model = model_mov, .prepare = point_at_operand);
	INSTRUCTION16("movl 0x1234(%ebx,%esi,8), %edx", .size = 4,
		      .dest = IN_DX, .src = IN_A,
		      .imm = ADDRESS_OF(IN_BX, IN_SI, 8, 0x1234),
		      .model = model_mov, .prepare = point_at_operand);
}

static void model_lea(struct step *step)
{
	u64 address = address_rest(step);
	u8 base = step->row->imm;

	if (base)
		address += *address_register(step, base);
	step_put_dest(step, address);
}

#define LEA(bytes, text, base, index, scale, disp)			\
	INSTRUCTION64("lea" text, .size = bytes, .dest = IN_DX,		\
		      .imm = ADDRESS_OF(base, index, scale, disp),	\
		      .model = model_lea)

TEST(lea, "LEA computes, and accesses nothing")
{
	LEA(8, "q 0x12(%rcx), %rdx", IN_CX, 0, 0, 0x12);
	LEA(8, "q -1(%rbx,%r9,8), %rdx", IN_BX, IN_R9, 8, -1);
	LEA(8, "q 0x12345678(,%rax,4), %rdx", 0, IN_AX, 4, 0x12345678);
	LEA(4, "l -0x12345678(%r12,%r13,2), %edx", IN_R12, IN_R13, 2,
	    -0x12345678);
	LEA(2, "w 7(%rbp,%rcx), %dx", IN_BP, IN_CX, 1, 7);
	LEA(4, "l 3(%ecx), %edx", IN_CX, 0, 0, 3);
	INSTRUCTION32("leal 5(%ebx,%ecx,4), %edx", .size = 4, .dest = IN_DX,
		      .imm = ADDRESS_OF(IN_BX, IN_CX, 4, 5),
		      .model = model_lea);
}

/* The table is around operand A, as far as its window goes. */
static void point_at_table(struct step *step)
{
	step->is.frame.gpr[IN_BX - IN_AX] =
		step->is.frame.gpr[IN_DI - IN_AX] - step_dest(step);
}

static void model_xlat(struct step *step)
{
	step_put_dest(step, step_load(step, step->is.frame.gpr[IN_BX - IN_AX] +
				      step_dest(step), 1));
}

TEST(xlat, "XLAT adds AL, unsigned, to BX")
{
	INSTRUCTION("xlat", .size = 1, .dest = IN_AX, .uses = BIT(ARENA_A),
		    .model = model_xlat, .prepare = point_at_table,
		    INPUTS(operands));
}

/* ARENA_BASE + 0x100 as the assembler has to see it */
#define ABSOLUTE_A	"0x90000100"
_Static_assert(ARENA_BASE == 0x90000000, "ABSOLUTE_A");

TEST(moffs, "MOV to and from an absolute address")
{
#if IS_64BIT
	INSTRUCTION("movabsb " ABSOLUTE_A ", %al", .size = 1, .dest = IN_AX,
		    .src = IN_A, .model = model_mov, INPUTS(operands));
	INSTRUCTION("movabsl " ABSOLUTE_A ", %eax", .size = 4, .dest = IN_AX,
		    .src = IN_A, .model = model_mov, INPUTS(operands));
	INSTRUCTION("movabsq %rax, " ABSOLUTE_A, .size = 8, .dest = IN_A,
		    .src = IN_AX, .model = model_mov, INPUTS(operands));
#endif
	INSTRUCTION32("movb " ABSOLUTE_A ", %al", .size = 1, .dest = IN_AX,
		      .src = IN_A, .model = model_mov, INPUTS(operands));
	INSTRUCTION32("movl %eax, " ABSOLUTE_A, .size = 4, .dest = IN_A,
		      .src = IN_AX, .model = model_mov, INPUTS(operands));
}

TEST(movnti, "MOVNTI stores around the caches", REQUIRES(CPU_SSE2))
{
	INSTRUCTION("movnti %ecx, " MEM_A, .size = 4, .dest = IN_A,
		    .src = IN_CX, .model = model_mov, INPUTS(operands));
	INSTRUCTION64("movnti %rcx, " MEM_A, .size = 8, .dest = IN_A,
		      .src = IN_CX, .model = model_mov, INPUTS(operands));
}

static const struct values decimals[] = {
	{ 0, 0, 0 }, { 5, 0, 0 }, { 9, 0, 0 }, { 0x0a, 0, 0 }, { 0x99, 0, 0 },
	{ 0x9a, 0, 0 }, { VALUE_ONES, 0, 0 }, { VALUE_MIN, 0, 0 },
	{ 0x65, 0, 0 }, { 0x6f, 0, 0 },
};

TEST(das, "DAS and SALC, which 64-bit code has not")
{
	INSTRUCTION32("das", .size = 1, .dest = IN_AX, .model = model_das,
		      .reads_flags = true, INPUTS(decimals));
	INSTRUCTION32(".byte 0xd6", .size = 1, .dest = IN_AX,
		      .model = model_salc, .reads_flags = true);
}
