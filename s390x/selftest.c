/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What s390x adds to the vocabulary (common/selftest.c has the rest), and that
 * interruptions are delivered with all of the state that they interrupt: SA22-7832,
 * chapters 4 and 6.
 */
#include <asm/page.h>
#include <boot.h>
#include <clock.h>
#include <console.h>
#include <exception.h>
#include <insn.h>
#include <memory.h>
#include <migrate.h>
#include <paging.h>
#include <probe.h>
#include <scope.h>
#include <sigp.h>
#include <smp.h>
#include <test.h>

static struct probe probe;
static struct frame seen;
static u32 seen_count;
static char *probe_end;

static bool see(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	frame->psw.addr = (uintptr_t)probe_end;
	return true;
}

#define CC3	(3ull << PSW_CC_SHIFT)

static void probe_check(void (*run)(void *probe), unsigned int code, bool user,
			char *insn, char *end)
{
	u64 mask = psw_mask() & ~(CC3 | PSW_PROBLEM);

	for (unsigned int i = 0; i < 15; i++)
		probe.gpr[i] = 0x0101010101010101 * i + 0x5a5a000000000001;
	seen_count = 0;
	probe_end = end;
	pgm_handle(code, see);
	if (user)
		user_call(run, &probe);
	else
		run(&probe);
	pgm_handle(code, NULL);
	EXPECT_EQ(seen_count, 1);
	for (unsigned int i = 0; i < 15; i++)
		/* The probe's address was in R2, and then its value. */
		EXPECT_EQ(seen.gpr[i], probe.gpr[i]);
	EXPECT_EQ(seen.gpr[15], probe.gpr[15]);
	EXPECT_EQ(seen.psw.addr, (uintptr_t)insn + 2);
	EXPECT_EQ(seen.psw.mask, mask | CC3 | (user ? PSW_PROBLEM : 0));
}

TEST(vectors, "program and supervisor-call interruptions, with all registers")
{
	for (unsigned int user = 0; user < 2; user++) {
		SUBTEST("operation, %s state", user ? "problem" : "supervisor") {
			probe_check(probe_operation, PGM_OPERATION, user,
				    probe_operation_insn, probe_operation_end);
			EXPECT_EQ(seen.interruption.pgm_ilc, 2);
		}
		SUBTEST("supervisor call, %s state", user ? "problem" : "supervisor") {
			probe_check(probe_svc, 0, user, probe_svc_insn, probe_svc_end);
			EXPECT_FAULT(FAULT_SVC(123), frame_fault(&seen));
			EXPECT_EQ(seen.interruption.svc_ilc, 2);
		}
	}
}

INSN(insn_svc, "svc 77");

TEST(calls, "TRY sees SVC, with its number, in both states")
{
	EXPECT_FAULT(FAULT_SVC(0), TRY("svc 0"));
	EXPECT_FAULT(FAULT_SVC(77), exec(insn_svc));
	EXPECT_FAULT(FAULT_SVC(77), exec(insn_svc, .user = true));
}

TEST(calls_other_fails, "another number is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_SVC(1), TRY("svc 2"));
}

static void undefined_there(void *arg)
{
	(void)arg;
	asm volatile(INSN_UNDEFINED);
}

TEST(unexpected_user, "a fault of the problem state that no one expected ends the TEST",
     XFAIL("it must fail"))
{
	user_call(undefined_there, NULL);
}

TEST(psw, "the machine runs in the z/Architecture mode, translated, all masks closed")
{
	u64 open = PSW_IO | PSW_EXT | PSW_MCK | PSW_WAIT | PSW_PROBLEM | PSW_KEY_MASK;

	EXPECT(facility(2));
	EXPECT_EQ(psw_mask() & (PSW_64 | PSW_DAT | PSW_AS_MASK | open), PSW_64 | PSW_DAT);
}

TEST(fpu, "binary floating point: 3 / 2 is 1.5")
{
	double a = 3, b = 2, half = 1.5;
	u64 got, want;

	asm volatile("ld 1, %1; ddb 1, %2; std 1, %0"
		     : "=Q"(got) : "R"(a), "R"(b) : "memory");
	memcpy(&want, &half, sizeof(want));
	EXPECT_EQ(got, want);
}

TEST(addressing, "storing at the last address of all is an addressing exception, where "
     "that is real")
{
	WITH_REAL()
		EXPECT_FAULT(FAULT(PGM_ADDRESSING), try_store((void *)-1ul));
	SUBTEST("virtual, beyond what the ASCE covers")
		EXPECT_FAULT(FAULT(PGM_ASCE_TYPE), try_store((void *)-1ul));
}

TEST(heap, "memory is mapped elsewhere only as long as it is translated")
{
	u8 *alias = (u8 *)PAGES_SPARE, *page = pages_alloc_zeroed(1);

	page_map(alias, (uintptr_t)page, PAGE_DATA);
	EXPECT_EQ(page_physical(alias + 5), (uintptr_t)page + 5);
	EXPECT_FAULT(FAULT_NONE, try_store(alias));
	WITH_REAL()
		EXPECT_FAULT(FAULT(PGM_ADDRESSING), try_store(alias));
}

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

TEST(with_pte, "WITH_PTE, and protection by DAT")
{
	WITH_PTE(page, PTE_PROTECT, 0) {
		EXPECT_FAULT(FAULT_NONE, try_load(page + 3));
		EXPECT_FAULT(FAULT_AT(PGM_PROTECTION, page, TEID_STORE),
			     try_store(page + 3));
	}
	EXPECT_FAULT(FAULT_NONE, try_store(page + 3));
}

TEST(with_cr0, "WITH_CR0 gives back on break and in order, and low addresses are protected")
{
	u64 old = ctl_read(0);

	WITH_CR0(CR0_LOW_PROTECTION, 0) {
		EXPECT_EQ(ctl_read(0), old | CR0_LOW_PROTECTION);
		EXPECT_FAULT(FAULT(PGM_PROTECTION), try_store((void *)8));
		EXPECT_FAULT(FAULT(PGM_PROTECTION), try_store((void *)4096));
		EXPECT_FAULT(FAULT_NONE, try_store((void *)(4096 + 512)));
		WITH_CR0(0, CR0_LOW_PROTECTION) {
			EXPECT_EQ(ctl_read(0), old);
			break;
		}
		EXPECT_EQ(ctl_read(0), old | CR0_LOW_PROTECTION);
	}
	EXPECT_EQ(ctl_read(0), old);
}

static u32 taken;

static void take(void *arg)
{
	atomic_add(arg, 1);
	EXPECT_EQ(irq_frame()->interruption.ext_cpu, cpu_address());
}

TEST(with_irq, "WITH_IRQ takes an interruption once, and says from whom")
{
	taken = 0;
	WITH_IRQ(EXT_EMERGENCY, take, &taken)
		WITH_CR0(CR0_EMERGENCY, 0) {
			EXPECT_EQ(sigp(cpu_address(), SIGP_EMERGENCY, 0, NULL), 0);
			EXPECT_EQ(taken, 0);
			cpu_wait(PSW_EXT);
			EXPECT_EQ(taken, 1);
			irq_window();
		}
	EXPECT_EQ(taken, 1);
}

TEST(irq_unexpected, "an interruption that no one expected ends the TEST",
     XFAIL("it must fail"))
{
	sigp(cpu_address(), SIGP_EMERGENCY, 0, NULL);
	WITH_CR0(CR0_EMERGENCY, 0)
		irq_window();
}

static void nothing_there(void) __attribute__((noinline));
static void nothing_there(void)
{
	asm volatile("");
}

TEST(branches, "branch_try() sees presence and absence of a fault")
{
	u8 *absent = (u8 *)PAGES_SPARE;

	page_map(absent, 0, PAGE_NONE);
	EXPECT_FAULT(FAULT_AT(PGM_PAGE, absent, 0), branch_try(absent));
	EXPECT_FAULT(FAULT_NONE, branch_try(nothing_there));
}

TEST(ebcdic, "EBCDIC 037 and ASCII, there and back")
{
	EXPECT_EQ(to_ebcdic('A'), 0xc1);
	EXPECT_EQ(to_ebcdic('9'), 0xf9);
	EXPECT_EQ(to_ebcdic('z'), 0xa9);
	for (char c = ' '; c <= '~'; c++)
		if (from_ebcdic(to_ebcdic(c)) != c)
			EXPECT_EQ(from_ebcdic(to_ebcdic(c)), c);
}

static u16 addresses[64];

static void address_take(void *arg)
{
	(void)arg;
	if (cpu_index() < ARRAY_SIZE(addresses))
		addresses[cpu_index()] = cpu_address();
}

TEST(smp, "every CPU comes up, with an address of its own")
{
	on_cpus(address_take, NULL);
	for (unsigned int i = 0; i < cpu_count() && i < ARRAY_SIZE(addresses); i++) {
		EXPECT_EQ(addresses[i], cpu_get(i)->address);
		for (unsigned int j = 0; j < i; j++)
			EXPECT(addresses[i] != addresses[j]);
	}
}

TEST(migration, "the machine goes on after migrations", MIGRATES)
{
	u64 before = clock_ticks(), cr13 = ctl_read(13), *word = pages_alloc(1);

	for (unsigned int i = 0; i < 5; i++) {
		*word = ~(u64)i;
		ctl_write(13, i << 12);
		migrate_once();
		EXPECT_EQ(*word, ~(u64)i);
		EXPECT_EQ(ctl_read(13), i << 12);
		EXPECT(clock_ticks() > before);
		before = clock_ticks();
	}
	ctl_write(13, cr13);
}

TEST(migration_skip, "and does without one where it said so", MIGRATES)
{
	migrate_skip();
	EXPECT(true);
}
