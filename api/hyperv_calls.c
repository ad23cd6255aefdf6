/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's interface as user space switches it on: api.rst, 4.113 KVM_HYPERV_EVENTFD,
 * 8.2 and 8.11 SynIC, 8.12 VP_INDEX, 8.33; KVM_EXIT_HYPERV in 5.
 */
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "api/guest.h"
#include "api/test.h"

/* A hypercall by CPUID's means for it: the page that MSR 0x40000001 puts at 0x9000. */
CODE64(hypercall, "mov $0x9000, %eax; call *%rax; mov %rax, (0x3000); out %al, $0x80");

CODE64(time_ref, "mov $0x40000020, %ecx; rdmsr; out %al, $0x80");
CODE64(spin, "1: pause; jmp 1b");

#define GUEST_OS_ID	0x40000000
#define HYPERCALL	0x40000001
#define VP_INDEX	0x40000002
#define TIME_REF_COUNT	0x40000020
#define REFERENCE_TSC	0x40000021
#define SCONTROL	0x40000080
#define SIEFP		0x40000082
#define SIMP		0x40000083
#define SINT0		0x40000090
#define STIMER0_CONFIG	0x400000b0
#define STIMER0_COUNT	0x400000b1

/* A guest whose CPUID is KVM's for Hyper-V in place of KVM's own. */
static struct guest guest_hyperv(const struct code *code, bool synic)
{
	struct guest guest = guest_new(code, GUEST_LONG | GUEST_IRQCHIP | GUEST_NO_CPUID);
	struct kvm_cpuid2 *all = cpuid_supported(guest.kvm), *hyperv = cpuid_supported(guest.kvm);

	if (synic)
		REQUIRE_DONE(kvm_enable(guest.cpu, KVM_CAP_HYPERV_SYNIC2, 0));
	hyperv->nent = CPUID_MOST;
	REQUIRE_DONE(call(guest.cpu, KVM_GET_SUPPORTED_HV_CPUID, hyperv));
	for (uint32_t i = 0; i < all->nent; i++)
		if (all->entries[i].function >> 8 != 0x400000 && hyperv->nent < CPUID_MOST)
			hyperv->entries[hyperv->nent++] = all->entries[i];
	REQUIRE_DONE(call(guest.cpu, KVM_SET_CPUID2, hyperv));
	return guest;
}

TEST(leaves, "KVM_GET_SUPPORTED_HV_CPUID announces what TLFS 2 says",
     REQUIRES(KVM_CAP_HYPERV_CPUID))
{
	struct guest guest = guest_hyperv(NULL, false);
	struct kvm_cpuid2 *got = cpuid_supported(guest.kvm);
	struct kvm_cpuid_entry2 *leaf;

	got->nent = CPUID_MOST;
	REQUIRE_DONE(call(guest.cpu, KVM_GET_SUPPORTED_HV_CPUID, got));
	leaf = cpuid_entry(got, 0x40000000, 0);
	REQUIRE(leaf);
	EXPECT(leaf->eax >= 0x40000005);
	leaf = cpuid_entry(got, 0x40000001, 0);
	EXPECT(leaf && leaf->eax == 0x31237648);	/* "Hv#1" */
	for (uint32_t i = 0; i < got->nent; i++)
		EXPECT(got->entries[i].function >> 8 == 0x400000);
}

TEST(msrs, "Hyper-V's MSRs are what was set", REQUIRES(KVM_CAP_HYPERV_CPUID))
{
	static const struct {
		const char *name;
		uint32_t index;
		uint64_t value;
	} rows[] = {
		{ "GUEST_OS_ID", GUEST_OS_ID, 0x8100000000000001 },
		{ "REFERENCE_TSC", REFERENCE_TSC, 0xa001 },
		{ "CRASH_P0", 0x40000100, 0x1234567890 }, { "CRASH_P4", 0x40000104, 99 },
		{ "VP_ASSIST_PAGE", 0x40000073, 0xb001 },
		{ "REENLIGHTENMENT_CONTROL", 0x40000106, 0x100ef },
		{ "TSC_EMULATION_CONTROL", 0x40000107, 1 },
		{ "SCONTROL", SCONTROL, 1 }, { "SIMP", SIMP, 0xc001 }, { "SIEFP", SIEFP, 0xd001 },
		{ "SINT0", SINT0, 0x60 }, { "SINT15", SINT0 + 15, 0x200ef },
		{ "STIMER0_COUNT", STIMER0_COUNT, 12345 },
		{ "STIMER0_CONFIG, disabled", STIMER0_CONFIG, 2 << 16 },
	};
	struct guest guest = guest_hyperv(NULL, true);
	uint64_t value;

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			EXPECT_EQ(cpu_msr_set(guest.cpu, row->index, row->value), 1);
			value = 0;
			EXPECT_EQ(cpu_msr_get(guest.cpu, row->index, &value), 1);
			EXPECT_EQ(value, row->value);
		}
	SUBTEST("TIME_REF_COUNT goes on, and is read-only") {
		uint64_t before = 0, after = 0;

		EXPECT_EQ(cpu_msr_get(guest.cpu, TIME_REF_COUNT, &before), 1);
		usleep(2000);
		EXPECT_EQ(cpu_msr_get(guest.cpu, TIME_REF_COUNT, &after), 1);
		EXPECT(after > before);
	}
	/* 8.12: user space may say which one the CPU is. */
	SUBTEST("VP_INDEX") {
		EXPECT_EQ(cpu_msr_get(guest.cpu, VP_INDEX, &value), 1);
		EXPECT_EQ(value, 0);
		EXPECT_EQ(cpu_msr_set(guest.cpu, VP_INDEX, 7), 1);
		EXPECT_EQ(cpu_msr_get(guest.cpu, VP_INDEX, &value), 1);
		EXPECT_EQ(value, 7);
		EXPECT_EQ(cpu_msr_set(guest.cpu, VP_INDEX, 1 << 20), 0);
	}
}

/* 5, KVM_EXIT_HYPERV: pages that are turned on are told to whoever has the SynIC. */
TEST(synic_exit, "writing SCONTROL, SIMP or SIEFP exits",
     REQUIRES(KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_CPUID))
{
	struct guest guest = guest_hyperv(NULL, true);

	EXPECT_EQ(guest.run->exit_reason, KVM_EXIT_UNKNOWN);
	/* User space's own writes exit nowhere. */
	EXPECT_EQ(cpu_msr_set(guest.cpu, SIMP, 0xc001), 1);
	guest.run->immediate_exit = 1;
	EXPECT_ERROR(guest_run(&guest), EINTR);
}

/* TLFS 3: a code that nobody knows; TLFS, status 2. */
TEST(unknown_call, "a hypercall that there is not", REQUIRES(KVM_CAP_HYPERV_CPUID))
{
	struct guest guest = guest_hyperv(&hypercall, false);
	uint64_t result = 0;
	struct kvm_regs regs = guest_regs(&guest);

	REQUIRE_EQ(cpu_msr_set(guest.cpu, GUEST_OS_ID, 0x8100000000000001), 1);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, HYPERCALL, 0x9001), 1);
	regs.rcx = 0x7777;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	memcpy(&result, guest.memory + 0x3000, sizeof(result));
	EXPECT_EQ(result & 0xffff, 2);
}

/* Runs a hypercall with what RCX, RDX and R8 are to be; returns what it leaves in RAX. */
static uint64_t hypercall_do(struct guest *guest, uint64_t input, uint64_t rdx, uint64_t r8)
{
	uint64_t result = ~0ull;
	struct kvm_regs regs;

	guest_start(guest, &hypercall);
	regs = guest_regs(guest);
	regs.rcx = input;
	regs.rdx = rdx;
	regs.r8 = r8;
	REQUIRE_DONE(call(guest->cpu, KVM_SET_REGS, &regs));
	REQUIRE_EQ(guest_run(guest), KVM_EXIT_IO);
	memcpy(&result, guest->memory + 0x3000, sizeof(result));
	return result;
}

/* Two CPUs of Hyper-V's kind; the other one's APIC shows what comes. */
static struct guest guest_two(struct guest *other)
{
	struct guest guest = guest_hyperv(&hypercall, true);

	*other = guest;
	other->cpu = cpu_new(guest.vm, 1);
	REQUIRE_DONE(kvm_enable(other->cpu, KVM_CAP_HYPERV_SYNIC2, 0));
	guest_takes_interrupts(&guest);
	guest_takes_interrupts(other);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, GUEST_OS_ID, 0x8100000000000001), 1);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, HYPERCALL, 0x9001), 1);
	return guest;
}

/* TLFS 10.5.4, HvCallSendSyntheticClusterIpi (0xb): vector in RDX, CPUs in R8. */
TEST(cluster_ipi, "a fast hypercall interrupts the CPUs of its mask",
     REQUIRES(KVM_CAP_HYPERV_SEND_IPI, KVM_CAP_HYPERV_SYNIC2))
{
	struct guest other, guest = guest_two(&other);

	EXPECT_EQ(hypercall_do(&guest, 0x1000b, 0x61, 2), 0);
	EXPECT(guest_requests(&other, 0x61));
	EXPECT(!guest_requests(&guest, 0x61));
	EXPECT_EQ(hypercall_do(&guest, 0x1000b, 0x62, 3), 0);
	EXPECT(guest_requests(&other, 0x62));
	EXPECT(guest_requests(&guest, 0x62));
	/* Vectors below 16 are exceptions': HV_STATUS_INVALID_HYPERCALL_INPUT (3). */
	EXPECT_EQ(hypercall_do(&guest, 0x1000b, 5, 2), 3);
	SUBTEST("HvCallSendSyntheticClusterIpiEx (0x15), sparse") {
		/* vector; format 0: sparse; banks: bank 0; its CPUs */
		static const uint64_t input[] = { 0x63, 0, 1, 2 };

		memcpy(guest.memory + 0x4000, input, sizeof(input));
		EXPECT_EQ(hypercall_do(&guest, 1ull << 17 | 0x15, 0x4000, 0), 0);
		EXPECT(guest_requests(&other, 0x63));
		EXPECT(!guest_requests(&guest, 0x63));
	}
}

/* TLFS 9.4: address space, flags, CPUs; the list's GVAs behind. */
TEST(flush, "flushes of address spaces and lists, and how many of a list were done",
     REQUIRES(KVM_CAP_HYPERV_TLBFLUSH, KVM_CAP_HYPERV_SYNIC2))
{
	static const uint64_t input[] = { 0, 1, 3, 0x1000, 0x2000 };	/* all CPUs */
	struct guest other, guest = guest_two(&other);

	memcpy(guest.memory + 0x4000, input, sizeof(input));
	EXPECT_EQ(hypercall_do(&guest, 0x2, 0x4000, 0), 0);
	EXPECT_EQ(hypercall_do(&guest, 2ull << 32 | 0x3, 0x4000, 0), 2ull << 32);
	/* Repetitions of a call that is none: invalid input. */
	EXPECT_EQ(hypercall_do(&guest, 2ull << 32 | 0x2, 0x4000, 0) & 0xffff, 3);
	EXPECT_EQ(hypercall_do(&guest, 0x3, 0x4000, 0) & 0xffff, 3);
	/* TLFS, HvCallNotifyLongSpinWait (8). */
	EXPECT_EQ(hypercall_do(&guest, 0x10008, 100, 0), 0);
}

/* 8.33: what CPUID does not announce is then not there. */
TEST(enforced, "with KVM_CAP_HYPERV_ENFORCE_CPUID, MSRs and hypercalls follow CPUID",
     REQUIRES(KVM_CAP_HYPERV_ENFORCE_CPUID, KVM_CAP_X86_USER_SPACE_MSR))
{
	for (int announced = 0; announced < 2; announced++)
		SUBTEST("%s", announced ? "announced" : "not announced") {
			struct guest guest = guest_hyperv(&time_ref, false);
			struct kvm_cpuid2 *set = cpuid_supported(guest.kvm);

			set->nent = CPUID_MOST;
			REQUIRE_DONE(call(guest.cpu, KVM_GET_SUPPORTED_HV_CPUID, set));
			if (!announced)
				cpuid_entry(set, 0x40000003, 0)->eax = 0;
			REQUIRE_DONE(call(guest.cpu, KVM_SET_CPUID2, set));
			REQUIRE_DONE(kvm_enable(guest.cpu, KVM_CAP_HYPERV_ENFORCE_CPUID, 1));
			REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
						KVM_MSR_EXIT_REASON_UNKNOWN |
						KVM_MSR_EXIT_REASON_INVAL));
			EXPECT_EQ(guest_run(&guest), announced ? KVM_EXIT_IO :
				  KVM_EXIT_X86_RDMSR);
		}
}

/* TLFS 12.3: a timer in direct mode (bit 12) is an interrupt of its vector (11:4). */
TEST(stimer, "a synthetic timer in direct mode interrupts once its time has come",
     REQUIRES(KVM_CAP_HYPERV_SYNIC2, KVM_CAP_HYPERV_CPUID))
{
	struct guest guest = guest_hyperv(&spin, true);
	uint64_t now = 0, config = 1;

	guest_takes_interrupts(&guest);
	REQUIRE_EQ(cpu_msr_get(guest.cpu, TIME_REF_COUNT, &now), 1);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, STIMER0_CONFIG, 0x1001 | 0x71 << 4), 1);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, STIMER0_COUNT, now + 1000000), 1);	/* 100 ms */
	EXPECT(!guest_requests(&guest, 0x71));
	for (int i = 0; i < 10 && !guest_requests(&guest, 0x71); i++)
		EXPECT_ERROR(guest_run_briefly(&guest), EINTR);
	EXPECT(guest_requests(&guest, 0x71));
	/* Once only: it has turned itself off. */
	REQUIRE_EQ(cpu_msr_get(guest.cpu, STIMER0_CONFIG, &config), 1);
	EXPECT_EQ(config & 1, 0);
}

/* 4.113; TLFS 11.11: HvSignalEvent (0x5d), fast: connection in RDX. */
TEST(signal_event, "KVM_HYPERV_EVENTFD: a signalled connection counts, others exit",
     REQUIRES(KVM_CAP_HYPERV_EVENTFD, KVM_CAP_HYPERV_SYNIC2))
{
	struct guest guest = guest_hyperv(&hypercall, true);
	struct kvm_hyperv_eventfd event = {
		.conn_id = 0x42, .fd = eventfd(0, EFD_NONBLOCK),
	}, bad = event;
	struct kvm_regs regs = guest_regs(&guest);
	uint64_t count = 0, result = 1;

	bad.conn_id = 1u << 24;
	EXPECT_ERROR(call(guest.vm, KVM_HYPERV_EVENTFD, &bad), EINVAL);
	bad = event;
	bad.flags = 2;
	EXPECT_ERROR(call(guest.vm, KVM_HYPERV_EVENTFD, &bad), EINVAL);
	bad = event;
	bad.fd = 99;
	EXPECT(call(guest.vm, KVM_HYPERV_EVENTFD, &bad) < 0);
	REQUIRE_DONE(call(guest.vm, KVM_HYPERV_EVENTFD, &event));
	EXPECT_ERROR(call(guest.vm, KVM_HYPERV_EVENTFD, &event), EEXIST);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, GUEST_OS_ID, 0x8100000000000001), 1);
	REQUIRE_EQ(cpu_msr_set(guest.cpu, HYPERCALL, 0x9001), 1);
	regs.rcx = 0x1005d;	/* fast */
	regs.rdx = 0x42;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
	memcpy(&result, guest.memory + 0x3000, sizeof(result));
	EXPECT_EQ(result, 0);
	EXPECT(read(event.fd, &count, sizeof(count)) == sizeof(count) && count == 1);
	SUBTEST("another connection is user space's") {
		guest_start(&guest, &hypercall);
		regs.rdx = 0x43;
		REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HYPERV);
		EXPECT_EQ(guest.run->hyperv.type, KVM_EXIT_HYPERV_HCALL);
		EXPECT_EQ(guest.run->hyperv.u.hcall.input, 0x1005d);
		EXPECT_EQ(guest.run->hyperv.u.hcall.params[0], 0x43);
		guest.run->hyperv.u.hcall.result = 0x12;
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_IO);
		memcpy(&result, guest.memory + 0x3000, sizeof(result));
		EXPECT_EQ(result, 0x12);
	}
	event.flags = KVM_HYPERV_EVENTFD_DEASSIGN;
	EXPECT_DONE(call(guest.vm, KVM_HYPERV_EVENTFD, &event));
	EXPECT_ERROR(call(guest.vm, KVM_HYPERV_EVENTFD, &event), ENOENT);
}
