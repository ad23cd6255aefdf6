/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What user space may switch on, and the calls beside: api.rst, 4.15 KVM_TRANSLATE,
 * 4.36, 4.40, 4.41, 4.87 guest debugging, 4.104 to 4.106 machine checks,
 * 4.120 PMU filters, 7.13, 7.20, 7.22, 7.27, 7.31, 8.34, 8.35.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "api/guest.h"
#include "api/test.h"

CODE64(steps, "mov $1, %eax; mov $2, %ebx; mov $3, %ecx; nop; hlt");
CODE64(halts, "hlt; nop; nop; hlt");
CODE64(store, "mov $5, %eax; mov %eax, (0x4000); nop; hlt");
CODE64(breakpoint, "nop; int3; nop; hlt");
CODE64(map_gpa, "mov $12, %eax; mov $0x100000, %ebx; mov $16, %ecx; mov $1, %edx;"
		"vmmcall; mov %rax, (0x3000); hlt");
CODE16(pause_halt, "pause; hlt");

/* 4.15 */
TEST(translate, "KVM_TRANSLATE walks the guest's tables")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_translation here = { .linear_address = 0x12345 };
	struct kvm_translation away = { .linear_address = 0x7fff00000000 };
	uint64_t *tables = (uint64_t *)(guest.memory + GUEST_TABLES);

	REQUIRE_DONE(call(guest.cpu, KVM_TRANSLATE, &here));
	EXPECT_EQ(here.valid, 1);
	EXPECT_EQ(here.physical_address, 0x12345);
	REQUIRE_DONE(call(guest.cpu, KVM_TRANSLATE, &away));
	EXPECT_EQ(away.valid, 0);
	SUBTEST("mapped elsewhere") {
		tables[1024 + 3] = 0x200087;	/* 6 MiB is at 2 MiB */
		here.linear_address = 0x612345;
		REQUIRE_DONE(call(guest.cpu, KVM_TRANSLATE, &here));
		EXPECT_EQ(here.valid, 1);
		EXPECT_EQ(here.physical_address, 0x212345);
	}
	EXPECT_ERROR(call(guest.cpu, KVM_TRANSLATE, 8), EFAULT);
}

static int debug(struct guest *guest, uint32_t control, uint64_t at, uint64_t dr7)
{
	struct kvm_guest_debug set = {
		.control = control ? control | KVM_GUESTDBG_ENABLE : 0,
		.arch.debugreg = { [0] = at, [7] = dr7 },
	};

	return call(guest->cpu, KVM_SET_GUEST_DEBUG, &set);
}

/* 4.87 */
TEST(single_step, "single steps exit behind each instruction, with its address")
{
	static const unsigned int lengths[] = { 5, 5, 5, 1 };
	struct guest guest = guest_new(&steps, GUEST_LONG);
	uint64_t rip = GUEST_CODE;

	REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_SINGLESTEP, 0, 0));
	for_each(length, lengths) {
		rip += *length;
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_DEBUG);
		EXPECT_EQ(guest.run->debug.arch.exception, 1);
		EXPECT_EQ(guest.run->debug.arch.pc, rip);
		EXPECT_EQ(guest.run->debug.arch.dr6 & 0x4000, 0x4000);	/* BS */
		EXPECT_EQ(guest_regs(&guest).rflags & 0x100, 0);	/* not the guest's TF */
	}
	REQUIRE_DONE(debug(&guest, 0, 0, 0));
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(guest_regs(&guest).rcx, 3);
}

/* Its code runs at CPL 3 from now on; the pages are a user's already. */
static void become_user(struct guest *guest)
{
	struct kvm_sregs sregs = guest_sregs(guest);

	sregs.cs.selector |= 3;
	sregs.ss.selector |= 3;
	sregs.cs.dpl = sregs.ss.dpl = 3;
	REQUIRE_DONE(call(guest->cpu, KVM_SET_SREGS, &sregs));
}

TEST(single_step_user, "of user code, too, and the guest has no #DB")
{
	struct guest guest = guest_new(&steps, GUEST_LONG);

	become_user(&guest);
	REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_SINGLESTEP, 0, 0));
	for (uint64_t rip = GUEST_CODE + 5; rip <= GUEST_CODE + 15; rip += 5) {
		/* It has no handlers: a #DB would end it. */
		REQUIRE(guest_run(&guest) == KVM_EXIT_DEBUG);
		EXPECT_EQ(guest.run->debug.arch.pc, rip);
		EXPECT_EQ(guest_regs(&guest).rflags & 0x100, 0);
	}
}

static void woken(int number)
{
	(void)number;
}

/*
 * KVM_RUN, but -EINTR after a while: a CPU that is halted does not come back.  And again
 * and again, as a signal that comes before KVM_RUN has begun ends nothing.
 */
static int run_a_while(struct guest *guest, unsigned int us)
{
	const struct itimerval none = { 0 }, limit = {
		.it_value.tv_usec = us, .it_interval.tv_usec = us,
	};
	const struct sigaction action = { .sa_handler = woken };
	int result;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &limit, NULL);
	result = guest_run(guest);
	setitimer(ITIMER_REAL, &none, NULL);
	return result;
}

TEST(single_step_hlt, "of HLT, which halts: nothing behind it is executed")
{
	struct guest guest = guest_new(&halts, GUEST_LONG | GUEST_IRQCHIP);

	REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_SINGLESTEP, 0, 0));
	EXPECT_EQ(run_a_while(&guest, 999999), KVM_EXIT_DEBUG);
	EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE + 1);
	EXPECT_EQ(run_a_while(&guest, 50000), -EINTR);
	EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE + 1);
}

TEST(breakpoints, "hardware breakpoints: before an instruction, behind a store")
{
	struct guest guest = guest_new(&steps, GUEST_LONG);

	REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_USE_HW_BP, GUEST_CODE + 10, 0x402));
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_DEBUG);
	EXPECT_EQ(guest.run->debug.arch.pc, GUEST_CODE + 10);
	EXPECT_EQ(guest.run->debug.arch.dr6 & 0xf, 1);
	EXPECT_EQ(guest_regs(&guest).rbx, 2);
	SUBTEST("a store") {
		guest = guest_new(&store, GUEST_LONG);
		REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_USE_HW_BP, 0x4000, 0xd0402));
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_DEBUG);
		EXPECT_EQ(guest.run->debug.arch.dr6 & 0xf, 1);
		EXPECT_EQ(guest.memory[0x4000], 5);
	}
}

TEST(int3, "INT3 exits when software breakpoints are asked for")
{
	struct guest guest = guest_new(&breakpoint, GUEST_LONG);

	REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_USE_SW_BP, 0, 0));
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_DEBUG);
	EXPECT_EQ(guest.run->debug.arch.exception, 3);
	EXPECT_EQ(guest.run->debug.arch.pc, GUEST_CODE + 1);
}

TEST(debug_refused, "unknown flags of KVM_SET_GUEST_DEBUG", REQUIRES(KVM_CAP_SET_GUEST_DEBUG2))
{
	struct guest guest = guest_new(&steps, GUEST_LONG);
	uint32_t known = kvm_has(guest.kvm, KVM_CAP_SET_GUEST_DEBUG2);

	EXPECT(known & KVM_GUESTDBG_ENABLE);
	EXPECT_ERROR(call(guest.cpu, KVM_SET_GUEST_DEBUG, 8), EFAULT);
	/* An exception that is pending already cannot be another one as well. */
	SUBTEST("inject #DB") {
		REQUIRE_DONE(debug(&guest, KVM_GUESTDBG_INJECT_DB, 0, 0));
		EXPECT_ERROR(debug(&guest, KVM_GUESTDBG_INJECT_DB, 0, 0), EBUSY);
	}
}

/* 8.34: KVM_HC_MAP_GPA_RANGE (12) is user space's, once it says so. */
TEST(hypercall_exit, "KVM_CAP_EXIT_HYPERCALL: the hypercall exits, and its result is ours",
     REQUIRES(KVM_CAP_EXIT_HYPERCALL))
{
	struct guest guest = guest_new(&map_gpa, GUEST_LONG);
	struct kvm_cpuid_entry2 *leaf = cpuid_entry(cpuid_supported(guest.kvm), 0, 0);
	uint64_t result = 0;

	if (leaf->ebx == 0x756e6547)
		return skip("VMMCALL is AMD's");
	EXPECT_ERROR(kvm_enable(guest.vm, KVM_CAP_EXIT_HYPERCALL, 1), EINVAL);
	REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_EXIT_HYPERCALL, 1 << 12));
	/* Some emulate it for ever. */
	REQUIRE_EQ(guest_run_briefly(&guest), KVM_EXIT_HYPERCALL);
	EXPECT_EQ(guest.run->hypercall.nr, 12);
	EXPECT_EQ(guest.run->hypercall.args[0], 0x100000);
	EXPECT_EQ(guest.run->hypercall.args[1], 16);
	EXPECT_EQ(guest.run->hypercall.args[2], 1);
	guest.run->hypercall.ret = 0x77;
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
	memcpy(&result, guest.memory + 0x3000, sizeof(result));
	EXPECT_EQ(result, 0x77);
}

/* 4.36, 4.40, 4.41 */
TEST(addresses, "KVM_SET_TSS_ADDR, identity map and boot CPU: when, and what")
{
	int kvm = kvm_open(), vm = vm_new(kvm);
	uint64_t map = 0xfeffc000;

	EXPECT_DONE(call(vm, KVM_SET_TSS_ADDR, 0xfffbd000ul));
	EXPECT_ERROR(call(vm, KVM_SET_TSS_ADDR, 0xffffffffful), EINVAL);
	EXPECT_DONE(call(vm, KVM_SET_IDENTITY_MAP_ADDR, &map));
	EXPECT_ERROR(call(vm, KVM_SET_IDENTITY_MAP_ADDR, 8), EFAULT);
	EXPECT_DONE(call(vm, KVM_SET_BOOT_CPU_ID, 1));
	cpu_new(vm, 0);
	EXPECT_ERROR(call(vm, KVM_SET_IDENTITY_MAP_ADDR, &map), EINVAL);
	EXPECT_ERROR(call(vm, KVM_SET_BOOT_CPU_ID, 0), EBUSY);
	SUBTEST("the boot CPU is who was said") {
		struct kvm_mp_state state;
		int first, second;

		vm = vm_new(kvm);
		REQUIRE_DONE(call(vm, KVM_CREATE_IRQCHIP, 0));
		REQUIRE_DONE(call(vm, KVM_SET_BOOT_CPU_ID, 1));
		first = cpu_new(vm, 0);
		second = cpu_new(vm, 1);
		REQUIRE_DONE(call(first, KVM_GET_MP_STATE, &state));
		EXPECT_EQ(state.mp_state, KVM_MP_STATE_UNINITIALIZED);
		REQUIRE_DONE(call(second, KVM_GET_MP_STATE, &state));
		EXPECT_EQ(state.mp_state, KVM_MP_STATE_RUNNABLE);
	}
}

/* 4.105, 4.106; SDM 3B, 16.3: bank 1 says what happened, #MC comes if MCIP was clear. */
TEST(machine_checks, "KVM_X86_SETUP_MCE and KVM_X86_SET_MCE: banks, overflow, triple fault",
     REQUIRES(KVM_CAP_MCE))
{
	struct guest guest = guest_new(&steps, GUEST_LONG);
	struct kvm_x86_mce corrected = { .bank = 1, .status = 1ull << 63 | 0x9f, .addr = 0x1000 },
		fatal = { .bank = 2, .status = 1ull << 63 | 1ull << 61 | 0x11,
			  .mcg_status = 5, .addr = 0x2000, .misc = 3 };
	uint64_t known = 0, caps, value;

	REQUIRE_DONE(call(guest.kvm, KVM_X86_GET_MCE_CAP_SUPPORTED, &known));
	EXPECT(known & 1 << 8);		/* MCG_CTL_P */
	caps = known | 10;
	REQUIRE_DONE(call(guest.cpu, KVM_X86_SETUP_MCE, &caps));
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x179, &value), 1);
	EXPECT_EQ(value & 0xff, 10);
	REQUIRE_DONE(call(guest.cpu, KVM_X86_SET_MCE, &corrected));
	REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x405, &value), 1);
	EXPECT_EQ(value, corrected.status);
	SUBTEST("another one in the same bank: overflow") {
		REQUIRE_DONE(call(guest.cpu, KVM_X86_SET_MCE, &corrected));
		REQUIRE_EQ(cpu_msr_get(guest.cpu, 0x405, &value), 1);
		EXPECT_EQ(value >> 62 & 1, 1);
	}
	SUBTEST("uncorrected, and CR4.MCE is clear: shutdown") {
		REQUIRE_EQ(cpu_msr_set(guest.cpu, 0x17b, ~0ull), 1);
		REQUIRE_EQ(cpu_msr_set(guest.cpu, 0x408, ~0ull), 1);
		REQUIRE_DONE(call(guest.cpu, KVM_X86_SET_MCE, &fatal));
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_SHUTDOWN);
	}
	fatal.bank = 10;
	EXPECT_ERROR(call(guest.cpu, KVM_X86_SET_MCE, &fatal), EINVAL);
	caps = known | 200;
	EXPECT_ERROR(call(guest.cpu, KVM_X86_SETUP_MCE, &caps), EINVAL);
	caps = 1ull << 50 | 10;
	EXPECT_ERROR(call(guest.cpu, KVM_X86_SETUP_MCE, &caps), EINVAL);
}

/* 4.120 */
TEST(pmu_filter, "KVM_SET_PMU_EVENT_FILTER: actions, flags, numbers",
     REQUIRES(KVM_CAP_PMU_EVENT_FILTER))
{
	struct {
		struct kvm_pmu_event_filter head;
		uint64_t events[4];
	} filter = { .head = { .action = KVM_PMU_EVENT_ALLOW, .nevents = 4 },
		     .events = { 0x76, 0xc0, 0xc2, 0xc3 } };
	int vm = vm_new(kvm_open());

	EXPECT_DONE(call(vm, KVM_SET_PMU_EVENT_FILTER, &filter));
	filter.head.action = KVM_PMU_EVENT_DENY;
	EXPECT_DONE(call(vm, KVM_SET_PMU_EVENT_FILTER, &filter));
	filter.head.action = 7;
	EXPECT_ERROR(call(vm, KVM_SET_PMU_EVENT_FILTER, &filter), EINVAL);
	filter.head.action = KVM_PMU_EVENT_DENY;
	filter.head.flags = 1 << 8;
	EXPECT_ERROR(call(vm, KVM_SET_PMU_EVENT_FILTER, &filter), EINVAL);
	filter.head.flags = 0;
	filter.head.nevents = 100000;
	EXPECT_ERROR(call(vm, KVM_SET_PMU_EVENT_FILTER, &filter), E2BIG);
	EXPECT_ERROR(call(vm, KVM_SET_PMU_EVENT_FILTER, 8), EFAULT);
}

/* 7.13, 7.20, 7.22, 7.27, 7.31, 8.35: bits that are unknown, and CPUs that are there. */
TEST(switches, "capabilities that are sets: each known bit is taken, an unknown one is not")
{
	static const struct {
		const char *name;
		uint32_t capability;
		uint64_t bad;
		bool is_set;	/* what KVM_CHECK_EXTENSION says may be enabled */
	} rows[] = {
		{ "X86_DISABLE_EXITS", KVM_CAP_X86_DISABLE_EXITS, 1 << 20, true },
		{ "X86_BUS_LOCK_EXIT", KVM_CAP_X86_BUS_LOCK_EXIT, 1 << 10, false },
		{ "DISABLE_QUIRKS2", KVM_CAP_DISABLE_QUIRKS2, 1ull << 40, true },
		{ "EXIT_ON_EMULATION_FAILURE", KVM_CAP_EXIT_ON_EMULATION_FAILURE, 2, true },
		{ "PMU_CAPABILITY", KVM_CAP_PMU_CAPABILITY, 2, true },
		{ "EXCEPTION_PAYLOAD", KVM_CAP_EXCEPTION_PAYLOAD, 0, true },
		{ "HALT_POLL", KVM_CAP_HALT_POLL, 0, true },
		{ "MSR_PLATFORM_INFO", KVM_CAP_MSR_PLATFORM_INFO, 0, true },
		{ "X86_TRIPLE_FAULT_EVENT", KVM_CAP_X86_TRIPLE_FAULT_EVENT, 0, true },
	};
	int kvm = kvm_open();

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			int vm = vm_new(kvm), known = kvm_has(vm, row->capability);

			if (!known) {
				skip("there is none");
				continue;
			}
			if (row->bad)
				EXPECT_ERROR(kvm_enable(vm, row->capability, row->bad), EINVAL);
			if (row->is_set)
				EXPECT_DONE(kvm_enable(vm, row->capability, known));
		}
}

/* 7.13: HLT then stops the CPU itself, and no exit says so. */
TEST(pause_exits, "with PAUSE's exits disabled, the guest runs as before",
     REQUIRES(KVM_CAP_X86_DISABLE_EXITS))
{
	struct guest guest;
	int kvm = kvm_open(), vm = vm_new(kvm);

	if (!(kvm_has(vm, KVM_CAP_X86_DISABLE_EXITS) & KVM_X86_DISABLE_EXITS_PAUSE))
		return skip("PAUSE exits always");
	REQUIRE_DONE(kvm_enable(vm, KVM_CAP_X86_DISABLE_EXITS, KVM_X86_DISABLE_EXITS_PAUSE));
	guest = guest_on(kvm, vm, &pause_halt, GUEST_PLAIN);
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(guest_regs(&guest).rip, GUEST_CODE + 3);
}
