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
