/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Single steps (SDM 3B, "Single-Step Exception Condition"; SDM 3A, "Masking Exceptions
 * and Interrupts When Switching Stacks"): with TF set there is one #DB behind every
 * instruction, and code here says where it may not be so.
 */
#include <apic.h>
#include <debug_events.h>
#include <insn.h>
#include <scope.h>

ONLY_ON(x86_64);

struct step {
	unsigned long ip, dr6;
};

/* In the code: a #DB is due here. */
#define EVENT(dr6)	"771: .pushsection .rodata.steps, \"a\"\n"	\
			".quad 771b, " dr6 "; .popsection\n"
#define STEP		EVENT("0xffff4ff0")	/* BS */
#define STEP_AGAIN	STEP			/* at the next instruction, which goes on */
#define TRAP		EVENT("0xffff0ff0")	/* a #DB that is no step */
#define DETECT		EVENT("0xffff2ff0")	/* BD */
_Static_assert(DR6_FIXED == 0xffff0ff0 && DR6_BS == 0x4000 && DR6_BD == 0x2000,
	       "the texts");

/* A function that steps through the code, with a list of what is due. */
#define STEPPED(name, before, code)					\
	asm(".pushsection .rodata.steps, \"a\"\n"			\
	    ".balign 8; " #name "_steps: .popsection\n"			\
	    ".pushsection .text\n"					\
	    #name ": push %rbx\n" before "\n"				\
	    "pushf; orl $0x100, (%rsp); popf\n"				\
	    code							\
	    "pushf\n" STEP						\
	    "andl $~0x100, (%rsp)\n" STEP				\
	    "popf\n" STEP						\
	    "pop %rbx; ret\n"						\
	    ".popsection\n"						\
	    ".pushsection .rodata.steps, \"a\"\n"			\
	    #name "_end: .popsection");					\
	void name(void *unused);					\
	extern const struct step name##_steps[], name##_end[]

static void compare(const struct step *steps, const struct step *end)
{
	unsigned int due = end - steps;

	EXPECT_EQ(debug_events.count, due);
	for (unsigned int n = 0; n < due && n < debug_events.count; n++)
		if (!EXPECT_EQ(debug_events.events[n].ip, steps[n].ip) ||
		    !EXPECT_EQ(debug_events.events[n].dr6, steps[n].dr6))
			break;
}

#define EXPECT_STEPS(fn, user)						\
	do {								\
		if (user)						\
			user_call(fn, NULL, RFLAGS_IOPL);		\
		else							\
			fn(NULL);					\
		compare(fn##_steps, fn##_end);				\
	} while (0)

#define AT_BOTH_LEVELS(fn)						\
	do {								\
		SUBTEST("CPL 0") WITH_DEBUG_EVENTS()			\
			EXPECT_STEPS(fn, false);			\
		SUBTEST("CPL 3") WITH_DEBUG_EVENTS()			\
			EXPECT_STEPS(fn, true);				\
	} while (0)

STEPPED(plain, "",
	"nop\n" STEP
	"lea 1(%rax), %rcx\n" STEP
	"jmp 1f; nop; 1:\n" STEP
	"push %rax\n" STEP
	"pop %rax\n" STEP);

TEST(step_plain, "one #DB behind each instruction, from the one behind POPF")
{
	AT_BOTH_LEVELS(plain);
}

STEPPED(rounds, "mov $3, %ecx",
	STEP_AGAIN STEP_AGAIN "loop .\n" STEP
	"mov $2, %ecx\n" STEP
	"lea -32(%rsp), %rdi\n" STEP
	STEP_AGAIN "rep stosb\n" STEP);

TEST(step_rounds, "a repeated instruction is stepped through round by round")
{
	AT_BOTH_LEVELS(rounds);
}

STEPPED(exits, "", "xor %eax, %eax\n" STEP "cpuid\n" STEP "nop\n" STEP);

TEST(step_cpuid, "an instruction that hypervisors emulate has one #DB: CPUID")
{
	AT_BOTH_LEVELS(exits);
}

STEPPED(port, "mov $0x3fd, %edx", "in %dx, %al\n" STEP "nop\n" STEP);

TEST(step_port, "an instruction that hypervisors emulate has one #DB: IN")
{
	AT_BOTH_LEVELS(port);
}

STEPPED(after_sti, "cli", "sti\n" STEP "nop\n" STEP "cli\n" STEP);

TEST(step_sti, "STI holds interrupts back, and no #DB")
{
	apic_enable();	/* firmware's interrupts stay away */
	AT_BOTH_LEVELS(after_sti);
}

STEPPED(after_mov_ss, "mov %ss, %eax",
	"mov %eax, %ss; nop\n" STEP
	"nop\n" STEP);

TEST(step_mov_ss, "MOV to SS holds #DB back: there is none behind it")
{
	AT_BOTH_LEVELS(after_mov_ss);
}

STEPPED(trapping, "", "nop\n" STEP ".byte 0xf1\n" TRAP "nop\n" STEP);

TEST(step_icebp, "ICEBP has its own #DB, and no step besides")
{
	AT_BOTH_LEVELS(trapping);
}

STEPPED(shadowed_trap, "mov %ss, %eax",
	"mov %eax, %ss; .byte 0xf1\n" TRAP "nop\n" STEP);

TEST(step_mov_ss_icebp, "ICEBP behind MOV to SS has its own #DB, and no step besides")
{
	AT_BOTH_LEVELS(shadowed_trap);
}

STEPPED(breakpoint, "", "nop\n" STEP "int3\n" "nop\n" STEP);

TEST(step_int3, "INT3 is #BP, and no step besides")
{
	/* At CPL 0: the gate of #BP is not for CPL 3. */
	WITH_DEBUG_EVENTS() {
		EXPECT_STEPS(breakpoint, false);
		EXPECT_EQ(debug_events.breakpoints, 1);
	}
}

/* DR7.GD is set before the first step would clear it. */
STEPPED(detected, "mov %ss, %eax; mov $0xffff0ff0, %ecx\n"
	"mov $0x2400, %edx; mov %rdx, %dr7",
	"mov %eax, %ss\n" DETECT
	"mov %rcx, %dr6\n" STEP
	"nop\n" STEP);

TEST(step_general_detect, "behind MOV to SS, MOV to DR6 with DR7.GD faults at itself")
{
	WITH_DEBUG_EVENTS() {
		EXPECT_STEPS(detected, false);
		EXPECT_EQ(read_dr7(), DR7_FIXED);
	}
}

STEPPED(halt, "", "sti\n" STEP "hlt\n" STEP "cli\n" STEP);

TEST(step_hlt, "STI; HLT: #DB at HLT, and behind it when it is over")
{
	/* Its ticks end HLT; an interrupt's handler runs without TF. */
	WITH_DEBUG_EVENTS() WITH_WATCHDOG()
		EXPECT_STEPS(halt, false);
}

TEST(step_off, "without TF there is no single step")
{
	WITH_DEBUG_EVENTS() {
		asm volatile("nop; cpuid" : : "a"(0) : "rbx", "rcx", "rdx");
		EXPECT_EQ(debug_events.count, 0);
	}
}
