/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What riscv adds to the vocabulary (common/selftest.c has the rest), and that traps are
 * taken with all of the state that they interrupt: privileged ISA 1.13, 12.1.
 */
#include <asm/page.h>
#include <boot.h>
#include <exception.h>
#include <harts.h>
#include <insn.h>
#include <paging.h>
#include <probe.h>
#include <sbi.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

TEST(arguments, "arguments come as they were given: foo=1 bar=0x20 baz=003")
{
	u64 foo, bar, baz;

	if (!parameter("foo", &foo))
		return skip("foo= does not say what to expect");
	EXPECT_EQ(foo, 1);
	EXPECT(parameter("bar", &bar) && bar == 0x20);
	EXPECT(parameter("baz", &baz) && baz == 3);
	EXPECT(!parameter("fo", &foo) && !parameter("foofoo", &foo));
}

TEST(environment, "variables of the environment: FOO=foo BAR=bar BAZ=baz")
{
	static const char *const names[][2] = {
		{ "FOO", "foo" }, { "BAR", "bar" }, { "BAZ", "baz" },
	};

	if (!environment("FOO"))
		return skip("FOO is not there");
	for_each(row, names) SUBTEST("%s", (*row)[0]) {
		const char *value = environment((*row)[0]);

		EXPECT(value && !strcmp(value, (*row)[1]));
	}
}

static struct probe probe;
static struct frame seen;
static u32 seen_count;

static bool see(struct frame *frame)
{
	seen = *frame;
	seen_count++;
	frame->pc += (uintptr_t)probe_end - frame_insn(frame);
	/* A jump may have led anywhere. */
	if (!frame_from_user(frame))
		frame->pc = (uintptr_t)probe_end;
	return true;
}

static void probe_check(void (*run)(void *probe), unsigned int cause, bool user,
			uintptr_t pc)
{
	for (unsigned int i = 1; i < GPR_COUNT; i++)
		if (i != GPR_A0)
			probe.gpr[i] = (uintptr_t)i * 0x01010101 + 0x5a000000;
	seen_count = 0;
	exception_handle(cause, see);
	if (user)
		user_call(run, &probe);
	else
		run(&probe);
	exception_handle(cause, NULL);
	EXPECT_EQ(seen_count, 1);
	for (unsigned int i = 1; i < GPR_COUNT; i++)
		if (i != GPR_SP)
			EXPECT_EQ(*frame_gpr(&seen, i), probe.gpr[i]);
	EXPECT_EQ(*frame_gpr(&seen, GPR_SP), probe.sp);
	EXPECT_EQ(seen.pc, pc);
	EXPECT_EQ(seen.cause, cause);
	EXPECT_EQ(frame_from_user(&seen), user);
}

/* Where that instruction is in either mode. */
static uintptr_t place(const char *insn, bool user)
{
	return user ? user_address(insn) : (uintptr_t)insn;
}

static void illegal_check(bool user)
{
	probe_check(probe_undefined, EXCEPTION_ILLEGAL, user,
		    place(probe_undefined_insn, user));
	/* 12.1.9: the instruction, or zero, which is the same here. */
	EXPECT_EQ(seen.tval, 0);
}

static void ebreak_check(bool user)
{
	uintptr_t at = place(probe_ebreak_insn, user);

	probe_check(probe_ebreak, EXCEPTION_BREAKPOINT, user, at);
	EXPECT(seen.tval == 0 || seen.tval == at);
}

TEST(vectors_kernel, "exceptions of the supervisor's own, with all registers")
{
	char *page = (char *)PAGES_SPARE;

	SUBTEST("ebreak") ebreak_check(false);
	SUBTEST("instruction page fault") {
		page_map(page, 0, PAGE_NONE);
		probe.gpr[GPR_A0] = (uintptr_t)page;
		probe_check(probe_jump, EXCEPTION_INSN_PAGE, false, (uintptr_t)page);
		EXPECT_FAULT(FAULT_INSN_PAGE(page), frame_fault(&seen));
	}
	/* Interrupts are off in the handler, and what they were, in SPIE (12.1.1). */
	SUBTEST("interrupts") {
		WITH_SIE(0, -1ul)
			WITH_SSTATUS(SSTATUS_SIE, 0)
				ebreak_check(false);
		EXPECT_EQ(seen.status & (SSTATUS_SIE | SSTATUS_SPIE), SSTATUS_SPIE);
		ebreak_check(false);
		EXPECT_EQ(seen.status & (SSTATUS_SIE | SSTATUS_SPIE), 0);
	}
}

TEST(vectors_user, "exceptions of user mode, with all registers")
{
	SUBTEST("ebreak") ebreak_check(true);
	SUBTEST("ecall") {
		probe_check(probe_ecall, EXCEPTION_ECALL_USER, true,
			    user_address(probe_ecall_insn));
		EXPECT_EQ(seen.tval, 0);
	}
}

TEST(illegal_kernel, "illegal instructions of the supervisor, with all registers")
{
	illegal_check(false);
	EXPECT_FAULT(FAULT_ILLEGAL, TRY(".2byte 0"));
}

INSN(insn_illegal, ".2byte 0");

TEST(illegal_user, "and of user mode")
{
	illegal_check(true);
	EXPECT_FAULT(FAULT_ILLEGAL, exec(insn_illegal, .user = true));
}

TEST(off, "SRST's shutdown turns the machine off", DEVICE(DEVICE_SBI_SRST), ENDS(OFF))
{
	sbi_call(SBI_SRST, SBI_SRST_RESET, SRST_SHUTDOWN, SRST_NO_REASON);
}

TEST(reset, "SRST's cold reboot resets the machine", DEVICE(DEVICE_SBI_SRST), ENDS(RESET))
{
	sbi_call(SBI_SRST, SBI_SRST_RESET, SRST_COLD_REBOOT, SRST_NO_REASON);
}

TEST(ends_fails, "a machine that lives on, and ought to end, is seen",
     ENDS(OFF), XFAIL("it must fail"))
{
	EXPECT(true);
}

static unsigned long harts[64];

static void hart_take(void *arg)
{
	(void)arg;
	if (cpu_index() < ARRAY_SIZE(harts))
		harts[cpu_index()] = cpu_self()->hart;
}

TEST(smp, "every hart comes up, and is one that the device tree lists")
{
	on_cpus(hart_take, NULL);
	for (unsigned int i = 0; i < cpu_count() && i < ARRAY_SIZE(harts); i++) {
		EXPECT_EQ(harts[i], hart_of(i));
		for (unsigned int other = 0; other < i; other++)
			EXPECT(harts[i] != harts[other]);
		if (cpu_count() > 1)
			EXPECT_EQ(sbi_hart_status(harts[i]), HSM_STARTED);
	}
}

INSN(insn_ecall, "ecall");
INSN(insn_ebreak, "ebreak");

TEST(calls, "TRY sees ECALL of user mode, and EBREAK at both levels")
{
	EXPECT_FAULT(FAULT(ECALL_USER), exec(insn_ecall, .user = true));
	EXPECT_FAULT(FAULT(BREAKPOINT), exec(insn_ebreak, .user = true));
	EXPECT_FAULT(FAULT(BREAKPOINT), exec(insn_ebreak));
}

TEST(calls_other_fails, "another cause is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT(ECALL), exec(insn_ecall, .user = true));
}

static char page[4096] __attribute__((aligned(4096)));
INSN(insn_store, "sb zero, 0(%0)", "r"(page));

static void undefined_there(void *arg)
{
	(void)arg;
	asm volatile(INSN_UNDEFINED);
}

static void leave_words(void *arg)
{
	*(u32 *)arg = 42;
	page[7] = 43;
}

TEST(user_calls, "a function runs in user mode, and its static data are ours")
{
	static u32 answer;

	answer = page[7] = 0;
	user_call(leave_words, &answer);
	EXPECT_EQ(answer, 42);
	EXPECT_EQ(page[7], 43);
	EXPECT_EQ(kernel_address(user_address(page)), (uintptr_t)page);
}

TEST(unexpected_user, "a fault of user mode that no one expected ends the TEST",
     XFAIL("it must fail"))
{
	user_call(undefined_there, NULL);
}

TEST(unexpected_user_ended, "and interrupts are enabled as they were")
{
	unsigned long enabled = csr_read(CSR_SIE);

	EXPECT_EQ(enabled, 0);
	EXPECT_EQ(csr_read(CSR_SSCRATCH), 0);
}

TEST(with_csr, "WITH_SSTATUS gives back on break and in order")
{
	unsigned long old = csr_read(CSR_SSTATUS);

	REQUIRE(!(old & SSTATUS_MXR));
	WITH_SSTATUS(SSTATUS_MXR, 0) {
		EXPECT_EQ(csr_read(CSR_SSTATUS), old | SSTATUS_MXR);
		WITH_SSTATUS(0, SSTATUS_MXR) {
			EXPECT_EQ(csr_read(CSR_SSTATUS), old);
			break;
		}
		EXPECT_EQ(csr_read(CSR_SSTATUS), old | SSTATUS_MXR);
	}
	EXPECT_EQ(csr_read(CSR_SSTATUS), old);
}

TEST(with_pte, "WITH_PTE, and faults by permission")
{
	WITH_PTE(page, 0, PTE_WRITE) {
		EXPECT_FAULT(FAULT_NONE, try_load(page + 3));
		EXPECT_FAULT(FAULT_STORE_PAGE(page + 3), try_store(page + 3));
	}
	EXPECT_FAULT(FAULT_NONE, try_store(page + 3));
	WITH_PTE(page, 0, PTE_USER) {
		EXPECT_FAULT(FAULT_NONE, exec(insn_store));
		EXPECT_FAULT(FAULT_STORE_PAGE(page), exec(insn_store, .user = true));
	}
	EXPECT_FAULT(FAULT_NONE, exec(insn_store, .user = true));
}

TEST(code, "what the image executes cannot be written")
{
	EXPECT_FAULT(FAULT_STORE_PAGE(probe_end), try_store(probe_end));
}

static u32 taken;

static void take(void *arg)
{
	csr_clear(CSR_SIP, IRQ_BIT(IRQ_SOFTWARE));
	atomic_add(arg, 1);
}

TEST(with_irq, "WITH_IRQ takes an interrupt once", DEVICE(DEVICE_SBI_IPI))
{
	taken = 0;
	WITH_IRQ(IRQ_SOFTWARE, take, &taken) {
		sbi_ipi(cpu_self()->hart);
		for (u32 n = 0; n < 1000000 && !taken; n++)
			irq_window();
	}
	EXPECT_EQ(taken, 1);
	EXPECT_EQ(csr_read(CSR_SIE), 0);
}

TEST(irq_unexpected, "an interrupt that no one expected ends the TEST",
     DEVICE(DEVICE_SBI_IPI), XFAIL("it must fail"))
{
	csr_set(CSR_SIE, IRQ_BIT(IRQ_SOFTWARE));
	sbi_ipi(cpu_self()->hart);
	for (u32 n = 0; n < 1000000; n++)
		irq_window();
}

TEST(irq_unexpected_ended, "and does not come again")
{
	EXPECT_EQ(csr_read(CSR_SIE), 0);
	csr_clear(CSR_SIP, IRQ_BIT(IRQ_SOFTWARE));
	EXPECT_EQ(csr_read(CSR_SIP) & IRQ_BIT(IRQ_SOFTWARE), 0);
}
