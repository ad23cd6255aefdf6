/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MSRs: api.rst, 4.18 and 4.19; 7.21 accesses that exit to user space; 4.97 filters.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/guest.h"
#include "api/test.h"

/* RDMSR and WRMSR of what the registers say; #GP leads to a halt at GUEST_CODE + 0x80. */
CODE64(rdmsr, "rdmsr; hlt; .skip 0x80 - 3, 0x90; hlt");
CODE64(wrmsr, "wrmsr; hlt; .skip 0x80 - 3, 0x90; hlt");
#define FAULTED		(GUEST_CODE + 0x81)
#define DONE		(GUEST_CODE + 3)
#define IDT		0x6000u

static struct kvm_msr_list *list_of(int kvm)
{
	struct kvm_msr_list *list = calloc(1, sizeof(*list) + 4096 * 4);

	list->nmsrs = 4096;
	REQUIRE_DONE(call(kvm, KVM_GET_MSR_INDEX_LIST, list));
	return list;
}

/*
 * 4.3: "MSRs that are supported"; what is listed can be read, and its own value
 * written back: that is how machines are moved.
 */
TEST(listed, "each MSR of KVM_GET_MSR_INDEX_LIST can be read and written back")
{
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);
	struct kvm_msr_list *list = list_of(guest.kvm);

	for (unsigned int i = 0; i < list->nmsrs; i++)
		SUBTEST("%#x", list->indices[i]) {
			uint64_t value;

			EXPECT_EQ(cpu_msr_get(guest.cpu, list->indices[i], &value), 1);
			EXPECT_EQ(cpu_msr_set(guest.cpu, list->indices[i], value), 1);
		}
}

/* SDM 4: what bits these have; other values are refused by KVM_SET_MSRS, too. */
TEST(values, "values are what was set, and invalid ones are refused and change nothing")
{
	static const struct {
		const char *name;
		uint32_t index;
		uint64_t good, bad;
	} rows[] = {
		{ "IA32_SYSENTER_CS", 0x174, 0x10, 0 },
		{ "IA32_SYSENTER_EIP", 0x176, 0x81000000, 0 },
		{ "IA32_PAT", 0x277, 0x0007040600070406, 0x0000000000000002 },
		{ "IA32_MTRR_DEF_TYPE", 0x2ff, 0xc06, 0x1000 },
		{ "IA32_MTRR_PHYSBASE0", 0x200, 0x80000006, 0x80000002 },
		{ "IA32_MTRR_PHYSMASK0", 0x201, 0xf0000800, 0xf0000400 },
		{ "IA32_MTRR_FIX64K_00000", 0x250, 0x0606060606060606, 0x0606060606060602 },
		{ "STAR", 0xc0000081, 0x0023001000000000, 0 },
		{ "LSTAR", 0xc0000082, 0xffffffff81000000, 0x8000000000000000 },
		{ "FMASK", 0xc0000084, 0x47700, 0 },
		{ "KERNEL_GS_BASE", 0xc0000102, 0xffff888000000000, 0x8000000000000000 },
		{ "FS_BASE", 0xc0000100, 0x7fff12345000, 0x8000000000000000 },
		{ "KVM_SYSTEM_TIME_NEW", 0x4b564d01, 0x7001, 0 },
		{ "KVM_WALL_CLOCK_NEW", 0x4b564d00, 0x7000, 0 },
		{ "KVM_STEAL_TIME", 0x4b564d03, 0x7041, 0x7002 },
		{ "KVM_PV_EOI_EN", 0x4b564d04, 0x7081, 0x7083 },
		{ "KVM_ASYNC_PF_INT", 0x4b564d06, 0xe1, 0x100 },
		{ "KVM_POLL_CONTROL", 0x4b564d05, 0, 2 },
		{ "IA32_MCG_STATUS", 0x17a, 0, 0 },
	};
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			uint64_t value;

			if (cpu_msr_get(guest.cpu, row->index, &value) != 1) {
				skip("there is none");
				continue;
			}
			EXPECT_EQ(cpu_msr_set(guest.cpu, row->index, row->good), 1);
			EXPECT_EQ(cpu_msr_get(guest.cpu, row->index, &value), 1);
			EXPECT_EQ(value, row->good);
			if (!row->bad)
				continue;
			EXPECT_EQ(cpu_msr_set(guest.cpu, row->index, row->bad), 0);
			EXPECT_EQ(cpu_msr_get(guest.cpu, row->index, &value), 1);
			EXPECT_EQ(value, row->good);
		}
}

/* 4.18: "the number of MSRs successfully returned" */
TEST(counts, "KVM_GET_MSRS and KVM_SET_MSRS stop at the first that is refused")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[3];
	} msrs = { .head.nmsrs = 3, .entries = { { .index = 0x174 }, { .index = 0xdead },
						 { .index = 0x175 } } };
	struct kvm_msrs many = { .nmsrs = 10000 };
	uint64_t value;

	EXPECT_EQ(call(guest.cpu, KVM_GET_MSRS, &msrs), 1);
	msrs.entries[0].data = 0x33;
	msrs.entries[2].data = 0x44000;
	EXPECT_EQ(call(guest.cpu, KVM_SET_MSRS, &msrs), 1);
	EXPECT_EQ(cpu_msr_get(guest.cpu, 0x174, &value), 1);
	EXPECT_EQ(value, 0x33);
	EXPECT_EQ(cpu_msr_get(guest.cpu, 0x175, &value), 1);
	EXPECT_EQ(value, 0);
	EXPECT_ERROR(call(guest.cpu, KVM_GET_MSRS, &many), E2BIG);
	EXPECT_ERROR(call(guest.cpu, KVM_SET_MSRS, 8), EFAULT);
}

/* A guest whose #GP halts at FAULTED. */
static struct guest guest_faulting(const struct code *code, uint32_t index, uint64_t value)
{
	struct guest guest = guest_new(code, GUEST_LONG);
	uint16_t *gate = (uint16_t *)(guest.memory + IDT + 13 * 16);
	uint64_t *gdt = (uint64_t *)(guest.memory + IDT + 0x1000);
	struct kvm_sregs sregs = guest_sregs(&guest);
	struct kvm_regs regs = guest_regs(&guest);

	gate[0] = GUEST_CODE + 0x80;
	gate[1] = 8;
	gate[2] = 0x8e00;
	gdt[1] = 0x00af9b000000ffff;
	gdt[2] = 0x00cf93000000ffff;
	sregs.idt.base = IDT;
	sregs.idt.limit = 0xfff;
	sregs.gdt.base = IDT + 0x1000;
	sregs.gdt.limit = 0x17;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_SREGS, &sregs));
	regs.rcx = index;
	regs.rax = (uint32_t)value;
	regs.rdx = value >> 32;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
	return guest;
}

TEST(faults, "without anything enabled, MSRs that there are not are #GP",
     REQUIRES(KVM_CAP_X86_USER_SPACE_MSR))
{
	struct guest guest = guest_faulting(&rdmsr, 0xdead, 0);

	EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT_EQ(guest_regs(&guest).rip, FAULTED);
}

/* 7.21; 5: KVM_EXIT_X86_RDMSR, KVM_EXIT_X86_WRMSR */
TEST(exits, "accesses that are not known exit; user space answers, or has #GP injected",
     REQUIRES(KVM_CAP_X86_USER_SPACE_MSR))
{
	SUBTEST("RDMSR, answered") {
		struct guest guest = guest_faulting(&rdmsr, 0xdead, 0);

		REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
					KVM_MSR_EXIT_REASON_UNKNOWN));
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_X86_RDMSR);
		EXPECT_EQ(guest.run->msr.index, 0xdead);
		EXPECT_EQ(guest.run->msr.reason, KVM_MSR_EXIT_REASON_UNKNOWN);
		guest.run->msr.data = 0x1122334455667788;
		guest.run->msr.error = 0;
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(guest_regs(&guest).rip, DONE);
		EXPECT_EQ(guest_regs(&guest).rax, 0x55667788);
		EXPECT_EQ(guest_regs(&guest).rdx, 0x11223344);
	}
	SUBTEST("WRMSR, taken") {
		struct guest guest = guest_faulting(&wrmsr, 0xdead, 0x99aabbccddeeff00);

		REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
					KVM_MSR_EXIT_REASON_UNKNOWN));
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_X86_WRMSR);
		EXPECT_EQ(guest.run->msr.index, 0xdead);
		EXPECT_EQ(guest.run->msr.data, 0x99aabbccddeeff00);
		guest.run->msr.error = 0;
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(guest_regs(&guest).rip, DONE);
	}
	SUBTEST("refused") {
		struct guest guest = guest_faulting(&wrmsr, 0xdead, 1);

		REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
					KVM_MSR_EXIT_REASON_UNKNOWN));
		REQUIRE_EQ(guest_run(&guest), KVM_EXIT_X86_WRMSR);
		guest.run->msr.error = 1;
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(guest_regs(&guest).rip, FAULTED);
	}
	SUBTEST("a known one, an invalid value") {
		struct guest guest = guest_faulting(&wrmsr, 0x1b, 1);

		REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
					KVM_MSR_EXIT_REASON_INVAL));
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_X86_WRMSR);
		EXPECT_EQ(guest.run->msr.reason, KVM_MSR_EXIT_REASON_INVAL);
	}
	EXPECT_ERROR(kvm_enable(vm_new(kvm_open()), KVM_CAP_X86_USER_SPACE_MSR, 1 << 10), EINVAL);
}

static int filter_set(int vm, uint32_t default_flags, uint32_t flags, uint32_t base,
		      uint32_t count, uint8_t *bits)
{
	struct kvm_msr_filter filter = {
		.flags = default_flags,
		.ranges = { { .flags = flags, .nmsrs = count, .base = base, .bitmap = bits } },
	};

	return call(vm, KVM_X86_SET_MSR_FILTER, &filter);
}

#define BOTH	(KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE)

/* 4.97: a clear bit denies; what is in no range is as the default says. */
TEST(filter, "a filter denies what its bits say, of reads or of writes",
     REQUIRES(KVM_CAP_X86_MSR_FILTER))
{
	static const struct {
		const char *name;
		const struct code *code;
		uint32_t index, flags, defaults;
		uint8_t bits;
		bool denied;
	} rows[] = {
		{ "read, allowed", &rdmsr, 0x174, BOTH, KVM_MSR_FILTER_DEFAULT_DENY, 1, false },
		{ "read, denied", &rdmsr, 0x174, BOTH, KVM_MSR_FILTER_DEFAULT_ALLOW, 2, true },
		{ "write, allowed", &wrmsr, 0x175, BOTH, KVM_MSR_FILTER_DEFAULT_DENY, 2, false },
		{ "write, denied", &wrmsr, 0x175, BOTH, KVM_MSR_FILTER_DEFAULT_ALLOW, 1, true },
		{ "write, reads are filtered", &wrmsr, 0x174, KVM_MSR_FILTER_READ,
		  KVM_MSR_FILTER_DEFAULT_ALLOW, 0, false },
		{ "read, writes are filtered", &rdmsr, 0x174, KVM_MSR_FILTER_WRITE,
		  KVM_MSR_FILTER_DEFAULT_ALLOW, 0, false },
		{ "in no range, allowed", &rdmsr, 0xc0000082, BOTH,
		  KVM_MSR_FILTER_DEFAULT_ALLOW, 0, false },
		{ "in no range, denied", &rdmsr, 0xc0000082, BOTH,
		  KVM_MSR_FILTER_DEFAULT_DENY, 0, true },
	};

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct guest guest = guest_faulting(row->code, row->index, 0);
			uint8_t bits[8] = { row->bits };

			REQUIRE_DONE(filter_set(guest.vm, row->defaults, row->flags, 0x174, 8,
						bits));
			EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
			EXPECT_EQ(guest_regs(&guest).rip, row->denied ? FAULTED : DONE);
			/* With exits of this reason, user space is asked instead. */
			if (!row->denied)
				continue;
			guest = guest_faulting(row->code, row->index, 0);
			REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
						KVM_MSR_EXIT_REASON_FILTER));
			REQUIRE_DONE(filter_set(guest.vm, row->defaults, row->flags, 0x174, 8,
						bits));
			EXPECT_EQ(guest_run(&guest), row->code == &rdmsr ? KVM_EXIT_X86_RDMSR :
				  KVM_EXIT_X86_WRMSR);
			EXPECT_EQ(guest.run->msr.reason, KVM_MSR_EXIT_REASON_FILTER);
			EXPECT_EQ(guest.run->msr.index, row->index);
		}
}

TEST(filter_refused, "filters that cannot be", REQUIRES(KVM_CAP_X86_MSR_FILTER))
{
	int vm = vm_new(kvm_open());
	uint8_t bits[8] = { 0 };

	EXPECT_ERROR(filter_set(vm, 2, BOTH, 0x174, 8, bits), EINVAL);
	EXPECT_ERROR(filter_set(vm, 0, 4, 0x174, 8, bits), EINVAL);
	EXPECT_ERROR(filter_set(vm, 0, 0, 0x174, 8, bits), EINVAL);
	EXPECT_ERROR(filter_set(vm, 0, BOTH, 0x174, 0x10000, bits), EINVAL);
	EXPECT_ERROR(filter_set(vm, 0, BOTH, 0x174, 8, (uint8_t *)8), EFAULT);
	EXPECT_ERROR(call(vm, KVM_X86_SET_MSR_FILTER, 8), EFAULT);
	EXPECT_DONE(filter_set(vm, 0, 0, 0, 0, NULL));	/* none */
	/* Of no ranges at all, to deny is no default. */
	EXPECT_ERROR(filter_set(vm, KVM_MSR_FILTER_DEFAULT_DENY, 0, 0, 0, NULL), EINVAL);
}
