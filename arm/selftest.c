/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What arm adds to the vocabulary (common/selftest.c has the rest), and that
 * exceptions are delivered with all of the state that they interrupt: DDI 0487, D1.3;
 * DDI 0406, B1.8.
 */
#include <asm/page.h>
#include <boot.h>
#include <exception.h>
#include <gic.h>
#include <insn.h>
#include <paging.h>
#include <probe.h>
#include <psci.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <topology.h>

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

/* What of PSTATE there is in a frame: flags, masks and mode. */
#define PSTATE_COMPARED	(0xf0000000 | PSTATE_MASKS | PSTATE_MODE)
#define FLAGS		0xa0000000

static void probe_check(void (*run)(void *probe), unsigned int class, bool user,
			uintptr_t pc)
{
	unsigned long mode = user ? PSTATE_USER : pstate_kernel();

	for (unsigned int i = 1; i < PROBE_REGISTERS; i++)
		probe.gpr[i] = (uintptr_t)i * 0x01010101 + 0x5a000000;
	seen_count = 0;
	exception_handle(class, see);
	if (user)
		user_call(run, &probe);
	else
		run(&probe);
	exception_handle(class, NULL);
	EXPECT_EQ(seen_count, 1);
	for (unsigned int i = 0; i < PROBE_REGISTERS; i++)
		if (PROBE_KEPT(i, class, user))
			EXPECT_EQ(seen.gpr[PROBE_GPR(i)], probe.gpr[i]);
	EXPECT_EQ(FRAME_STACK(&seen), probe.sp);
	EXPECT_EQ(seen.pc, pc);
	EXPECT_EQ(seen.pstate & PSTATE_COMPARED, FLAGS | mode);
	EXPECT_EQ(frame_from_user(&seen), user);
}

static void undefined_check(bool user)
{
	probe.gpr[0] = 0x5a5a;
	probe_check(probe_undefined, CLASS_UNDEFINED, user,
		    (uintptr_t)probe_undefined_insn);
}

static void svc_check(bool user)
{
	probe.gpr[0] = 0x5a5a;
	probe_check(probe_svc, CLASS_SVC, user, (uintptr_t)probe_svc_insn + 4);
	EXPECT_FAULT(FAULT_SVC(123), frame_fault(&seen));
}

/* Mapped for all that translation knows, and no memory: above all RAM. */
static char *nothing_there(void)
{
	char *page = (char *)PAGES_SPARE;

	page_map(page, ALIGN_UP(boot_memory_end(), PAGE_SIZE), PAGE_CODE);
	return page;
}

TEST(vectors_kernel, "exceptions of the kernel's own, with all registers")
{
	SUBTEST("und") undefined_check(false);
	SUBTEST("svc") svc_check(false);
	SUBTEST("pabt") {
		char *target = nothing_there();

		probe.gpr[0] = (uintptr_t)target;
		probe_check(probe_branch, CLASS_INSN_ABORT, false, (uintptr_t)target);
		EXPECT_FAULT(FAULT_INSN_AT(target, FSC_EXTERNAL),
			     frame_fault(&seen));
		/* Of a syndrome's upper half, what is not defined for its class is 0. */
		SUBTEST("upper half of the syndrome")
			EXPECT_EQ(FRAME_SYNDROME_HIGH(&seen), 0);
	}
}

TEST(vectors_user, "exceptions of user mode, with all registers")
{
	SUBTEST("und") undefined_check(true);
	SUBTEST("svc") svc_check(true);
}

static bool power_off(struct frame *frame)
{
	EXPECT(frame_from_user(frame));
	psci_call(PSCI_SYSTEM_OFF, 0, 0, 0);
	return false;
}

TEST(off_from_user, "the handler of user mode's exception turns the machine off",
     DEVICE(DEVICE_PSCI), ENDS(OFF))
{
	exception_handle(CLASS_SVC, power_off);
	user_call(probe_svc, &probe);
}

TEST(reset, "PSCI SYSTEM_RESET resets the machine", DEVICE(DEVICE_PSCI), ENDS(RESET))
{
	EXPECT(true);
	psci_call(PSCI_SYSTEM_RESET, 0, 0, 0);
}

static u64 affinities[64];

static void affinity_take(void *arg)
{
	(void)arg;
	if (cpu_index() < ARRAY_SIZE(affinities))
		affinities[cpu_index()] = cpu_affinity();
}

TEST(smp, "every CPU comes up, and is the one that the device tree lists there")
{
	u64 version = psci_call(PSCI_VERSION, 0, 0, 0), listed;

	printf("INFO: PSCI version %llu.%llu by %s\n",
	       (unsigned long long)version >> 16,
	       (unsigned long long)version & 0xffff, psci_conduit());
	on_cpus(affinity_take, NULL);
	for (unsigned int i = 0; i < cpu_count() && i < ARRAY_SIZE(affinities); i++) {
		EXPECT(cpu_affinity_by_tree(i, &listed));
		EXPECT_EQ(affinities[i], listed);
	}
}

INSN(insn_svc, "svc #77");

TEST(calls, "TRY sees SVC, with its immediate, at both levels")
{
	EXPECT_FAULT(FAULT_SVC(0), TRY("svc #0"));
	EXPECT_FAULT(FAULT_SVC(77), exec(insn_svc));
	EXPECT_FAULT(FAULT_SVC(77), exec(insn_svc, .user = true));
}

TEST(calls_other_fails, "another immediate is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_SVC(1), TRY("svc #2"));
}

static char page[65536] __attribute__((aligned(65536)));
INSN(insn_store, INSN_STORE, "r"(page));

TEST(ends_fails, "a machine that lives on, and ought to end, is seen",
     ENDS(OFF), XFAIL("it must fail"))
{
	EXPECT(true);
}

static void undefined_there(void *arg)
{
	(void)arg;
	asm volatile(INSN_UNDEFINED);
}

TEST(unexpected_user, "a fault of user mode that no one expected ends the TEST",
     XFAIL("it must fail"))
{
	user_call(undefined_there, NULL);
}

TEST(with_sctlr, "WITH_SCTLR gives back on break and in order")
{
	u64 old = sysreg_read(sctlr_el1);

	WITH_SCTLR(SCTLR_ALIGNMENT, 0) {
		EXPECT_EQ(sysreg_read(sctlr_el1), old | SCTLR_ALIGNMENT);
		WITH_SCTLR(0, SCTLR_ALIGNMENT) {
			EXPECT_EQ(sysreg_read(sctlr_el1), old);
			break;
		}
		EXPECT_EQ(sysreg_read(sctlr_el1), old | SCTLR_ALIGNMENT);
	}
	EXPECT_EQ(sysreg_read(sctlr_el1), old);
}

TEST(alignment, "an access that is not aligned faults, where that is checked")
{
	static u64 words[2];
	char *odd = (char *)words + 1;

	EXPECT_FAULT(FAULT_NONE, TRY(INSN_STORE_WORD, "r"(odd)));
	WITH_SCTLR(SCTLR_ALIGNMENT, 0) {
		EXPECT_FAULT(FAULT_DATA_AT(odd, FSC_ALIGNMENT | FAULT_WRITE),
			     TRY(INSN_STORE_WORD, "r"(odd)));
		EXPECT_FAULT(FAULT_NONE, TRY(INSN_STORE_WORD, "r"(words)));
	}
}

TEST(with_pte, "WITH_PTE, and aborts by permission")
{
	WITH_PTE(page, PTE_READ_ONLY, 0) {
		EXPECT_FAULT(FAULT_NONE, try_load(page + 3));
		EXPECT_FAULT(FAULT_DATA_AT(page + 3, FSC_PERMISSION(3) | FAULT_WRITE),
			     try_store(page + 3));
	}
	EXPECT_FAULT(FAULT_NONE, try_store(page + 3));
	WITH_PTE(page, 0, PTE_USER) {
		EXPECT_FAULT(FAULT_NONE, exec(insn_store));
		EXPECT_FAULT(FAULT_DATA_USER(FSC_PERMISSION(3) | FAULT_WRITE),
			     exec(insn_store, .user = true));
	}
	EXPECT_FAULT(FAULT_NONE, exec(insn_store, .user = true));
	WITH_PTE(page, 0, PTE_ACCESSED)
		EXPECT_FAULT(FAULT_DATA(FSC_ACCESS(3)), try_load(page));
}

TEST(code, "what the image executes cannot be written")
{
	EXPECT_FAULT(FAULT_DATA_AT(probe_end, FSC_PERMISSION(3) | FAULT_WRITE),
		     try_store(probe_end));
}

static u32 taken;

static void take(void *arg)
{
	atomic_add(arg, 1);
}

TEST(with_irq, "WITH_IRQ takes an interrupt once", DEVICE(DEVICE_GIC))
{
	taken = 0;
	WITH_IRQ(5, take, &taken) {
		gic_sgi(cpu_index(), 5);
		for (u32 n = 0; n < 1000000 && !taken; n++)
			irq_window();
	}
	EXPECT_EQ(taken, 1);
}

TEST(irq_unexpected, "an interrupt that no one expected ends the TEST",
     DEVICE(DEVICE_GIC), XFAIL("it must fail"))
{
	gic_enable();
	gic_sgi(cpu_index(), 6);
	for (u32 n = 0; n < 1000000; n++)
		irq_window();
}
