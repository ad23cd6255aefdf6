/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What powerpc adds to the vocabulary (common/selftest.c has the rest), and that
 * interrupts are delivered with all of the state that they interrupt (Power ISA 3.1,
 * Book III, 7.5).
 */
#include <asm/page.h>
#include <boot.h>
#include <clock.h>
#include <insn.h>
#include <memory.h>
#include <migrate.h>
#include <paging.h>
#include <probe.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

static struct probe probe;
static struct frame seen;
static u32 seen_count;

static bool see(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	frame->pc = (uintptr_t)probe_end;
	return true;
}

/* XER has its own bits only: SO, OV, CA, and a count (Book I, 3.2.2). */
#define PROBE_XER	0xe000007f
/* What SRR1 has of MSR; the rest tells of the interrupt. */
#define MSR_SAVED	(MSR_SF | MSR_HV | MSR_EE | MSR_PR | MSR_ME | MSR_IR | MSR_DR |	\
			 MSR_RI | MSR_LE)

static void probe_check(void (*run)(void *probe), unsigned int vector, bool user,
			const char *pc)
{
	u64 msr = msr_read() | (user ? MSR_PR | MSR_EE : 0);

	for (unsigned int i = 0; i < GPR_COUNT; i++)
		probe.gpr[i] = i * 0x0101010101010101ull + 0x5a00000000000000ull;
	probe.cr = 0x12345678;
	probe.xer = PROBE_XER;
	probe.ctr = 0xc0c0c0c0c0c0c0c0ull;
	probe.lr = 0x1e1e1e1e1e1e1e1cull;
	seen_count = 0;
	WITH_VECTOR(vector, see)
		if (user)
			user_call(run, &probe);
		else
			run(&probe);
	EXPECT_EQ(seen_count, 1);
	for (unsigned int i = 0; i < GPR_COUNT; i++)
		EXPECT_EQ(seen.gpr[i], probe.gpr[i]);
	EXPECT_EQ(seen.cr, probe.cr);
	EXPECT_EQ(seen.xer, probe.xer);
	EXPECT_EQ(seen.ctr, probe.ctr);
	EXPECT_EQ(seen.lr, probe.lr);
	EXPECT_EQ(seen.pc, (uintptr_t)pc);
	EXPECT_EQ(seen.msr & MSR_SAVED, msr & MSR_SAVED);
}

static void illegal_check(bool user)
{
	probe_check(probe_illegal, FAULT_UNDEFINED.vector, user, probe_illegal_insn);
	EXPECT_FAULT(FAULT_UNDEFINED, frame_fault(&seen));
}

static void sc_check(bool user)
{
	probe_check(probe_sc, VECTOR_SYSTEM_CALL, user, probe_sc_insn + 4);
	EXPECT_FAULT(FAULT_SYSTEM_CALL, frame_fault(&seen));
}

TEST(vectors_kernel, "interrupts of the kernel's own, with all registers")
{
	SUBTEST("illegal") illegal_check(false);
	SUBTEST("sc") sc_check(false);
}

TEST(vectors_user, "interrupts of problem state, with all registers",
     REQUIRES(CPU_RADIX))
{
	SUBTEST("illegal") illegal_check(true);
	SUBTEST("sc") sc_check(true);
}

TEST(traps, "what faults say beside their vector")
{
	EXPECT_FAULT(FAULT_TRAP, TRY("trap"));
	EXPECT_FAULT(FAULT_SYSTEM_CALL, TRY("sc"));
	EXPECT_FAULT(FAULT_PROGRAM(PROGRAM_TRAP), TRY("tweqi %0, 5", "r"(5)));
	EXPECT_FAULT(FAULT_NONE, TRY("tweqi %0, 5", "r"(6)));
}

TEST(traps_fail, "one program interrupt is told from another", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_PROGRAM(PROGRAM_PRIVILEGED), TRY("trap"));
}

INSN(insn_own_stack, "stb 1, 0(1)");

TEST(protection, "pages are what their entries say, for privileged and problem state",
     REQUIRES(CPU_RADIX))
{
	char *page = (char *)PAGES_SPARE;
	u64 physical = (uintptr_t)pages_alloc(1);

	page_map(page, physical, PAGE_CODE);
	EXPECT_FAULT(FAULT_NONE, try_load(page));
	EXPECT_FAULT(FAULT_DATA_AT(page + 3, STORAGE_PROTECTED | STORAGE_STORE),
		     try_store(page + 3));
	page_map(page, physical, PAGE_DATA);
	EXPECT_FAULT(FAULT_NONE, try_store(page + 3));
	EXPECT_FAULT(FAULT_NONE, exec(insn_own_stack, .user = true));
	SUBTEST("the image's code")
		EXPECT_FAULT(FAULT_DATA_AT(probe_sc, STORAGE_PROTECTED | STORAGE_STORE),
			     try_store((void *)probe_sc));
}

TEST(without_translation, "memory is at the same addresses in real mode")
{
	static u64 word;

	word = 1;
	WITH_MSR(0, MSR_IR | MSR_DR) {
		EXPECT_EQ(msr_read() & (MSR_IR | MSR_DR), 0);
		EXPECT_EQ(word, 1);
		word = 2;
		EXPECT_FAULT(FAULT_UNDEFINED, TRY(INSN_UNDEFINED));
		EXPECT_EQ(msr_read() & (MSR_IR | MSR_DR), 0);
	}
	EXPECT_EQ(word, 2);
}

static u32 decrementers;

static bool decrementer_count(struct frame *frame)
{
	(void)frame;
	decrementers++;
	spr_write(SPR_DEC, DEC_FAR);
	return true;
}

TEST(decrementer, "an interrupt comes when it is let in, to the handler that waits")
{
	u64 begin;

	decrementers = 0;
	WITH_VECTOR(VECTOR_DECREMENTER, decrementer_count) {
		spr_write(SPR_DEC, 1000);
		delay_us(1000);
		EXPECT_EQ(decrementers, 0);
		/* A host that is busy may be late. */
		begin = clock_ticks();
		while (!decrementers && clock_ticks() - begin < clock_us_to_ticks(5000000))
			irq_window();
		EXPECT_EQ(decrementers, 1);
	}
}

static u32 servers[64];

static void server_take(void *arg)
{
	(void)arg;
	if (cpu_index() < ARRAY_SIZE(servers))
		servers[cpu_index()] = cpu_self()->server;
}

TEST(cpus, "all CPUs come up, each as its own interrupt server", CPUS(2))
{
	unsigned int count = cpu_count() < 64 ? cpu_count() : 64;

	on_cpus(server_take, NULL);
	for (unsigned int i = 0; i < count; i++)
		for (unsigned int j = 0; j < i; j++)
			EXPECT(servers[i] != servers[j]);
}

TEST(migration, "the machine goes on after migrations", MIGRATES)
{
	u64 before = clock_ticks(), *page = pages_alloc(1);

	for (unsigned int i = 0; i < 5; i++) {
		*page = ~(u64)i;
		spr_write(SPR_SPRG0, i);
		migrate_once();
		EXPECT_EQ(*page, ~(u64)i);
		EXPECT_EQ(spr_read(SPR_SPRG0), i);
		EXPECT(clock_ticks() > before);
		before = clock_ticks();
	}
}

TEST(migration_skip, "and does without one where it said so", MIGRATES)
{
	migrate_skip();
	EXPECT(true);
}
