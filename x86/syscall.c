/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SYSCALL and SYSRET (SDM 2B; SDM 3A, "Fast System Calls in 64-Bit Mode"; APM 3):
 * where they go, what becomes of the flags, and when the trap flag counts.
 */
#include <scope.h>
#include <test.h>
#include <trial.h>

ONLY_ON(x86_64);

/*
 * A trial runs one of these and ends at the first exception. That is a UD2 where the
 * instruction was to lead, in both code sizes, or else its own fault.
 */
asm(".pushsection .text\n"
    "syscall_code: syscall; syscall_back: ud2\n"
    "syscall_landing: ud2\n"
    "sysretq_code: sysretq\n"
    "sysretl_code: sysretl\n"
    "sysret_landing: nop; ud2\n"
    ".popsection");
extern const u8 syscall_code[], syscall_back[], syscall_landing[],
	sysretq_code[], sysretl_code[], sysret_landing[];

/*
 * Bits 47:32 are SYSCALL's CS, and its SS is the next one; of bits 63:48, SYSRET's SS is
 * the next one, and its CS that of 32-bit code or, two on, of 64-bit code.
 */
#define STAR	((u64)(SEL_USER_CS32) << 48 | (u64)SEL_KERNEL_CS << 32)
_Static_assert(SEL_KERNEL_DS == SEL_KERNEL_CS + 8 && SEL_USER_DS == SEL_USER_CS32 + 8 &&
	       SEL_USER_CS == SEL_USER_CS32 + 16, "STAR");
#define STACK	((uintptr_t)cpu_self() + CPU_STACK_USER - 64)
#define ARITHMETIC (RFLAGS_CF | RFLAGS_ZF | RFLAGS_SF | RFLAGS_OF)

/* What SYSRET takes of R11 (SDM 2B, SYSRET): not RF, VM and the reserved bits. */
#define SYSRET_FLAGS	0x3c7fd7ul

#define WITH_SYSCALL(mask)						\
	WITH_MSR(MSR_STAR, STAR)					\
		WITH_MSR(MSR_LSTAR, (uintptr_t)syscall_landing)		\
			WITH_MSR(MSR_CSTAR, (uintptr_t)syscall_landing)	\
				WITH_MSR(MSR_SFMASK, mask)		\
					WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) | EFER_SCE)

static struct frame at_cpl3(const u8 *ip, u16 cs, unsigned long flags)
{
	return (struct frame){
		.ip = (uintptr_t)ip, .cs = cs, .ss = SEL_USER_DS,
		.sp = STACK, .flags = RFLAGS_FIXED | flags,
	};
}

static struct frame at_cpl0(const u8 *ip, const u8 *rcx, unsigned long r11)
{
	struct frame frame = {
		.ip = (uintptr_t)ip, .cs = SEL_KERNEL_CS, .ss = SEL_KERNEL_DS,
		.sp = STACK, .flags = RFLAGS_FIXED,
	};

	frame.gpr[1] = (uintptr_t)rcx;
	frame.gpr[11] = r11;
	return frame;
}

TEST(target, "SYSCALL goes to LSTAR at once after the MSRs were written",
     REQUIRES(CPU_SYSCALL))
{
	struct frame frame = at_cpl0(syscall_code, NULL, 0);

	WITH_SYSCALL(0)
		EXPECT_FAULT(FAULT_NONE,
			     trial_fault(trial_run(&frame), syscall_landing));
}

static void check_entry(const struct trial *end, unsigned long flags,
			unsigned long mask)
{
	const struct frame *frame = &end->frame;

	EXPECT_FAULT(FAULT_NONE, trial_fault(end, syscall_landing));
	EXPECT_EQ(frame->cs, SEL_KERNEL_CS);
	EXPECT_EQ(frame->ss, SEL_KERNEL_DS);
	EXPECT_EQ(frame->sp, STACK);
	EXPECT_EQ(frame->gpr[1], (uintptr_t)syscall_back);
	/* RF is what the end's own fault sets; R11 never has it. */
	EXPECT_EQ(frame->gpr[11], RFLAGS_FIXED | flags);
	EXPECT_EQ(frame->flags & ~RFLAGS_RF, RFLAGS_FIXED | (flags & ~mask));
}

TEST(user, "SYSCALL from CPL 3: RCX and R11, CS and SS by STAR, flags by SFMASK",
     REQUIRES(CPU_SYSCALL))
{
	static const unsigned long masks[] = {
		0, RFLAGS_CF | RFLAGS_DF, ~0u & ~RFLAGS_FIXED
	};
	unsigned long flags = ARITHMETIC | RFLAGS_DF;
	struct frame frame = at_cpl3(syscall_code, SEL_USER_CS, flags);

	for_each(mask, masks) SUBTEST("SFMASK %#lx", *mask)
		WITH_SYSCALL(*mask)
			check_entry(trial_run(&frame), flags, *mask);
}

/* If SYSCALL goes somewhere all the same, it ends there. */
#define WITHOUT_SYSCALL()						\
	WITH_MSR(MSR_LSTAR, (uintptr_t)syscall_landing)			\
		WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) & ~(u64)EFER_SCE)

TEST(disabled, "SYSCALL and SYSRET are #UD while EFER.SCE is clear",
     REQUIRES(CPU_SYSCALL))
{
	struct frame in = at_cpl0(syscall_code, NULL, 0);
	struct frame out = at_cpl0(sysretq_code, sysret_landing, RFLAGS_FIXED);

	WITHOUT_SYSCALL() {
		EXPECT_FAULT(FAULT_UD, trial_fault(trial_run(&in),
						   syscall_landing));
		EXPECT_FAULT(FAULT_UD, trial_fault(trial_run(&out),
						   sysret_landing + 1));
	}
}

TEST(disabled_user, "SYSCALL at CPL 3 is #UD while EFER.SCE is clear",
     REQUIRES(CPU_SYSCALL))
{
	struct frame frame = at_cpl3(syscall_code, SEL_USER_CS, 0);

	WITHOUT_SYSCALL()
		EXPECT_FAULT(FAULT_UD, trial_fault(trial_run(&frame),
						   syscall_landing));
}

TEST(sysret, "SYSRET: 64-bit or 32-bit code at CPL 3 by STAR, flags by R11",
     REQUIRES(CPU_SYSCALL))
{
	static const struct {
		const char *name;
		const u8 *code;
		u16 cs;
	} rows[] = {
		{ "sysretq", sysretq_code, SEL_USER_CS },
		{ "sysretl", sysretl_code, SEL_USER_CS32 },
	};
	unsigned long flags = ARITHMETIC | RFLAGS_RF | RFLAGS_FIXED;

	for_each(row, rows) SUBTEST("%s", row->name) WITH_SYSCALL(0) {
		struct frame frame = at_cpl0(row->code, sysret_landing, flags);
		const struct trial *end = trial_run(&frame);

		EXPECT_FAULT(FAULT_NONE, trial_fault(end, sysret_landing + 1));
		EXPECT_EQ(end->frame.cs, row->cs);
		EXPECT_EQ(end->frame.ss, SEL_USER_DS);
		EXPECT_EQ(end->frame.sp, STACK);
		EXPECT_EQ(end->frame.flags & ~RFLAGS_RF,
			  (flags & SYSRET_FLAGS) | RFLAGS_FIXED);
	}
}

TEST(sysret_user, "SYSRET at CPL 3 is #GP(0)", REQUIRES(CPU_SYSCALL))
{
	struct frame frame = at_cpl3(sysretq_code, SEL_USER_CS, 0);

	WITH_SYSCALL(0)
		EXPECT_FAULT(FAULT_GP(0), trial_fault(trial_run(&frame), NULL));
}

/* Intel faults before CPL changes, AMD when the user's fetch finds no code. */
TEST(sysret_target, "SYSRET to where no code can be is #GP(0), and never runs there",
     REQUIRES(CPU_SYSCALL))
{
	const u8 *nowhere = (const u8 *)0x800000000000;
	struct frame frame = at_cpl0(sysretq_code, nowhere, RFLAGS_FIXED);

	WITH_SYSCALL(0) {
		const struct trial *end = trial_run(&frame);

		EXPECT_FAULT(FAULT_GP(0), trial_fault(end, NULL));
		if (cpu_is_intel())
			EXPECT_EQ(end->frame.ip, (uintptr_t)sysretq_code);
		else
			EXPECT_EQ(end->frame.ip, (uintptr_t)nowhere);
		EXPECT_EQ(end->frame.cs & 3, cpu_is_intel() ? 0 : 3);
	}
}

static void check_single_step(const struct trial *end, const u8 *ip, u16 cs)
{
	EXPECT_FAULT(FAULT_DB, trial_fault(end, NULL));
	EXPECT_EQ(end->frame.ip, (uintptr_t)ip);
	EXPECT_EQ(end->frame.cs, cs);
	EXPECT(end->frame.flags & RFLAGS_TF);
}

/* Whether a step is taken is decided after the instruction, by the new flags. */
TEST(trap_flag, "64-bit: SYSCALL that masks TF is no step; SYSRET to TF is one",
     REQUIRES(CPU_SYSCALL))
{
	struct frame in = at_cpl3(syscall_code, SEL_USER_CS, RFLAGS_TF);
	struct frame out = at_cpl0(sysretq_code, sysret_landing,
				   RFLAGS_FIXED | RFLAGS_TF);

	WITH_SYSCALL(RFLAGS_TF) {
		SUBTEST("syscall")
			check_entry(trial_run(&in), RFLAGS_TF, RFLAGS_TF);
		SUBTEST("sysretq")
			check_single_step(trial_run(&out), sysret_landing,
					  SEL_USER_CS);
	}
}

TEST(trap_flag_32, "32-bit user code: the same by CSTAR and SYSRETL, AMD's alone",
     REQUIRES(CPU_SYSCALL))
{
	struct frame in = at_cpl3(syscall_code, SEL_USER_CS32, RFLAGS_TF);
	struct frame out = at_cpl0(sysretl_code, sysret_landing,
				   RFLAGS_FIXED | RFLAGS_TF);

	WITH_SYSCALL(RFLAGS_TF) {
		SUBTEST("syscall") {
			if (cpu_is_intel())
				EXPECT_FAULT(FAULT_UD,
					     trial_fault(trial_run(&in), NULL));
			else
				check_entry(trial_run(&in), RFLAGS_TF,
					    RFLAGS_TF);
		}
		SUBTEST("sysretl")
			check_single_step(trial_run(&out), sysret_landing,
					  SEL_USER_CS32);
	}
}
