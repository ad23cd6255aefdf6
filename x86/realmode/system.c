/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Flags, ports, tables, strings, segment registers and interrupts of real mode (SDM 3B,
 * "Real-Address Mode", "Interrupt and Exception Handling" there; SDM 2, each instruction).
 */
#include <apic.h>
#include <exception.h>
#include <real.h>
#include <rows16.h>
#include <scope.h>

#define FLAG_MODEL(name, bit, value)					\
	static void model_##name(struct step *step)			\
	{								\
		step_set_flag(step, bit, value);			\
	}
FLAG_MODEL(clc, RFLAGS_CF, false)
FLAG_MODEL(stc, RFLAGS_CF, true)
FLAG_MODEL(cld, RFLAGS_DF, false)
FLAG_MODEL(std, RFLAGS_DF, true)
FLAG_MODEL(cli, RFLAGS_IF, false)
FLAG_MODEL(sti, RFLAGS_IF, true)

static void model_cmc(struct step *step)
{
	step_set_flag(step, RFLAGS_CF, !step_flag(step, RFLAGS_CF));
}

TEST(flags, "CLC STC CMC CLD STD, and at CPL 0 CLI STI")
{
	REAL("clc", .model = model_clc, .reads_flags = true);
	REAL("stc", .model = model_stc, .reads_flags = true);
	REAL("cmc", .model = model_cmc, .reads_flags = true);
	REAL("cld", .model = model_cld, .flags = RFLAGS_DF);
	REAL("std", .model = model_std);
	REAL("cli", .privileged = true, .model = model_cli);
	REAL("sti", .privileged = true, .model = model_sti);
}

#define LATCH		0xe0
#define LATCH_TEXT	"$0xe0"

static const struct values operands[] = { { VALUE_5A, VALUE_A5, 0 } };

static void aim_latch(struct step *step)
{
	step->is.frame.gpr[IN_DX - IN_AX] = 0x5a710000 | LATCH;
}

/* AX goes out, is lost, and comes back. */
static void model_return(struct step *step)
{
	u64 value = step_dest(step);

	step->is.frame.gpr[0] = 0;
	step_put_dest(step, value);
}

#define OUT_IN(bytes, s, ax, cx, dx, port)				\
	REAL_NAMED("out" s " and in" s " by " port,			\
		   "out " ax ", " port "; mov $0, %eax; in " port ", " ax, \
		   .privileged = true, .size = bytes, .dest = IN_AX,	\
		   .prepare = aim_latch, .model = model_return, INPUTS(operands))

TEST(ports, "OUT and IN of each size, by an immediate and by DX",
     DEVICE(DEVICE_PC_TESTDEV))
{
	SIZES16(OUT_IN, LATCH_TEXT);
	SIZES16(OUT_IN, "%dx");
}

/* row->imm: rounds; A gets what B has */
static void model_movs(struct step *step)
{
	unsigned long *di = &step->is.frame.gpr[IN_DI - IN_AX];
	unsigned long *si = &step->is.frame.gpr[IN_SI - IN_AX];
	u8 size = step->row->size;

	for (u64 n = step->row->imm; n; n--) {
		step_store(step, *di, size, step_load(step, *si, size));
		*di += size;
		*si += size;
	}
	step_put(step, IN_CX, 0);
}

static void model_stos(struct step *step)
{
	unsigned long *di = &step->is.frame.gpr[IN_DI - IN_AX];
	u8 size = step->row->size;

	for (u64 n = step->row->imm; n; n--) {
		step_store(step, *di, size, step_get(step, IN_AX));
		*di += size;
	}
	step_put(step, IN_CX, 0);
}

/* ECX is the count, whatever size addresses have. */
static void give_count(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = step->row->imm;
}

#define MOVS(bytes, s, ax, cx, dx, ...)					\
	REAL("rep movs" s, .size = bytes, .imm = 3,			\
	     .uses = BIT(ARENA_A) | BIT(ARENA_B), .prepare = give_count, \
	     .model = model_movs);					\
	REAL("rep stos" s, .size = bytes, .imm = 3, .uses = BIT(ARENA_A), \
	     .prepare = give_count, .model = model_stos)

TEST(strings, "REP MOVS and REP STOS")
{
	SIZES16(MOVS);
}

static void model_xlat(struct step *step)
{
	unsigned long *ax = &step->is.frame.gpr[IN_AX - IN_AX];
	unsigned long address = step->is.frame.gpr[IN_BX - IN_AX] + (*ax & 0xff);

	*ax = (*ax & ~0xfful) | step_load(step, (u16)address, 1);
}

static void give_table(struct step *step)
{
	step->is.frame.gpr[IN_BX - IN_AX] = step->is.frame.gpr[IN_DI - IN_AX] - 0x12;
	step->is.frame.gpr[IN_AX - IN_AX] = 0x5a715a17;
}

TEST(xlat, "XLAT")
{
	REAL("xlat", .uses = BIT(ARENA_A), .prepare = give_table,
	     .model = model_xlat);
}

static void model_nothing(struct step *step)
{
	(void)step;
}

TEST(nops, "NOPs of several bytes")
{
	REAL_NAMED("nop of 1", ".byte 0x90", .model = model_nothing);
	REAL_NAMED("nop of 2", ".byte 0x66, 0x90", .model = model_nothing);
	REAL_NAMED("nop of 3", ".byte 0x0f, 0x1f, 0x00", .model = model_nothing);
	REAL_NAMED("nop of 4", ".byte 0x0f, 0x1f, 0x40, 0x00",
		   .model = model_nothing);
	REAL_NAMED("nop of 10", ".byte 0x66, 0x67, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0",
		   .model = model_nothing);
}

/* As the kernel has it: models are user code, and some hypervisors lie to that. */
static struct cpuid leaf_0;

static void model_cpuid(struct step *step)
{
	step_put(step, IN_AX, leaf_0.reg[CPUID_EAX]);
	step_put(step, IN_BX, leaf_0.reg[CPUID_EBX]);
	step_put(step, IN_CX, leaf_0.reg[CPUID_ECX]);
	step_put(step, IN_DX, leaf_0.reg[CPUID_EDX]);
}

static void give_leaf(struct step *step)
{
	step->is.frame.gpr[IN_AX - IN_AX] = 0;
	step->is.frame.gpr[IN_CX - IN_AX] = 0;
}

TEST(cpuid, "CPUID")
{
	leaf_0 = cpuid(0, 0);
	REAL("cpuid", .size = 4, .prepare = give_leaf, .model = model_cpuid);
}

/* row->imm: what it reads */
static void model_imm(struct step *step)
{
	step_put_dest(step, step->row->imm);
}

TEST(registers, "SMSW shows real mode; MOV from DR7 has no memory operand")
{
	unsigned long cr0 = read_cr0();

	REAL_ONLY("smsw %ecx", "smsw %ecx", .size = 4, .dest = IN_CX,
		  .imm = cr0 & ~(CR0_PG | CR0_PE), .model = model_imm);
	WITH_CR0(CR0_CD, 0)
		REAL_ONLY("smsw %ecx with CD", "smsw %ecx", .size = 4,
			  .dest = IN_CX, .imm = (cr0 | CR0_CD) & ~(CR0_PG | CR0_PE),
			  .model = model_imm);
	/* Its ModRM names (%bp,%si) and is EDX. */
	REAL_NAMED("mov %dr7, %edx", ".byte 0x0f, 0x21, 0x3a", .size = 4,
		   .dest = IN_DX, .privileged = true, .imm = read_dr7(),
		   .model = model_imm);
}

#define FCW_DEFAULT	0x037f

static void model_fnst(struct step *step)
{
	unsigned long at = step->is.frame.gpr[IN_DI - IN_AX];

	step_store(step, at, 2, FCW_DEFAULT);
	step_store(step, at + 2, 2, 0);
}

TEST(x87, "FNINIT, FNSTCW and FNSTSW")
{
	REAL("fninit; fnstcw (%di); fnstsw 2(%di)", .uses = BIT(ARENA_A),
	     .model = model_fnst);
}

static void model_idtr(struct step *step)
{
	unsigned long at = step->is.frame.gpr[IN_DI - IN_AX];

	step_store(step, at, 2, 0x3ff);
	step_store(step, at + 2, 4, REAL_IVT);
}

static void model_gdtr(struct step *step)
{
	unsigned long at = step->is.frame.gpr[IN_DI - IN_AX];
	struct table_register gdtr;

	asm("sgdt %0" : "=m"(gdtr));
	step_store(step, at, 2, gdtr.limit);
	step_store(step, at + 2, 4, gdtr.base);
}

TEST(tables, "real mode: SIDT and SGDT")
{
	REAL_ONLY("sidtw", "sidtw (%di)", .uses = BIT(ARENA_A), .model = model_idtr);
	REAL_ONLY("sidtl", "sidtl (%di)", .uses = BIT(ARENA_A), .model = model_idtr);
	REAL_ONLY("sgdtw", "sgdtw (%di)", .uses = BIT(ARENA_A), .model = model_gdtr);
	REAL_ONLY("sgdtl", "sgdtl (%di)", .uses = BIT(ARENA_A), .model = model_gdtr);
}

enum { DS, ES, FS, GS };
#define SELECTOR	0x5a7

static void put_pointer(struct step *step)
{
	unsigned long at = step->is.frame.gpr[IN_DI - IN_AX];

	step_store(step, at, step->row->size, step->row->imm);
	step_store(step, at + step->row->size, 2, SELECTOR);
}

static void model_pointer(struct step *step)
{
	static const u8 registers[] = { DS, ES, FS, GS };

	step_put(step, IN_CX, step->row->imm);
	step->is.selectors[registers[step->row->aux - IN_AX]] = SELECTOR;
}

static void model_lss(struct step *step)
{
	step->is.frame.sp = step->row->imm;
	step->is.frame.ss = SELECTOR;
}

/* aux: which of them, from IN_AX on; it is no operand of the text. */
#define POINTER(text, bytes, index, ...)				\
	REAL_ONLY(text, text, .size = bytes, .aux = IN_AX + (index),	\
		  .imm = 0x3c4d, .uses = BIT(ARENA_A),			\
		  .prepare = put_pointer, .model = model_pointer)

TEST(pointers, "real mode: LDS LES LFS LGS LSS take any selector")
{
	POINTER("ldsw (%di), %cx", 2, DS);
	POINTER("lesw (%di), %cx", 2, ES);
	POINTER("lfsw (%di), %cx", 2, FS);
	POINTER("lgsw (%di), %cx", 2, GS);
	POINTER("lesl (%di), %ecx", 4, ES);
	REAL_ONLY("lssw (%di), %sp", "lssw (%di), %sp", .size = 2, .imm = 0x100,
		  .uses = BIT(ARENA_A), .prepare = put_pointer,
		  .model = model_lss);
}

static void give_selector(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = 0x5a710000 | SELECTOR;
}

#define LOAD(reg, index)						\
	REAL_ONLY("mov %cx, %" #reg, "mov %cx, %" #reg, .size = 2,	\
		  .aux = IN_AX + (index), .imm = SELECTOR,		\
		  .prepare = give_selector, .model = model_pointer)

TEST(segments, "real mode: MOV to segment registers takes any selector")
{
	LOAD(ds, DS);
	LOAD(es, ES);
	LOAD(fs, FS);
	LOAD(gs, GS);
}

static u32 far_away = 0x1f2e3d4c;

static void aim_far_away(struct step *step)
{
	step->is.frame.gpr[IN_BX - IN_AX] = (uintptr_t)&far_away;
}

static void aim_beyond(struct step *step)
{
	step->is.frame.gpr[IN_BX - IN_AX] = step->row->imm;
}

static void model_gp(struct step *step)
{
	step->fault = FAULT_GP(0);
}

static void model_ss(struct step *step)
{
	step->fault = FAULT_SS(0);
}

static void aim_stack_beyond(struct step *step)
{
	step->is.frame.gpr[IN_BP - IN_AX] = step->row->imm;
}

TEST(limits, "big real mode: GS reaches 4 GiB, the others 64 KiB: #GP, #SS")
{
	REAL_ONLY("movl %gs:(%ebx)", "movl %gs:(%ebx), %ecx", .size = 4,
		  .dest = IN_CX, .imm = far_away, .prepare = aim_far_away,
		  .model = model_imm);
	REAL_ONLY("movl (%ebx) at 64 KiB", "movl (%ebx), %ecx",
		  .imm = 0x10000, .prepare = aim_beyond, .model = model_gp);
	REAL_ONLY("movw (%bx) over the end", "movw (%bx), %cx", .imm = 0xffff,
		  .prepare = aim_beyond, .model = model_gp);
	REAL_ONLY("movl (%bp) over the end", "movl (%bp), %ecx", .imm = 0xfffd,
		  .prepare = aim_stack_beyond, .model = model_ss);
}

/* row->imm: the vector; it comes behind the instruction. */
static void model_int(struct step *step)
{
	step->is.frame.vector = step->row->imm;
	step->is.frame.ip = step_landing();
}

TEST(interrupts, "real mode: INT n, INT3 and INTO go through the table")
{
	REAL_ONLY("int $0x11", "int $0x11", .imm = 0x11, .model = model_int);
	REAL_ONLY("int $0x73", "int $0x73", .imm = REAL_STUBS - 1,
		  .model = model_int);
	REAL_ONLY("int3", "int3", .imm = VECTOR_BP, .model = model_int);
	REAL_ONLY("into with OF", "into", .imm = VECTOR_OF, .flags = RFLAGS_OF,
		  .model = model_int);
	REAL_ONLY("into without OF", "cmp %ax, %ax; into", .imm = VECTOR_UD,
		  .undefined = RFLAGS_ARITH, .model = model_nothing);
}

/* An interrupt that waits for IF: where it comes. */
#define WAITING	0xf1

asm(".pushsection .rodata; .code16\n"
    "sti_inc: sti; inc %ax; sti_inc_end: inc %ax; ud2\n"
    "sti_hlt: sti; hlt; sti_hlt_end: ud2\n"
    ".code" IMAGE_MODE "; .popsection");
extern const u8 sti_inc[], sti_inc_end[], sti_hlt[], sti_hlt_end[];

static void check_waiting(const u8 *code, const u8 *end)
{
	struct real_state state = {
		.ip = REAL_CODE, .flags = RFLAGS_FIXED, .gpr = { [4] = 0xe100 },
	};

	apic_enable();
	apic_ipi(APIC_DEST_SELF | WAITING, 0);
	memcpy((void *)(uintptr_t)REAL_CODE, code, 16);
	real_run(&state);
	apic_write(APIC_EOI, 0);
	EXPECT_EQ(state.vector, REAL_STUBS - 1);
	EXPECT_EQ(state.ip, REAL_CODE + (end - code));
}

static void nobody(void *unused)
{
	(void)unused;
}

TEST(sti, "real mode: an interrupt comes one instruction behind STI")
{
	WITH_IRQ(WAITING, nobody, NULL) {
		check_waiting(sti_inc, sti_inc_end);
		irq_window();
	}
}

TEST(sti_hlt, "real mode: HLT behind STI ends at the interrupt that waited")
{
	WITH_IRQ(WAITING, nobody, NULL) {
		check_waiting(sti_hlt, sti_hlt_end);
		irq_window();
	}
}
