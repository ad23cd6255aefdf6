/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Real-address mode (SDM 3B, "8086 Emulation"), which hypervisors on CPUs without
 * unrestricted guests emulate whole.  Rows run there, in 16-bit segments of protected mode
 * at both levels, and wherever else emulate.h knows.
 */
#include <insn.h>
#include <real.h>
#include <rows16.h>

static const struct values pairs[] = {
	{ 0, 0, 0 }, { 1, VALUE_ONES, 0 }, { VALUE_MAX, 1, 0 },
	{ VALUE_5A, VALUE_A5, 0 },
};

static const struct values one[] = { { VALUE_5A, VALUE_A5, 0 } };

static void model_nothing(struct step *step)
{
	(void)step;
}

TEST(nothing, "no code changes nothing")
{
	REAL_NAMED("nothing", "", .model = model_nothing);
}

#define BINARY16(op, m)							\
	SIZES16(MEM_REG16, op, m, .reads_flags = true, INPUTS(pairs));	\
	SIZES16(REG_MEM16, op, m, INPUTS(one));				\
	SIZES16(ACC_IMM16, op, m, 0x51, INPUTS(pairs))

TEST(arithmetic, "ADD ADC SUB SBB CMP AND OR XOR TEST")
{
	BINARY16("add", model_add);
	BINARY16("adc", model_adc);
	BINARY16("sub", model_sub);
	BINARY16("sbb", model_sbb);
	BINARY16("cmp", model_cmp);
	BINARY16("and", model_and);
	BINARY16("or", model_or);
	BINARY16("xor", model_xor);
	SIZES16(MEM_REG16, "test", model_test, INPUTS(pairs));
}

TEST(unary, "INC DEC NEG NOT")
{
	SIZES16(MEM16, "inc", model_inc, .reads_flags = true, INPUTS(pairs));
	SIZES16(MEM16, "dec", model_dec, .reads_flags = true, INPUTS(pairs));
	SIZES16(MEM16, "neg", model_neg, INPUTS(pairs));
	SIZES16(MEM16, "not", model_not, .reads_flags = true, INPUTS(one));
}

static const struct values counts[] = {
	{ VALUE_A5, 0, 0 }, { VALUE_5A, 1, 0 }, { VALUE_A5, 9, 0 },
	{ VALUE_5A, 33, 0 },
};

#define MEM_CL16(bytes, s, ax, cx, dx, op, m, ...)			\
	REAL(op s " %cl, " A16, .size = bytes, .dest = IN_A,		\
	     .src = IN_CX, .model = m, ##__VA_ARGS__)

TEST(shifts, "shifts and rotates by CL")
{
	SIZES16(MEM_CL16, "rol", model_rol, INPUTS(counts));
	SIZES16(MEM_CL16, "ror", model_ror, INPUTS(counts));
	SIZES16(MEM_CL16, "rcl", model_rcl, .reads_flags = true, INPUTS(counts));
	SIZES16(MEM_CL16, "rcr", model_rcr, .reads_flags = true, INPUTS(counts));
	SIZES16(MEM_CL16, "shl", model_shl, INPUTS(counts));
	SIZES16(MEM_CL16, "shr", model_shr, INPUTS(counts));
	SIZES16(MEM_CL16, "sar", model_sar, INPUTS(counts));
}

static const struct values doubles[] = {
	{ VALUE_5A, VALUE_A5, 1 }, { VALUE_A5, VALUE_5A, 7 },
};

TEST(double_shifts, "SHLD and SHRD")
{
	REAL("shldw %cl, %dx, %ax", .size = 2, .dest = IN_AX, .src = IN_DX,
	     .aux = IN_CX, .model = model_shld, INPUTS(doubles));
	REAL("shldl %cl, %edx, " A16, .size = 4, .dest = IN_A, .src = IN_DX,
	     .aux = IN_CX, .model = model_shld, INPUTS(doubles));
	REAL("shrdl %cl, %edx, %eax", .size = 4, .dest = IN_AX, .src = IN_DX,
	     .aux = IN_CX, .model = model_shrd, INPUTS(doubles));
}

/* dest, the other factor or divisor, upper half */
static const struct values factors[] = {
	{ VALUE_5A, VALUE_A5, 0 }, { VALUE_ONES, VALUE_ONES, 0 }, { 3, 5, 0 },
};

static const struct values quotients[] = {
	{ VALUE_5A, 7, 0 }, { VALUE_MAX, 1, 0 }, { VALUE_M2, VALUE_ONES, VALUE_ONES },
	{ VALUE_5A, 0, 0 }, { 0, 3, 3 },	/* #DE */
};

#define ACCUMULATE16(bytes, s, ax, cx, dx, op, m, ...)			\
	REAL(op s " " cx, .size = bytes, .dest = IN_AX, .src = IN_CX,	\
	     .aux = bytes == 1 ? IN_AH : IN_DX, .model = m, ##__VA_ARGS__)

TEST(multiply, "MUL and IMUL")
{
	SIZES16(ACCUMULATE16, "mul", model_mul, INPUTS(factors));
	SIZES16(ACCUMULATE16, "imul", model_imul, INPUTS(factors));
	REAL("imulw %dx, %cx", .size = 2, .dest = IN_CX, .src = IN_DX,
	     .aux = IN_CX, .model = model_imul_short, INPUTS(factors));
	REAL("imull $-3, %edx, %ecx", .size = 4, .dest = IN_CX, .src = IN_DX,
	     .aux = IN_IMM, .imm = -3, .model = model_imul_short,
	     INPUTS(factors));
}

TEST(divide, "DIV and IDIV, and #DE through the interrupt table")
{
	SIZES16(ACCUMULATE16, "div", model_div, INPUTS(quotients));
	SIZES16(ACCUMULATE16, "idiv", model_idiv, INPUTS(quotients));
}

TEST(mov, "MOV of immediates, registers and memory")
{
	SIZES16(MEM_REG16, "mov", model_mov, INPUTS(one));
	SIZES16(REG_MEM16, "mov", model_mov, INPUTS(one));
	SIZES16(ACC_IMM16, "mov", model_mov, 0x51, INPUTS(one));
	REAL("movl $0x12345678, %ecx", .size = 4, .dest = IN_CX, .src = IN_IMM,
	     .imm = 0x12345678, .model = model_mov);
	REAL("movw $0x1234, " A16, .size = 2, .dest = IN_A, .src = IN_IMM,
	     .imm = 0x1234, .model = model_mov);
}

#define XCHG_AX(reg, place)						\
	REAL("xchg %" reg ", %eax", .size = 4, .dest = IN_AX,		\
	     .src = place, .model = model_xchg, INPUTS(one))

TEST(xchg, "XCHG of EAX with each register, and with memory; XADD; BSWAP")
{
	XCHG_AX("ecx", IN_CX);
	XCHG_AX("edx", IN_DX);
	XCHG_AX("ebx", IN_BX);
	XCHG_AX("ebp", IN_BP);
	XCHG_AX("esi", IN_SI);
	XCHG_AX("edi", IN_DI);
	SIZES16(MEM_REG16, "xchg", model_xchg, INPUTS(one));
	SIZES16(MEM_REG16, "xadd", model_xadd, INPUTS(one));
	REAL("bswap %edx", .size = 4, .dest = IN_DX, .model = model_bswap,
	     INPUTS(one));
	REAL("cmpxchgw %cx, " A16, .size = 2, .dest = IN_A, .src = IN_CX,
	     .aux = IN_AX, .model = model_cmpxchg, INPUTS(pairs));
}

/* Of one register both operands: the sum is what is left. */
static void model_xadd_same(struct step *step)
{
	u64 value = step_dest(step);

	model_xadd(step);
	step_put_dest(step, 2 * value);
}

TEST(xadd_same, "XADD of a register with itself doubles it")
{
	REAL("xaddl %ecx, %ecx", .size = 4, .dest = IN_CX, .src = IN_CX,
	     .model = model_xadd_same, INPUTS(one));
}

static void model_movzx_al(struct step *step)
{
	step_put_dest(step, step->is.frame.gpr[0] & 0xff);
}

static void model_movsx_ah(struct step *step)
{
	step_put_dest(step, (int8_t)(step->is.frame.gpr[0] >> 8));
}

TEST(extend, "MOVZX and MOVSX of AL and AH; CBW CWDE CWD CDQ")
{
	REAL("movzbw %al, %dx", .size = 2, .dest = IN_DX,
	     .model = model_movzx_al);
	REAL("movzbl %al, %edx", .size = 4, .dest = IN_DX,
	     .model = model_movzx_al);
	REAL("movsbw %ah, %dx", .size = 2, .dest = IN_DX,
	     .model = model_movsx_ah);
	REAL("movsbl %ah, %edx", .size = 4, .dest = IN_DX,
	     .model = model_movsx_ah);
	REAL("cbtw", .size = 2, .dest = IN_AX, .model = model_extend_ax,
	     INPUTS(pairs));
	REAL("cwtl", .size = 4, .dest = IN_AX, .model = model_extend_ax,
	     INPUTS(pairs));
	REAL("cwtd", .size = 2, .dest = IN_AX, .model = model_sign_to_dx,
	     INPUTS(pairs));
	REAL("cltd", .size = 4, .dest = IN_AX, .model = model_sign_to_dx,
	     INPUTS(pairs));
}

TEST(ascii, "AAM AAD DAS SALC SAHF LAHF XLAT")
{
	REAL("aam", .size = 1, .dest = IN_AX, .src = IN_AH, .imm = 10,
	     .model = model_aam, INPUTS(pairs));
	REAL("aad", .size = 1, .dest = IN_AX, .src = IN_AH, .imm = 10,
	     .model = model_aad, INPUTS(pairs));
	REAL("das", .size = 1, .dest = IN_AX, .model = model_das,
	     .reads_flags = true, INPUTS(pairs));
	REAL(".byte 0xd6", .size = 1, .dest = IN_AX, .model = model_salc,
	     .reads_flags = true);
	REAL("lahf", .size = 1, .dest = IN_AH, .model = model_lahf,
	     .reads_flags = true);
	REAL("sahf", .size = 1, .dest = IN_AH, .model = model_sahf,
	     .reads_flags = true, INPUTS(pairs));
}

/*
 * DAS for each AL, each with its flags, by a loop in real mode: AL and the low flags
 * of every result are left at the code page's end.
 */
#define RESULTS		((const u8 *)(uintptr_t)(REAL_CODE + 0x800))

asm(".pushsection .rodata; .code16; das_loop:\n"
    "xor %cx, %cx; mov $0x6800, %di\n"
    "1: mov %cl, %al; push %bx; popf; das; pushf; pop %dx\n"
    "mov %al, (%di); mov %dl, 1(%di); add $2, %di; inc %cl; jnz 1b; ud2\n"
    "das_loop_end: .code" IMAGE_MODE "; .popsection");
extern const u8 das_loop[], das_loop_end[];
_Static_assert(REAL_CODE + 0x800 == 0x6800, "das_loop");

static bool das_right(u8 al, unsigned long flags, const u8 *result)
{
	const struct insn_row row = { .size = 1, .dest = IN_AX };
	struct step step = { .row = &row };

	step.is.frame.gpr[0] = al;
	step.is.frame.flags = flags;
	model_das(&step);
	return result[0] == (u8)step.is.frame.gpr[0] &&
		!((result[1] ^ step.is.frame.flags) & 0xd5);
}

static void check_das(void *arg)
{
	unsigned long flags = *(unsigned long *)arg;
	unsigned int wrong = 0;

	for (unsigned int al = 0; al < 256; al++)
		if (!das_right(al, flags, RESULTS + 2 * al) && !wrong++)
			printf("\tal %#x: got %#x, flags %#x\n", al,
			       RESULTS[2 * al], RESULTS[2 * al + 1]);
	EXPECT_EQ(wrong, 0);
}

TEST(das_all, "DAS of every AL with CF and AF each way")
{
	static const unsigned long sets[] = {
		0, RFLAGS_CF, RFLAGS_AF, RFLAGS_CF | RFLAGS_AF
	};

	for_each(set, sets) SUBTEST("flags %#lx", *set) {
		struct real_state state = {
			.ip = REAL_CODE, .flags = RFLAGS_FIXED,
			.gpr = { [3] = RFLAGS_FIXED | *set, [4] = 0xe100 },
		};
		unsigned long flags = RFLAGS_FIXED | *set;

		memcpy((void *)(uintptr_t)REAL_CODE, das_loop,
		       das_loop_end - das_loop);
		real_run(&state);
		EXPECT_EQ(state.vector, VECTOR_UD);
		/* Long computations are for user mode. */
		user_call(check_das, &flags, 0);
	}
}
