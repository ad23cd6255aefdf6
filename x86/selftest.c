/* SPDX-License-Identifier: BSD-2-Clause */
/* What x86 adds to the vocabulary; common/selftest.c has the rest. */
#include <apic.h>
#include <exception.h>
#include <insn.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>
#include <test.h>
#include <touch.h>
#include <testdev.h>

#define NOT_MAPPED	((char *)0x90000000ul)

TEST(expect_fault_error_fails, "a wrong error code is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_GP(8), TRY("mov %w0, %%fs", "r"(0x1230)));
}

TEST(error_codes, "TRY gives vector and error code")
{
	unsigned long low = 1, high = 0, zero = 0;

	EXPECT_FAULT(FAULT_DE, TRY_OUT("div %2", OUT("+a"(low), "+d"(high)),
				       "r"(zero)));
	EXPECT_FAULT(FAULT_GP(0x1230), TRY("mov %w0, %%fs", "r"(0x1230)));
	EXPECT_FAULT(FAULT_GP(SEL_KERNEL_DS),
		     TRY("mov %w0, %%ss", "r"(SEL_KERNEL_DS | 3)));
}

TEST(with_pte, "WITH_PTE, and page faults by access, with CR2")
{
	WITH_PTE(NOT_MAPPED, 0, PTE_P) {
		EXPECT_FAULT(FAULT_PF_AT(NOT_MAPPED, 0),
			     TRY("testb $0, (%0)", "r"(NOT_MAPPED)));
		EXPECT_FAULT(FAULT_PF_AT(NOT_MAPPED + 5, PF_W),
			     TRY("movb $0, (%0)", "r"(NOT_MAPPED + 5)));
	}
}

static u32 shared[1024] __attribute__((aligned(PAGE_SIZE)));

TEST(space, "a split space: the image is the supervisor's, its alias everybody's")
{
	u32 *alias = user_alias(shared) + 3;
	struct space old = space_current(), space;

	space_split(&space, old.mode);
	WITH_SPACE(&space)
		WITH_TOUCH() {
			shared[3] = 42;
			EXPECT_EQ(*alias, 42);
			EXPECT_FAULT(FAULT_PF_AT(SPACE_FREE, 0),
				     TRY("testb $0, (%0)", "r"(SPACE_FREE)));
			EXPECT_FAULT(FAULT_PF_AT(shared, PF_P | PF_U),
				     touch_at(TOUCH_READ, shared, .user = true));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, alias, .user = true));
		}
	EXPECT_EQ(space_current().root, old.root);
}

static void in_mode(const struct paging *mode)
{
	struct space space;

	space_split(&space, mode);
	SUBTEST("%s", mode->name)
		WITH_SPACE(&space) {
			EXPECT(paging_mode() == mode);
			shared[3] = 42;
			EXPECT_EQ(*(user_alias(shared) + 3), 42);
		}
}

TEST(paging_modes, "WITH_SPACE changes the paging mode, and back")
{
	const struct paging *old = paging_mode();

	in_mode(old);
	if (!IS_64BIT)
		in_mode(&paging_pae);
	else if (cpu_has(CPU_LA57))
		in_mode(&paging_5level);
	EXPECT(paging_mode() == old);
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

TEST(touch, "touch() sees presence and absence of faults, at both CPLs")
{
	struct space space;
	u32 *at = user_alias(shared);

	space_split(&space, paging_mode());
	WITH_SPACE(&space)
		WITH_TOUCH()
			for (int user = 0; user < 2; user++) SUBTEST("CPL %d", 3 * user) {
				u32 mode = user ? PF_U : 0;

				for (int kind = 0; kind < TOUCH_KINDS; kind++) {
					if (kind == TOUCH_SEGMENT)
						continue;
					touch_target(shared);
					EXPECT_FAULT(FAULT_NONE,
						     touch_at(kind, at, .user = user));
				}
				EXPECT_FAULT(FAULT_NONE,
					     touch_at(TOUCH_WRITE, at, .user = user,
						      .value = 7 + user));
				EXPECT_EQ(shared[0], 7 + user);
				EXPECT_FAULT(FAULT_PF_AT(SPACE_FREE, mode),
					     touch_at(TOUCH_READ, SPACE_FREE,
						      .user = user));
				EXPECT_FAULT(FAULT_PF_AT(SPACE_FREE, PF_W | mode),
					     touch_at(TOUCH_PUSH, SPACE_FREE,
						      .user = user));
			}
}

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

TEST(with_cr4, "WITH_CR4 gives back on break and in order")
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
