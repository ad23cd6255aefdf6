/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The harness tests itself: each word of the vocabulary, negatives included.
 * What must fail is in a TEST with XFAIL: were it not seen to fail, that TEST
 * would be XPASS, and red.
 */
#include <apic.h>
#include <exception.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <tsc.h>

#define NOT_MAPPED	((char *)0x90000000ul)
#define NEVER		CPUID_BIT(0x7, 1, CPUID_EBX, 31)

TEST(expect, "EXPECT and EXPECT_EQ hold and say so")
{
	EXPECT(EXPECT(1 + 1 == 2));
	EXPECT(EXPECT_EQ(0xffffffffffffffffull, -1ll));
}

TEST(expect_fails, "a condition that does not hold is seen", XFAIL("it must fail"))
{
	EXPECT(1 + 1 == 3);
}

TEST(expect_eq_fails, "unequal values are seen", XFAIL("it must fail"))
{
	EXPECT_EQ(2 + 2, 5);
}

TEST(expect_fault_none_fails, "a fault where none was expected is seen",
     XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_NONE, TRY("ud2"));
}

TEST(expect_fault_absent_fails, "an absent fault is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_UD, TRY("nop"));
}

TEST(expect_fault_error_fails, "a wrong error code is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_GP(8), TRY("mov %w0, %%fs", "r"(0x1230)));
}

TEST(expect_fault_address_fails, "a wrong address is seen", XFAIL("it must fail"))
{
	WITH_PTE(NOT_MAPPED, 0, PTE_P)
		EXPECT_FAULT(FAULT_PF_AT(NOT_MAPPED + 1, 0),
			     TRY("testb $0, (%0)", "r"(NOT_MAPPED)));
}

static bool reached;

TEST(require, "REQUIRE ends the TEST when it fails", XFAIL("it must fail"))
{
	reached = false;
	REQUIRE(true);
	REQUIRE(1 + 1 == 3);
	reached = true;
}

TEST(require_ended, "and nothing behind it ran")
{
	EXPECT(!reached);
}

TEST(faults, "TRY gives vector, error code and address")
{
	unsigned long low = 1, high = 0, zero = 0;

	EXPECT_FAULT(FAULT_NONE, TRY("nop"));
	EXPECT_FAULT(FAULT_UD, TRY("ud2"));
	EXPECT_FAULT(FAULT_DE, TRY_OUT("div %2", OUT("+a"(low), "+d"(high)),
				       "r"(zero)));
	EXPECT_FAULT(FAULT_GP(0x1230), TRY("mov %w0, %%fs", "r"(0x1230)));
	EXPECT_FAULT(FAULT_GP(SEL_KERNEL_DS),
		     TRY("mov %w0, %%ss", "r"(SEL_KERNEL_DS | 3)));
}

TEST(page_faults, "page faults by access, with CR2")
{
	WITH_PTE(NOT_MAPPED, 0, PTE_P) {
		EXPECT_FAULT(FAULT_PF_AT(NOT_MAPPED, 0),
			     TRY("testb $0, (%0)", "r"(NOT_MAPPED)));
		EXPECT_FAULT(FAULT_PF_AT(NOT_MAPPED + 5, PF_W),
			     TRY("movb $0, (%0)", "r"(NOT_MAPPED + 5)));
	}
}

INSN(insn_ud2, "ud2");
INSN(insn_hlt, "hlt");
INSN(insn_cli, "cli");
INSN(insn_nop, "nop");
INSN(insn_load, "testb $0, (%0)", "r"(NOT_MAPPED));
INSN(insn_store, "movb $0, (%0)", "r"(NOT_MAPPED));

static const struct {
	const struct insn *insn;
	struct fault user;
} insns[] = {
	{ &insn_nop, AS_NONE },
	{ &insn_ud2, AS_UD },
	{ &insn_hlt, AS_GP(0) },
	{ &insn_cli, AS_GP(0) },
};

TEST(cpl3, "exec() at CPL 3 sees presence and absence of faults")
{
	for_each(row, insns) SUBTEST("%s", row->insn->name)
		EXPECT_FAULT(row->user, exec(*row->insn, .cpl = 3));
	WITH_PTE(NOT_MAPPED, 0, PTE_P) {
		EXPECT_FAULT(FAULT_PF(PF_U), exec(insn_load, .cpl = 3));
		EXPECT_FAULT(FAULT_PF(PF_U | PF_W), exec(insn_store, .cpl = 3));
	}
	EXPECT_FAULT(FAULT_NONE, exec(insn_nop, .cpl = 0));
	EXPECT_FAULT(FAULT_UD, exec(insn_ud2, .cpl = 0));
}

TEST(forced, "exec() through KVM's emulator", DEVICE(DEVICE_FEP))
{
	EXPECT_FAULT(FAULT_NONE, exec(insn_nop, .cpl = 0, .forced = true));
	EXPECT_FAULT(FAULT_UD, exec(insn_ud2, .cpl = 0, .forced = true));
}

TEST(unexpected, "a fault that no one expected ends the TEST",
     XFAIL("it must fail"))
{
	reached = false;
	WITH_CR4(CR4_DE, 0)
		asm volatile("ud2");
	reached = true;
}

TEST(unexpected_ended, "and its scopes were left")
{
	EXPECT(!reached);
	EXPECT(!(read_cr4() & CR4_DE));
}

TEST(scopes, "scopes give back on break and in order")
{
	unsigned long cr4 = read_cr4();

	WITH_CR4(CR4_DE, 0) {
		EXPECT(read_cr4() & CR4_DE);
		WITH_CR4(0, CR4_DE) {
			EXPECT(!(read_cr4() & CR4_DE));
			break;
		}
		EXPECT(read_cr4() & CR4_DE);
	}
	EXPECT_EQ(read_cr4(), cr4);
}

TEST(with_msr, "WITH_MSR gives back")
{
	u64 old = rdmsr(MSR_SYSENTER_CS);

	WITH_MSR(MSR_SYSENTER_CS, 0x1230)
		EXPECT_EQ(rdmsr(MSR_SYSENTER_CS), 0x1230);
	EXPECT_EQ(rdmsr(MSR_SYSENTER_CS), old);
}

static u32 taken;

static void take(void *arg)
{
	atomic_add(arg, 1);
}

TEST(with_irq, "WITH_IRQ takes an interrupt once")
{
	taken = 0;
	WITH_IRQ(0x51, take, &taken) {
		apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | APIC_DEST_SELF | 0x51,
			 0);
		for (u32 n = 0; n < 1000000 && !taken; n++)
			irq_window();
	}
	EXPECT_EQ(taken, 1);
}

TEST(subtests, "SUBTESTs nest, and leaving early is safe")
{
	for (unsigned int i = 0; i < 2; i++)
		SUBTEST("outer %u", i) {
			EXPECT(true);
			SUBTEST("inner") {
				EXPECT(true);
				break;
			}
		}
}

TEST(skips, "skip() in a SUBTEST skips it alone")
{
	SUBTEST("absent") skip("a reason");
	SUBTEST("there") EXPECT(true);
}

TEST(skipped, "skip() in a TEST skips it")
{
	return skip("it is meant to be");
}

TEST(needs, "an absent CPU feature is a SKIP", REQUIRES(NEVER))
{
	EXPECT(false);
}

TEST(needs_cpus, "too few CPUs are a SKIP", CPUS(5000))
{
	EXPECT(false);
}

TEST(needs_memory, "too little memory is a SKIP", MEMORY(0x7fffffff))
{
	EXPECT(false);
}

TEST(formats, "printf formats as C does")
{
	char text[40];

	snprintf(text, sizeof(text), "%5d|%-4s|%#x|%05llu", -42, "ab", 0x1f,
		 12345678901ull);
	EXPECT(!strcmp(text, "  -42|ab  |0x1f|12345678901"));
}

TEST(pages, "pages are distinct, aligned and writable")
{
	u8 *a = pages_alloc(1), *b = pages_alloc_zeroed(2);

	EXPECT(a != b);
	EXPECT_EQ((uintptr_t)a % PAGE_SIZE, 0);
	a[0] = 1;
	b[0] = 2;
	EXPECT_EQ(a[0] + b[0], 3);
	EXPECT_EQ(b[2 * PAGE_SIZE - 1], 0);
}

TEST(mapping, "a page mapped elsewhere is the same page")
{
	u8 *page = pages_alloc_zeroed(1), *alias = (u8 *)0x91000000;

	page_map(alias, (uintptr_t)page, PTE_P | PTE_W | PTE_U);
	alias[7] = 42;
	EXPECT_EQ(page[7], 42);
	EXPECT_EQ(page_physical(alias + 7), (uintptr_t)page + 7);
}

TEST(time, "delays take at least their time")
{
	u64 begin = rdtsc();

	tsc_delay_us(10);
	EXPECT(rdtsc() - begin >= 10 * (tsc_khz() / 1000));
	METRIC("tsc", tsc_khz(), "kHz");
}

static void fault_here(void *arg)
{
	(void)arg;
	asm volatile("ud2");
}

TEST(other_cpu_fault, "an unexpected fault on another CPU ends the TEST",
     CPUS(2), XFAIL("it must fail"))
{
	on_cpu(1, fault_here, NULL);
	EXPECT(true);
}

static void count(void *arg)
{
	atomic_add(arg, 1);
}

TEST(other_cpu, "that CPU works on, and all CPUs run at once", CPUS(2))
{
	static u32 ran;

	ran = 0;
	on_cpu(1, count, &ran);
	EXPECT_EQ(ran, 1);
	on_cpus(count, &ran);
	EXPECT_EQ(ran, 1 + cpu_count());
}

TEST(watchdog, "WITH_WATCHDOG ends a TEST that hangs", XFAIL("it must fail"))
{
	WITH_WATCHDOG()
		for (;;)
			cpu_relax();
}

TEST(watchdog_ended, "and leaves a body in peace that does not hang")
{
	WITH_WATCHDOG()
		EXPECT(read_rflags() & RFLAGS_IF);
	EXPECT(!(read_rflags() & RFLAGS_IF));
}

static u32 nmis;

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	nmis++;
	return true;
}

TEST(nmi, "the VMM sends an NMI", DEVICE(TESTDEV_NMI))
{
	nmis = 0;
	exception_handle(VECTOR_NMI, on_nmi);
	testdev_nmi(apic_id());
	for (u32 n = 0; n < 10000 && !*(volatile u32 *)&nmis; n++)
		cpu_relax();
	exception_handle(VECTOR_NMI, NULL);
	EXPECT_EQ(nmis, 1);
}

TEST(ledger, "checks cost no exits", DEVICE(TESTDEV_EXITS))
{
	u32 before = testdev_exits();

	for (u32 n = 0; n < 100; n++)
		EXPECT(true);
	/* The second question is the only exit; other CPUs are idle. */
	EXPECT(testdev_exits() - before <= 4);
}

TEST(shutdown, "a fault that cannot be delivered ends the machine",
     ENDS(SHUTDOWN))
{
	struct table_register none = { 0, 0 };

	EXPECT(true);
	write_idtr(&none);
	asm volatile("ud2");
}
