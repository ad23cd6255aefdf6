/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * System instructions: what they read and write at CPL 0, and that CPL 3 may not
 * (SDM 2; SDM 3A, "Privileged Instructions").
 */
#include <defs/debug.h>
#include <rows.h>
#include <scope.h>

static void model_gp(struct step *step)
{
	step->fault = FAULT_GP(0);
}

#define DENIED(text, ...)						\
	INSTRUCTION(text, .unprivileged = true, .model = model_gp, ##__VA_ARGS__)

TEST(privileged, "CPL 3: #GP(0), and no operand is looked at")
{
	DENIED("hlt");
	DENIED("clts");
	DENIED("invd");
	DENIED("wbinvd");
	DENIED("rdmsr");
	DENIED("wrmsr");
	DENIED("mov %cr0, %" STACK_POINTER);
	DENIED("mov %cr2, %" STACK_POINTER);
	DENIED("mov %" STACK_POINTER ", %cr3");
	DENIED("mov %" STACK_POINTER ", %cr4");
	DENIED("mov %dr0, %" STACK_POINTER);
	DENIED("mov %" STACK_POINTER ", %dr7");
	DENIED("lmsw %cx");
	DENIED("lmsw " MEM_A, .uses = BIT(ARENA_A));
	DENIED("lgdt " MEM_A, .uses = BIT(ARENA_A));
	DENIED("lidt " MEM_A, .uses = BIT(ARENA_A));
	DENIED("lldt %cx");
	DENIED("ltr " MEM_A, .uses = BIT(ARENA_A));
	DENIED("invlpg " MEM_A, .uses = BIT(ARENA_A));
	ONLY64(DENIED("mov %cr8, %rcx"));
}

TEST(io_privilege, "CPL 3 with IOPL 0: CLI, STI and port instructions are #GP(0)")
{
	DENIED("cli");
	DENIED("sti");
	DENIED("in $0xe0, %al");
	DENIED("outl %eax, %dx");
	DENIED("insb", .uses = BIT(ARENA_A));
	DENIED("rep outsw", .uses = BIT(ARENA_B));
}

static void model_cli(struct step *step)
{
	step_set_flag(step, RFLAGS_IF, false);
}

static void model_sti(struct step *step)
{
	step_set_flag(step, RFLAGS_IF, true);
}

TEST(interrupt_flag, "CLI and STI at CPL 0")
{
	INSTRUCTION("cli", .privileged = true, .model = model_cli);
	INSTRUCTION("sti", .privileged = true, .model = model_sti);
}

/* What a register holds is part of the text's end: it is read back. */
static void model_copy(struct step *step)
{
	step_put_dest(step, step_src(step));
}

static const struct values addresses[] = {
	{ 0, VALUE_5A, 0 }, { 0, VALUE_ONES, 0 }, { 0, 0, 0 },
};

#define ROUND_TRIP(reg, ...)						\
	INSTRUCTION_NAMED("mov to and from " reg,			\
			  "mov %" WORD_SOURCE ", %" reg			\
			  "; mov %" reg ", %" WORD_DEST,		\
			  .privileged = true, .size = WORD_BYTES,	\
			  .src = IN_CX, .dest = IN_DX,			\
			  .model = model_copy, ##__VA_ARGS__)

#if IS_64BIT
#define WORD_SOURCE	"rcx"
#define WORD_DEST	"rdx"
#else
#define WORD_SOURCE	"ecx"
#define WORD_DEST	"edx"
#endif

static void model_cr2(struct step *step)
{
	model_copy(step);
	step->is.cr2 = step_src(step);
}

static void give_cr0(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = step->row->imm;
}

TEST(control_registers, "MOV to control registers, and back")
{
	unsigned long cr0 = read_cr0(), cr3 = read_cr3(), cr4 = read_cr4();

	INSTRUCTION_NAMED("mov to cr2", "mov %" WORD_SOURCE ", %cr2"
			  "; mov %cr2, %" WORD_DEST, .privileged = true,
			  .size = WORD_BYTES, .src = IN_CX, .dest = IN_DX,
			  .model = model_cr2, INPUTS(addresses));
	ROUND_TRIP("cr0", .imm = cr0, .prepare = give_cr0);
	ROUND_TRIP("cr0", .imm = cr0 & ~CR0_MP, .prepare = give_cr0);
	ROUND_TRIP("cr3", .imm = cr3, .prepare = give_cr0);
	ROUND_TRIP("cr4", .imm = cr4 | CR4_TSD | CR4_DE, .prepare = give_cr0);
	ONLY64(ROUND_TRIP("cr8", .imm = 5, .prepare = give_cr0));
	ONLY64(ROUND_TRIP("cr8", .imm = 0, .prepare = give_cr0));
	write_cr0(cr0);
	write_cr4(cr4);
}

#define REFUSED(reg, value)						\
	INSTRUCTION_NAMED("mov to " reg " of " #value,			\
			  "mov %" WORD_SOURCE ", %" reg,		\
			  .privileged = true, .imm = value,		\
			  .prepare = give_cr0, .model = model_gp)

TEST(paging_unprotected, "MOV to CR0 of PG without PE")
{
	unsigned long cr0 = read_cr0();

	/* Where this has no fault, no exception finds its handler any more. */
	if (hypervisor_is(HYPERVISOR_TCG))
		return skip("QEMU 7.2 takes any CR0");
	REFUSED("cr0", cr0 & ~CR0_PE);
}

TEST(control_faults, "MOV to control registers of what does not fit together")
{
	unsigned long cr0 = read_cr0();

	REFUSED("cr0", (cr0 | CR0_NW) & ~CR0_CD);
	ONLY64(REFUSED("cr0", cr0 | BIT(32)));
	write_cr0(cr0);
	ONLY64(REFUSED("cr8", 16));
}

TEST(reserved_cr4, "MOV to CR4 of reserved bits, or of no PAE in long mode")
{
	unsigned long cr4 = read_cr4();

	/* idt_test has this, for QEMU to fail at; here it would cost a timeout. */
	if (hypervisor_is(HYPERVISOR_TCG))
		return skip("QEMU 7.2 restarts it for ever");
	REFUSED("cr4", cr4 | BIT(31));
	ONLY64(REFUSED("cr4", cr4 & ~CR4_PAE));
	ONLY64(REFUSED("cr4", cr4 | BIT(63)));
	write_cr4(cr4);
}

/* The text ends with the difference of the two, and without its scratch. */
static void model_alias(struct step *step)
{
	step_put(step, IN_DX, 0);
	step_put(step, IN_CX, 0);
}

static const struct values zeros[] = { { 0, 0, 0 } };

/* What does not exist reads as 1; RTM and bus locks are active-low. */
static unsigned long dr6_of_zero(void)
{
	return DR6_FIXED & ~((cpu_has(CPU_RTM) ? BIT(16) : 0) |
			     (cpu_has(CPU_BUS_LOCK) ? BIT(11) : 0));
}

static void model_dr6(struct step *step)
{
	step_put(step, IN_DX, step->row->imm);
}

TEST(debug_registers, "MOV to debug registers, and back")
{
	ROUND_TRIP("dr0", INPUTS(addresses));
	ROUND_TRIP("dr3", INPUTS(addresses));
	ROUND_TRIP("dr7", .imm = 0x400, .prepare = give_cr0);
	INSTRUCTION_NAMED("mov to dr6 of 0, and from it", "mov %" WORD_SOURCE
			  ", %dr6; mov %dr6, %" WORD_DEST "",
			  .privileged = true, .size = WORD_BYTES, .src = IN_CX,
			  .dest = IN_DX, .imm = dr6_of_zero(),
			  .model = model_dr6, INPUTS(zeros));
	/* Aliases while CR4.DE is clear. */
	INSTRUCTION_NAMED("mov from dr4 is from dr6", "mov %dr6, %" WORD_SOURCE
			  "; mov %db4, %" WORD_DEST "; sub %" WORD_SOURCE ", %"
			  WORD_DEST "; mov $0, %" WORD_SOURCE,
			  .privileged = true, .size = WORD_BYTES,
			  .undefined = RFLAGS_ARITH, .model = model_alias);
}

static void model_ud(struct step *step)
{
	step->fault = FAULT_UD;
}

TEST(absent_registers, "control and debug registers that are not there are #UD")
{
	WITH_CR4(CR4_DE, 0) {
		INSTRUCTION_NAMED("mov from dr4 with CR4.DE",
				  "mov %db4, %" WORD_DEST,
				  .privileged = true, .model = model_ud);
		INSTRUCTION_NAMED("mov to dr5 with CR4.DE",
				  "mov %" WORD_DEST ", %db5",
				  .privileged = true, .model = model_ud);
	}
	INSTRUCTION_NAMED("mov from cr1", ".byte 0x0f, 0x20, 0xca",
			  .privileged = true, .model = model_ud);
	INSTRUCTION_NAMED("mov to cr5", ".byte 0x0f, 0x22, 0xea",
			  .privileged = true, .model = model_ud);
	INSTRUCTION_NAMED("mov to cr7", ".byte 0x0f, 0x22, 0xfa",
			  .privileged = true, .model = model_ud);
}

/* row->imm: CR0 as it is. */
static void model_smsw(struct step *step)
{
	step_put_dest(step, step->row->imm);
}

TEST(smsw, "SMSW: a word of memory, or all of a register")
{
	unsigned long cr0 = read_cr0();

	INSTRUCTION("smsw %cx", .size = 2, .dest = IN_CX, .imm = cr0,
		    .model = model_smsw);
	INSTRUCTION("smsw %ecx", .size = 4, .dest = IN_CX, .imm = cr0,
		    .model = model_smsw);
	INSTRUCTION64("smsw %rcx", .size = 8, .dest = IN_CX, .imm = cr0,
		      .model = model_smsw);
	INSTRUCTION("smsw " MEM_A, .size = 2, .dest = IN_A, .imm = cr0,
		    .model = model_smsw);
}

/* The low byte of CR0 as SMSW reads it back; PE can be set and not cleared. */
static void model_lmsw(struct step *step)
{
	u64 changes = CR0_MP | CR0_EM | CR0_TS;
	u64 cr0 = (step->row->imm & ~changes) |
		(step_src(step) & changes);

	step_put(step, IN_DX, cr0);
}

static const struct values status_words[] = {
	{ 0, CR0_PE | CR0_MP, 0 }, { 0, CR0_TS, 0 }, { 0, CR0_EM | CR0_PE, 0 },
	{ 0, 0, 0 }, { 0, 0xe0, 0 },
};

static void give_ts(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = CR0_PE | CR0_TS;
}

TEST(lmsw, "LMSW changes MP, EM and TS, and cannot clear PE")
{
	unsigned long cr0 = read_cr0();

	INSTRUCTION_NAMED("lmsw %cx", "lmsw %cx; smsw %dx", .size = 2,
			  .src = IN_CX, .privileged = true, .imm = cr0,
			  .model = model_lmsw, INPUTS(status_words));
	INSTRUCTION_NAMED("lmsw " MEM_A, "lmsw " MEM_A "; smsw %dx", .size = 2,
			  .src = IN_A, .privileged = true, .imm = cr0,
			  .model = model_lmsw, INPUTS(status_words));
	write_cr0(cr0);
	INSTRUCTION_NAMED("clts", "lmsw %cx; clts; smsw %dx", .size = 2,
			  .src = IN_IMM, .dest = IN_DX, .privileged = true,
			  .imm = (u16)cr0 & ~(CR0_EM | CR0_TS | CR0_MP),
			  .prepare = give_ts, .model = model_copy);
	write_cr0(cr0);
}

/* Selectors of the tables in use, and descriptor-table registers. */
static void model_selector(struct step *step)
{
	step_put_dest(step, step->row->imm);
}

static void model_table(struct step *step)
{
	unsigned long address = step->is.frame.gpr[IN_DI - IN_AX];
	const struct table_register *table = (void *)(uintptr_t)step->row->imm;

	step_store(step, address, 2, table->limit);
	step_store(step, address + 2, WORD_BYTES, table->base);
}

static struct table_register read_gdtr(void)
{
	struct table_register gdtr;

	asm volatile("sgdt %0" : "=m"(gdtr));
	return gdtr;
}

static void clear_dx(struct step *step)
{
	step->is.frame.gpr[IN_DX - IN_AX] = 0;
}

TEST(tables, "SGDT, SLDT and STR at CPL 0")
{
	static struct table_register gdtr;

	gdtr = read_gdtr();
	INSTRUCTION("sgdt " MEM_A, .privileged = true, .uses = BIT(ARENA_A),
		    .ram_only = true, .imm = (uintptr_t)&gdtr, .model = model_table);
	INSTRUCTION("str %cx", .size = 2, .dest = IN_CX, .imm = SEL_TSS,
		    .privileged = true, .model = model_selector);
	INSTRUCTION("str %ecx", .size = 4, .dest = IN_CX, .imm = SEL_TSS,
		    .privileged = true, .model = model_selector);
	INSTRUCTION("str " MEM_A, .size = 2, .dest = IN_A, .imm = SEL_TSS,
		    .privileged = true, .model = model_selector);
	INSTRUCTION_NAMED("lldt and sldt %cx", "lldt %dx; sldt %cx", .size = 2,
			  .dest = IN_CX, .aux = IN_DX, .imm = 0,
			  .privileged = true, .model = model_selector,
			  .prepare = clear_dx);
	INSTRUCTION("sldt " MEM_A, .size = 2, .dest = IN_A, .imm = 0,
		    .privileged = true, .model = model_selector);
}

/* Run by name: where a hypervisor restarts it for ever, it costs a timeout. */
TEST(tables_in_device, "SGDT to a device's memory")
{
	static struct table_register gdtr;

	gdtr = read_gdtr();
	INSTRUCTION("sgdt " MEM_A, .privileged = true, .uses = BIT(ARENA_A),
		    .imm = (uintptr_t)&gdtr, .model = model_table);
}
