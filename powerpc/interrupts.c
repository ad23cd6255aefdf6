/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupts, by what causes them: their vector, where they say that they come from,
 * and what else they tell (Power ISA 3.1, Book III, 7.5).
 */
#include <asm/page.h>
#include <boot.h>
#include <clock.h>
#include <insn.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

/* Real mode, and the same state as privileged code has, for mtmsrd. */
#define TRANSLATED	(MSR_IR | MSR_DR)

TEST(machine_checks_stay_on, "MSR.ME is the hypervisor's: neither mtmsrd nor rfid clear it",
     DEVICE(DEVICE_PAPR))
{
	u64 msr = msr_read();

	EXPECT(msr & MSR_ME);
	SUBTEST("mtmsrd") {
		msr_write(msr & ~(u64)MSR_ME);
		EXPECT(msr_read() & MSR_ME);
		msr_write(msr);
	}
	SUBTEST("rfid") {
		u64 got, scratch;

		asm volatile("bcl 20, 31, 1f\n"
			     "1: mflr %1\n"
			     "addi %1, %1, 2f - 1b\n"
			     "mtsrr0 %1; mtsrr1 %2; rfid\n"
			     "2: mfmsr %0\n"
			     : "=&r"(got), "=&b"(scratch)
			     : "r"(msr & ~(u64)MSR_ME) : "lr", "memory");
		EXPECT(got & MSR_ME);
		msr_write(msr);
	}
}

static struct frame seen;
static u32 seen_count;

/* Where instructions are not to be had, go back to who branched there. */
static bool back_to_caller(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	frame->pc = frame->lr;
	frame->msr = (frame->msr & ~(u64)PROGRAM_MASK & ~(u64)STORAGE_INSN_MASK) |
		(msr_read() & TRANSLATED);
	return true;
}

static void branch_to(uintptr_t address)
{
	asm volatile("mtctr %0; bctrl"
		     : : "r"(address) : "ctr", "lr", "memory");
}

/* Behind all real memory, and no device of these machines. */
#define NOWHERE		((uintptr_t)-4)

static struct fault load_word(uintptr_t address)
{
	u64 word;

	return TRY_OUT("lwz %0, 0(%1)", OUT("=r"(word)), "b"(address));
}

TEST(machine_check, "real addresses without memory are machine checks",
     REQUIRES(CPU_ISA_207))
{
	struct fault fault = FAULT_NONE;

	SUBTEST("load") {
		WITH_MSR(0, TRANSLATED)
			fault = load_word(NOWHERE);
		EXPECT_FAULT(FAULT_AT(VECTOR_MACHINE_CHECK, 0, NOWHERE), fault);
	}
	SUBTEST("fetch") {
		/* What executes there on such a machine may be the end of it. */
		if (fault.vector != VECTOR_MACHINE_CHECK) {
			skip("this machine has no machine checks");
			break;
		}
		seen_count = 0;
		WITH_VECTOR(VECTOR_MACHINE_CHECK, back_to_caller)
			WITH_MSR(0, TRANSLATED)
				branch_to(NOWHERE);
		EXPECT_EQ(seen_count, 1);
		EXPECT_EQ(seen.pc, NOWHERE);
	}
}

static uintptr_t behind_memory(void)
{
	return ALIGN_UP(boot_memory_end(), 1ull << 30);
}

TEST(data_storage, "addresses without a translation, and data segments that are none",
     REQUIRES(CPU_RADIX))
{
	uintptr_t nothing = behind_memory() + 0x1234;

	EXPECT_FAULT(FAULT_DATA_AT(nothing, STORAGE_MISSING), load_word(nothing));
	EXPECT_FAULT(FAULT_DATA_AT(nothing, STORAGE_MISSING | STORAGE_STORE),
		     try_store((void *)nothing));
	/* Of an effective address, bits 2 to 11 have to be 0 (6.7.6.1). */
	EXPECT_FAULT(FAULT_SEGMENT_AT(NOWHERE), load_word(NOWHERE));
	for (unsigned int bit = 52; bit < 62; bit++)
		EXPECT_FAULT(FAULT_SEGMENT_AT(1ull << bit), load_word(1ull << bit));
}

TEST(insn_storage, "the same of instructions, whose address is where it came from",
     REQUIRES(CPU_RADIX))
{
	uintptr_t nothing = behind_memory() + 0x1234;

	seen_count = 0;
	WITH_VECTOR(VECTOR_INSN_STORAGE, back_to_caller)
		branch_to(nothing);
	EXPECT_EQ(seen_count, 1);
	EXPECT_FAULT(FAULT_INSN_AT(nothing, STORAGE_MISSING), frame_fault(&seen));
	WITH_VECTOR(VECTOR_INSN_SEGMENT, back_to_caller)
		branch_to(NOWHERE);
	EXPECT_EQ(seen_count, 2);
	EXPECT_FAULT(FAULT_INSN_SEGMENT_AT(NOWHERE), frame_fault(&seen));
}

/* A prefix that no suffix belongs to: type 0, whose suffix is a load's or store's. */
extern char illegal_word[], illegal_pair[];
void illegal_word_run(void), illegal_pair_run(void);
asm(".text\n"
    ".balign 64\n"
    ".globl illegal_word, illegal_word_run, illegal_pair, illegal_pair_run\n"
    "illegal_word_run: illegal_word: .long 0; blr\n"
    ".balign 64\n"
    "illegal_pair_run: illegal_pair: .long 0x04000000, 0; blr\n");

static bool skip_word(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	frame->pc = frame->lr;
	return true;
}

static void illegal_check(void (*run)(void), const char *at, bool prefixed)
{
	unsigned int vector = FAULT_UNDEFINED.vector;

	seen_count = 0;
	WITH_VECTOR(vector, skip_word)
		run();
	EXPECT_EQ(seen_count, 1);
	EXPECT_EQ(seen.pc, (uintptr_t)at);
	EXPECT_FAULT(FAULT_UNDEFINED, frame_fault(&seen));
	EXPECT_EQ(!!(seen.msr & SRR1_PREFIXED), prefixed);
	if (vector == VECTOR_HEMULATION)
		EXPECT_EQ(spr_read(SPR_HEIR), prefixed ? 0x0400000000000000ull : 0);
}

TEST(illegal, "illegal instructions, with what they were to a hypervisor")
{
	illegal_check(illegal_word_run, illegal_word, false);
}

TEST(illegal_prefixed, "illegal instructions of two words say so", REQUIRES(CPU_ISA_310))
{
	illegal_check(illegal_pair_run, illegal_pair, true);
}

/* X(name, instruction): each changes nothing if it is executed after all. */
#define PRIVILEGED(X)							\
	X(mfmsr, "mfmsr 3")						\
	X(mtmsrd, "mtmsrd 3, 1")					\
	X(rfid, "rfid")							\
	X(mfsprg, "mfspr 3, 272")					\
	X(mtsprg, "mtspr 272, 3")					\
	X(mtdec, "mtspr 22, 3")						\
	X(mfpvr, "mfspr 3, 287")					\
	X(slbia, "slbia")						\
	X(tlbsync, "tlbsync")						\
	X(hrfid, "hrfid")

#define DEFINE_PRIVILEGED(name, text)	INSN(insn_##name, text);
PRIVILEGED(DEFINE_PRIVILEGED)

TEST(privileged, "privileged instructions are program interrupts in problem state",
     REQUIRES(CPU_RADIX))
{
#define CHECK_PRIVILEGED(name, text)					\
	SUBTEST(text)							\
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(insn_##name, .user = true));
	PRIVILEGED(CHECK_PRIVILEGED)
}

TEST(unavailable, "what MSR turns off is unavailable")
{
	WITH_MSR(0, MSR_FP | MSR_VEC | MSR_VSX) {
		EXPECT_FAULT(FAULT(VECTOR_FP_UNAVAILABLE, 0), TRY("fmr 0, 0"));
		EXPECT_FAULT(FAULT(0xf20, 0), TRY(".long 0x10000484"));	/* vor 0, 0, 0 */
		EXPECT_FAULT(FAULT(0xf40, 0), TRY(".long 0xf0000490"));	/* xxlor 0, 0, 0 */
	}
	WITH_MSR(MSR_FP | MSR_VEC | MSR_VSX, 0) {
		EXPECT_FAULT(FAULT_NONE, TRY("fmr 0, 0"));
		EXPECT_FAULT(FAULT_NONE, TRY(".long 0x10000484"));
		EXPECT_FAULT(FAULT_NONE, TRY(".long 0xf0000490"));
	}
}

static bool count_it(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	spr_write(SPR_DEC, DEC_FAR);
	return true;
}

TEST(decrementer, "the decrementer interrupts when it is below 0, and let in")
{
	u64 begin = clock_ticks();

	seen_count = 0;
	WITH_VECTOR(VECTOR_DECREMENTER, count_it) {
		spr_write(SPR_DEC, clock_us_to_ticks(1000));
		irq_enable();
		while (!__atomic_load_n(&seen_count, __ATOMIC_RELAXED) &&
		       clock_ticks() - begin < clock_us_to_ticks(5000000))
			cpu_relax();
		irq_disable();
	}
	EXPECT_EQ(seen_count, 1);
	EXPECT(clock_ticks() - begin >= clock_us_to_ticks(1000));
	EXPECT(seen.msr & MSR_EE);
}

static bool count_hdec(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	spr_write(SPR_HDEC, DEC_FAR);
	return true;
}

TEST(hdecrementer, "the hypervisor's decrementer does, too", REQUIRES(CPU_HYPERVISOR))
{
	u64 begin = clock_ticks(), lpcr = spr_read(SPR_LPCR);

	seen_count = 0;
	spr_write(SPR_LPCR, lpcr | BIT(LPCR_HDICE_BIT));
	WITH_VECTOR(VECTOR_HDECREMENTER, count_hdec) {
		spr_write(SPR_HDEC, clock_us_to_ticks(1000));
		irq_enable();
		while (!__atomic_load_n(&seen_count, __ATOMIC_RELAXED) &&
		       clock_ticks() - begin < clock_us_to_ticks(5000000))
			cpu_relax();
		irq_disable();
	}
	spr_write(SPR_LPCR, lpcr);
	EXPECT_EQ(seen_count, 1);
}

/* SRR1 of a system call on POWER10: its LEV (7.5.14). */
#define SRR1_LEV(msr)	((msr) >> 20 & 3)

extern char sc_0[], sc_1[];
void sc_0_run(void), sc_1_run(void);
asm(".text\n"
    ".globl sc_0, sc_0_run, sc_1, sc_1_run\n"
    "sc_0_run: sc_0: sc; blr\n"
    "sc_1_run: sc_1: sc 1; blr\n");

static bool keep(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	return true;
}

static void sc_check(void (*run)(void), const char *at, unsigned int level)
{
	seen_count = 0;
	WITH_VECTOR(VECTOR_SYSTEM_CALL, keep)
		run();
	EXPECT_EQ(seen_count, 1);
	EXPECT_EQ(seen.pc, (uintptr_t)at + 4);
	if (cpu_has(CPU_ISA_310))
		EXPECT_EQ(SRR1_LEV(seen.msr), level);
}

TEST(system_call, "sc goes on behind itself")
{
	sc_check(sc_0_run, sc_0, 0);
}

TEST(system_call_1, "sc 1 is the hypervisor's own there", REQUIRES(CPU_HYPERVISOR))
{
	sc_check(sc_1_run, sc_1, 1);
}
