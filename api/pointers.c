/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pointers that lead nowhere, and calls of old or of other machines: api.rst, "EFAULT"
 * of each call; 4.72 KVM_GET_PIT2 and its forerunner; 4.110 to 4.112; 4.134; 7.24, 7.29,
 * 7.33, 8.38.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/guest.h"
#include "api/test.h"

/* Each call that reads or writes user memory finds none at 8. */
TEST(nowhere, "calls whose structure is nowhere: EFAULT, and nothing else happens")
{
	static const struct {
		const char *name;
		unsigned long request;
	} of_vm[] = {
		{ "KVM_GET_IRQCHIP", KVM_GET_IRQCHIP }, { "KVM_SET_IRQCHIP", KVM_SET_IRQCHIP },
		{ "KVM_GET_PIT", KVM_GET_PIT }, { "KVM_SET_PIT", KVM_SET_PIT },
		{ "KVM_SET_PIT2", KVM_SET_PIT2 }, { "KVM_GET_CLOCK", KVM_GET_CLOCK },
		{ "KVM_SET_CLOCK", KVM_SET_CLOCK }, { "KVM_IRQ_LINE", KVM_IRQ_LINE },
		{ "KVM_IRQ_LINE_STATUS", KVM_IRQ_LINE_STATUS },
		{ "KVM_REINJECT_CONTROL", KVM_REINJECT_CONTROL },
		{ "KVM_SIGNAL_MSI", KVM_SIGNAL_MSI }, { "KVM_ENABLE_CAP", KVM_ENABLE_CAP },
		{ "KVM_SET_USER_MEMORY_REGION", KVM_SET_USER_MEMORY_REGION },
		{ "KVM_GET_DIRTY_LOG", KVM_GET_DIRTY_LOG },
		{ "KVM_CLEAR_DIRTY_LOG", KVM_CLEAR_DIRTY_LOG },
		{ "KVM_REGISTER_COALESCED_MMIO", KVM_REGISTER_COALESCED_MMIO },
		{ "KVM_UNREGISTER_COALESCED_MMIO", KVM_UNREGISTER_COALESCED_MMIO },
		{ "KVM_X86_SET_MSR_FILTER", KVM_X86_SET_MSR_FILTER },
	}, of_cpu[] = {
		{ "KVM_GET_REGS", KVM_GET_REGS }, { "KVM_SET_REGS", KVM_SET_REGS },
		{ "KVM_GET_SREGS", KVM_GET_SREGS }, { "KVM_SET_SREGS", KVM_SET_SREGS },
		{ "KVM_GET_SREGS2", KVM_GET_SREGS2 }, { "KVM_SET_SREGS2", KVM_SET_SREGS2 },
		{ "KVM_GET_FPU", KVM_GET_FPU }, { "KVM_SET_FPU", KVM_SET_FPU },
		{ "KVM_GET_XSAVE", KVM_GET_XSAVE }, { "KVM_SET_XSAVE", KVM_SET_XSAVE },
		{ "KVM_GET_XSAVE2", KVM_GET_XSAVE2 },
		{ "KVM_GET_XCRS", KVM_GET_XCRS }, { "KVM_SET_XCRS", KVM_SET_XCRS },
		{ "KVM_GET_DEBUGREGS", KVM_GET_DEBUGREGS },
		{ "KVM_SET_DEBUGREGS", KVM_SET_DEBUGREGS },
		{ "KVM_GET_LAPIC", KVM_GET_LAPIC }, { "KVM_SET_LAPIC", KVM_SET_LAPIC },
		{ "KVM_GET_MP_STATE", KVM_GET_MP_STATE }, { "KVM_SET_MP_STATE", KVM_SET_MP_STATE },
		{ "KVM_GET_MSRS", KVM_GET_MSRS }, { "KVM_SET_MSRS", KVM_SET_MSRS },
		{ "KVM_SET_CPUID", KVM_SET_CPUID }, { "KVM_SET_CPUID2", KVM_SET_CPUID2 },
		{ "KVM_GET_CPUID2", KVM_GET_CPUID2 }, { "KVM_TRANSLATE", KVM_TRANSLATE },
		{ "KVM_INTERRUPT", KVM_INTERRUPT }, { "KVM_ENABLE_CAP", KVM_ENABLE_CAP },
		{ "KVM_SET_GUEST_DEBUG", KVM_SET_GUEST_DEBUG },
		{ "KVM_SET_SIGNAL_MASK", KVM_SET_SIGNAL_MASK },
		{ "KVM_X86_SETUP_MCE", KVM_X86_SETUP_MCE }, { "KVM_X86_SET_MCE", KVM_X86_SET_MCE },
		{ "KVM_SET_VAPIC_ADDR", KVM_SET_VAPIC_ADDR },
		{ "KVM_GET_DEVICE_ATTR", KVM_GET_DEVICE_ATTR },
	}, of_kvm[] = {
		{ "KVM_GET_SUPPORTED_CPUID", KVM_GET_SUPPORTED_CPUID },
		{ "KVM_GET_EMULATED_CPUID", KVM_GET_EMULATED_CPUID },
		{ "KVM_GET_MSR_INDEX_LIST", KVM_GET_MSR_INDEX_LIST },
		{ "KVM_GET_MSR_FEATURE_INDEX_LIST", KVM_GET_MSR_FEATURE_INDEX_LIST },
		{ "KVM_GET_MSRS", KVM_GET_MSRS },
		{ "KVM_X86_GET_MCE_CAP_SUPPORTED", KVM_X86_GET_MCE_CAP_SUPPORTED },
	};
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_regs before = guest_regs(&guest), after;
	struct kvm_pit_config config = { 0 };

	REQUIRE_DONE(call(guest.vm, KVM_CREATE_PIT2, &config));
	for_each(one, of_vm)
		SUBTEST("%s", one->name)
			EXPECT_ERROR(call(guest.vm, one->request, 8), EFAULT);
	for_each(one, of_cpu)
		SUBTEST("%s of a CPU", one->name)
			EXPECT_ERROR(call(guest.cpu, one->request, 8), EFAULT);
	for_each(one, of_kvm)
		SUBTEST("%s of /dev/kvm", one->name)
			EXPECT_ERROR(call(guest.kvm, one->request, 8), EFAULT);
	after = guest_regs(&guest);
	EXPECT(!memcmp(&before, &after, sizeof(before)));
}

/* The PIT's first interface, without flags: the same chip. */
TEST(old_pit, "KVM_CREATE_PIT, KVM_GET_PIT and KVM_SET_PIT")
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_pit_state set, got;
	struct kvm_pit_state2 both;

	EXPECT_ERROR(call(guest.vm, KVM_GET_PIT, &got), ENXIO);
	EXPECT_ERROR(call(guest.vm, KVM_SET_PIT, memset(&set, 0, sizeof(set))), ENXIO);
	REQUIRE_DONE(call(guest.vm, KVM_CREATE_PIT, 0));
	EXPECT_ERROR(call(guest.vm, KVM_CREATE_PIT, 0), EEXIST);
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT, &set));
	set.channels[1].count = 0x4444;
	set.channels[1].mode = 2;
	REQUIRE_DONE(call(guest.vm, KVM_SET_PIT, &set));
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT, &got));
	EXPECT_EQ(got.channels[1].count, 0x4444);
	REQUIRE_DONE(call(guest.vm, KVM_GET_PIT2, &both));
	EXPECT_EQ(both.channels[1].count, 0x4444);
	EXPECT_EQ(both.channels[1].mode, 2);
}

/* 4.134: as KVM_GET_XSAVE, but as large as KVM_CAP_XSAVE2 says. */
TEST(xsave2, "KVM_GET_XSAVE2 gives what KVM_GET_XSAVE gives, and what is behind",
     REQUIRES(KVM_CAP_XSAVE2))
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	int size = kvm_has(guest.vm, KVM_CAP_XSAVE2);
	uint8_t *one = calloc(1, sizeof(struct kvm_xsave)), *two = calloc(1, size + PAGE);

	REQUIRE(size >= (int)sizeof(struct kvm_xsave));
	memset(two + size, 0xa5, PAGE);
	REQUIRE_DONE(call(guest.cpu, KVM_GET_XSAVE, one));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_XSAVE2, two));
	EXPECT(!memcmp(one, two, sizeof(struct kvm_xsave)));
	EXPECT_EQ(two[size], 0xa5);
}

/* x86's attributes of /dev/kvm: which opt-in state there may be. */
TEST(system_attributes, "KVM_X86_XCOMP_GUEST_SUPP, and attributes that there are not",
     REQUIRES(KVM_CAP_SYS_ATTRIBUTES))
{
	uint64_t value = 0;
	struct kvm_device_attr attr = { .attr = KVM_X86_XCOMP_GUEST_SUPP,
					.addr = (uintptr_t)&value };
	int kvm = kvm_open();
	struct kvm_cpuid_entry2 *leaf = cpuid_entry(cpuid_supported(kvm), 0xd, 0);

	EXPECT_DONE(call(kvm, KVM_HAS_DEVICE_ATTR, &attr));
	REQUIRE_DONE(call(kvm, KVM_GET_DEVICE_ATTR, &attr));
	if (leaf)
		EXPECT_EQ(leaf->eax & ~(uint32_t)value, 0);
	attr.addr = 8;
	EXPECT_ERROR(call(kvm, KVM_GET_DEVICE_ATTR, &attr), EFAULT);
	attr.attr = 99;
	EXPECT_ERROR(call(kvm, KVM_HAS_DEVICE_ATTR, &attr), ENXIO);
	attr.group = 99;
	EXPECT_ERROR(call(kvm, KVM_HAS_DEVICE_ATTR, &attr), ENXIO);
}

/* 4.110 to 4.112, 7.24, 7.29: of VMs whose memory is encrypted. */
TEST(encryption, "calls for encrypted VMs, of one that is not")
{
	int vm = vm_new(kvm_open());
	struct kvm_enc_region region = { .addr = (uintptr_t)memory_new(PAGE), .size = PAGE };
	struct kvm_sev_cmd command = { .id = KVM_SEV_LAUNCH_START, .sev_fd = ~0u };

	EXPECT(call(vm, KVM_MEMORY_ENCRYPT_OP, &command) < 0);
	EXPECT(call(vm, KVM_MEMORY_ENCRYPT_REG_REGION, &region) < 0);
	EXPECT(call(vm, KVM_MEMORY_ENCRYPT_UNREG_REGION, &region) < 0);
	EXPECT(kvm_enable(vm, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, vm) < 0);
	EXPECT(kvm_enable(vm, KVM_CAP_VM_MOVE_ENC_CONTEXT_FROM, vm) < 0);
	EXPECT(kvm_enable(vm, KVM_CAP_VM_COPY_ENC_CONTEXT_FROM, 99) < 0);
}

/* 7.33, 8.38 */
TEST(vm_switches, "notify VM exits and NX huge pages: where there are any, and before CPUs")
{
	int kvm = kvm_open(), vm = vm_new(kvm);

	if (!kvm_has(vm, KVM_CAP_X86_NOTIFY_VMEXIT))
		EXPECT_ERROR(kvm_enable(vm, KVM_CAP_X86_NOTIFY_VMEXIT,
					KVM_X86_NOTIFY_VMEXIT_ENABLED), EINVAL);
	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_X86_NOTIFY_VMEXIT, 1 << 10), EINVAL);
	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_VM_DISABLE_NX_HUGE_PAGES, 1), EINVAL);
	EXPECT_DONE(kvm_enable(vm, KVM_CAP_VM_DISABLE_NX_HUGE_PAGES, 0));
	cpu_new(vm, 0);
	EXPECT_ERROR(kvm_enable(vm, KVM_CAP_VM_DISABLE_NX_HUGE_PAGES, 0), EINVAL);
}
