/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Moves of MMX and SSE registers, and the little of the x87 that emulators know.
 * What a register was loaded with is stored next: to RAM, by the same code.
 */
#include <insn.h>
#include <rows.h>
#include <scope.h>

/* row->size: bytes that go from A through a register to B; B is RAM or a device. */
static void model_copy_a(struct step *step)
{
	unsigned long from = step->is.frame.gpr[IN_DI - IN_AX];
	unsigned long to = step->is.frame.gpr[IN_SI - IN_AX];

	for (u8 n = 0; n < step->row->imm; n += 8)
		step_store(step, to + n, 8, step_load(step, from + n, 8));
}

#define BOTH	.uses = BIT(ARENA_A) | BIT(ARENA_B), .size = 8

#define THROUGH(load, store, reg, bytes, ...)				\
	INSTRUCTION_NAMED(load " and " store,				\
			  load " " MEM_A ", " reg "; " store " " reg ", " MEM_B, \
			  BOTH, .imm = bytes, .model = model_copy_a, ##__VA_ARGS__)

TEST(sse_moves, "SSE moves of 16 bytes", REQUIRES(CPU_SSE2))
{
	WITH_CR4(CR4_OSFXSR, 0) {
		THROUGH("movups", "movups", "%xmm1", 16);
		THROUGH("movupd", "movupd", "%xmm7", 16);
		THROUGH("movaps", "movaps", "%xmm0", 16);
		THROUGH("movapd", "movapd", "%xmm2", 16);
		THROUGH("movdqu", "movdqu", "%xmm3", 16);
		THROUGH("movdqa", "movdqa", "%xmm4", 16);
		THROUGH("movups", "movntps", "%xmm5", 16);
		THROUGH("movdqu", "movntdq", "%xmm6", 16);
		ONLY64(THROUGH("movups", "movups", "%xmm13", 16));
		THROUGH("movups", "movdqu", "%xmm1", 16, .at = 0x103);
		THROUGH("movdqu", "movups", "%xmm1", 16, .at = PAGE_SIZE - 9);
	}
}

/* The first instruction is what faults. */
static void model_gp(struct step *step)
{
	step->fault = FAULT_GP(0);
}

#define MISALIGNED(text)						\
	INSTRUCTION(text, .uses = BIT(ARENA_A), .at = 0x108, .model = model_gp)

TEST(sse_alignment, "aligned forms want 16 bytes: #GP(0)", REQUIRES(CPU_SSE2))
{
	WITH_CR4(CR4_OSFXSR, 0) {
		MISALIGNED("movaps " MEM_A ", %xmm1");
		MISALIGNED("movapd %xmm1, " MEM_A);
		MISALIGNED("movdqa " MEM_A ", %xmm1");
		MISALIGNED("movdqa %xmm1, " MEM_A);
		MISALIGNED("movntps %xmm1, " MEM_A);
		MISALIGNED("movntdq %xmm1, " MEM_A);
	}
}

static void model_absent_page(struct step *step)
{
	step->fault = FAULT_PF_AT(ARENA(ARENA_A) + PAGE_SIZE,
				  step->row->imm);
}

static void zero_xmm1(void *unused)
{
	(void)unused;
	asm volatile("pxor %xmm1, %xmm1");
}

/*
 * A store of more than 8 bytes may have reached the first page when it faults (SDM 3A,
 * "Guaranteed Atomic Operations"): it stores what is there.
 */
static void zero_first_page(struct step *step)
{
	step_store(step, step->is.frame.gpr[IN_DI - IN_AX], 8, 0);
	step_store(step, step->is.frame.gpr[IN_DI - IN_AX] + 8, 1, 0);
}

TEST(sse_page_fault, "a move across pages faults where the second is absent",
     REQUIRES(CPU_SSE2))
{
	WITH_CR4(CR4_OSFXSR, 0) {
		user_call(zero_xmm1, NULL, 0);
		INSTRUCTION("movups %xmm1, " MEM_A, .uses = BIT(ARENA_A),
			    .at = PAGE_SIZE - 9, .absent = BIT(ARENA_A),
			    .imm = PF_W, .model = model_absent_page,
			    .prepare = zero_first_page);
		INSTRUCTION("movups " MEM_A ", %xmm1", .uses = BIT(ARENA_A),
			    .at = PAGE_SIZE - 9, .absent = BIT(ARENA_A),
			    .model = model_absent_page);
	}
}

static void model_ud(struct step *step)
{
	step->fault = FAULT_UD;
}

static void model_nm(struct step *step)
{
	step->fault = FAULT_NM;
}

TEST(sse_disabled, "CR4.OSFXSR clear and CR0.EM: #UD; CR0.TS: #NM",
     REQUIRES(CPU_SSE2))
{
	unsigned long cr0 = read_cr0();

	WITH_CR4(0, CR4_OSFXSR)
		INSTRUCTION_NAMED("movups without OSFXSR",
				  "movups " MEM_A ", %xmm1",
				  .uses = BIT(ARENA_A), .model = model_ud);
	WITH_CR4(CR4_OSFXSR, 0) {
		write_cr0(cr0 | CR0_EM);
		INSTRUCTION_NAMED("movups with EM", "movups " MEM_A ", %xmm1",
				  .uses = BIT(ARENA_A), .model = model_ud);
		write_cr0(cr0 | CR0_TS);
		INSTRUCTION_NAMED("movdqa with TS", "movdqa %xmm1, " MEM_A,
				  .uses = BIT(ARENA_A), .model = model_nm);
		write_cr0(cr0);
	}
}

TEST(mmx_moves, "MOVQ of MMX registers")
{
	THROUGH("movq", "movq", "%mm1", 8);
	THROUGH("movq", "movq", "%mm7", 8, .at = 0x103);
}

#define FCW_DEFAULT	0x037f	/* SDM 1, "x87 FPU Control Word" */
#define FCW_UNMASKED	0x037e	/* the invalid-operation exception */
#define MXCSR_DEFAULT	0x1f80
#define FXSAVE_MXCSR	24	/* offset in the image */

static void model_fnst(struct step *step)
{
	unsigned long at = step->is.frame.gpr[IN_DI - IN_AX];

	step_store(step, at, 2, FCW_DEFAULT);
	step_store(step, at + 2, 2, 0);
}

TEST(x87, "FNINIT, FNSTCW and FNSTSW")
{
	INSTRUCTION_NAMED("fninit, fnstcw, fnstsw",
			  "fninit; fnstcw " MEM_A "; fnstsw 2" MEM_A,
			  .uses = BIT(ARENA_A), .model = model_fnst);
}

static void model_mf(struct step *step)
{
	step->fault = FAULT_MF;
}

/* Made by user code: an invalid operation that is not masked, and not taken yet. */
static void pending_exception(void *unused)
{
	static const u16 fcw = FCW_UNMASKED;
	static const float negative = -1;

	(void)unused;
	asm volatile("fninit; fldcw %0; flds %1; fsqrt" : : "m"(fcw), "m"(negative));
}

static void no_exception(void *unused)
{
	(void)unused;
	asm volatile("fninit");
}

TEST(x87_pending, "a pending x87 exception is #MF at the next MMX instruction")
{
	user_call(pending_exception, NULL, 0);
	INSTRUCTION("movq " MEM_A ", %mm1", .uses = BIT(ARENA_A),
		    .model = model_mf);
	INSTRUCTION("movq %mm1, " MEM_A, .uses = BIT(ARENA_A),
		    .model = model_mf);
	user_call(no_exception, NULL, 0);
}

/* An image that loads, with another control word; what is beyond does not matter. */
static void put_image(struct step *step)
{
	unsigned long at = step->is.frame.gpr[IN_DI - IN_AX];

	for (unsigned int n = 0; n < 40; n += 8)
		step_store(step, at + n, 8, 0);
	step_store(step, at, 2, FCW_DEFAULT & ~0x300);
	step_store(step, at + FXSAVE_MXCSR, 4, step->row->imm);
}

static void model_fxrstor(struct step *step)
{
	step_store(step, step->is.frame.gpr[IN_SI - IN_AX], 2,
		   FCW_DEFAULT & ~0x300);
}

TEST(fxsave, "FXSAVE and FXRSTOR: #GP(0) off 16 bytes, or for a reserved bit of MXCSR",
     REQUIRES(CPU_SSE2))
{
	WITH_CR4(CR4_OSFXSR, 0) {
		/* MXCSR_MASK is the CPU's own: the ways are to agree, no more. */
		INSTRUCTION_NAMED("fxsave", "fninit; fxsave " MEM_A,
				  .uses = BIT(ARENA_A), .ram_only = true);
		INSTRUCTION_NAMED("fxrstor", "fxrstor " MEM_A "; fnstcw " MEM_B,
				  .uses = BIT(ARENA_A) | BIT(ARENA_B),
				  .ram_only = true, .imm = MXCSR_DEFAULT,
				  .prepare = put_image, .model = model_fxrstor);
		INSTRUCTION_NAMED("fxrstor of a reserved bit", "fxrstor " MEM_A,
				  .uses = BIT(ARENA_A), .ram_only = true,
				  .imm = BIT(31), .prepare = put_image,
				  .model = model_gp);
		INSTRUCTION("fxsave " MEM_A, .uses = BIT(ARENA_A), .at = 0x108,
			    .ram_only = true, .model = model_gp);
		INSTRUCTION("fxrstor " MEM_A, .uses = BIT(ARENA_A), .at = 0x108,
			    .ram_only = true, .model = model_gp);
	}
}

static void model_nothing(struct step *step)
{
	(void)step;
}

TEST(clflush, "CLFLUSH and CLFLUSHOPT change nothing that is seen",
     REQUIRES(CPU_CLFLUSH))
{
	INSTRUCTION("clflush " MEM_A, .uses = BIT(ARENA_A),
		    .model = model_nothing);
	INSTRUCTION("clflushopt " MEM_A, .uses = BIT(ARENA_A),
		    .needs = CPU_CLFLUSHOPT, .model = model_nothing);
}
