/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Features that an MSR announces, by QEMU's names: VMX capabilities (SDM 3D,
 * appendix A) and IA32_ARCH_CAPABILITIES.  What KVM supports it says for each.
 */
#include <sys/ioctl.h>

#include "defs/msr.h"
#include "vmm/x86/cpu_model.h"

/* Of a control's MSR, the upper half says which bits may be 1. */
#define ALLOWED(n)	(32 + (n))

static const struct {
	const char *name;
	uint32_t msr;
	uint8_t bit;
} features[] = {
#define PIN(n) MSR_VMX_TRUE_PIN, ALLOWED(n)
#define SECOND(n) MSR_VMX_PROCBASED2, ALLOWED(n)
#define EPT(n) MSR_VMX_EPT_VPID, n
#define MISC(n) MSR_VMX_MISC, n
#define ARCH(n) MSR_ARCH_CAPABILITIES, n
	{ "vmx-intr-exit", PIN(0) }, { "vmx-nmi-exit", PIN(3) },
	{ "vmx-vnmi", PIN(5) }, { "vmx-preemption-timer", PIN(6) },
	{ "vmx-posted-intr", PIN(7) },
	{ "vmx-apicv-xapic", SECOND(0) }, { "vmx-ept", SECOND(1) },
	{ "vmx-desc-exit", SECOND(2) }, { "vmx-rdtscp-exit", SECOND(3) },
	{ "vmx-apicv-x2apic", SECOND(4) }, { "vmx-vpid", SECOND(5) },
	{ "vmx-wbinvd-exit", SECOND(6) }, { "vmx-unrestricted-guest", SECOND(7) },
	{ "vmx-apicv-register", SECOND(8) }, { "vmx-apicv-vid", SECOND(9) },
	{ "vmx-ple", SECOND(10) }, { "vmx-rdrand-exit", SECOND(11) },
	{ "vmx-invpcid-exit", SECOND(12) }, { "vmx-vmfunc", SECOND(13) },
	{ "vmx-shadow-vmcs", SECOND(14) }, { "vmx-encls-exit", SECOND(15) },
	{ "vmx-rdseed-exit", SECOND(16) }, { "vmx-pml", SECOND(17) },
	{ "vmx-xsaves", SECOND(20) }, { "vmx-mbec", SECOND(22) },
	{ "vmx-tsc-scaling", SECOND(25) },
	{ "vmx-enable-user-wait-pause", SECOND(26) },
	{ "vmx-ept-execonly", EPT(0) }, { "vmx-page-walk-4", EPT(6) },
	{ "vmx-page-walk-5", EPT(7) }, { "vmx-ept-2mb", EPT(16) },
	{ "vmx-ept-1gb", EPT(17) }, { "vmx-invept", EPT(20) },
	{ "vmx-eptad", EPT(21) }, { "vmx-ept-advanced-exitinfo", EPT(22) },
	{ "vmx-invept-single-context", EPT(25) },
	{ "vmx-invept-all-context", EPT(26) }, { "vmx-invvpid", EPT(32) },
	{ "vmx-invvpid-single-addr", EPT(40) },
	{ "vmx-invept-single-context-noglobals", EPT(43) },
	{ "vmx-invvpid-all-context", EPT(42) },
	{ "vmx-store-lma", MISC(5) }, { "vmx-activity-hlt", MISC(6) },
	{ "vmx-activity-shutdown", MISC(7) },
	{ "vmx-activity-wait-sipi", MISC(8) },
	{ "vmx-vmwrite-vmexit-fields", MISC(29) },
	{ "vmx-zero-len-inject", MISC(30) },
	{ "rdctl-no", ARCH(0) }, { "ibrs-all", ARCH(1) }, { "rsba", ARCH(2) },
	{ "skip-l1dfl-vmentry", ARCH(3) }, { "ssb-no", ARCH(4) },
	{ "mds-no", ARCH(5) }, { "pschange-mc-no", ARCH(6) },
	{ "tsx-ctrl", ARCH(7) }, { "taa-no", ARCH(8) },
#undef PIN
#undef SECOND
#undef EPT
#undef MISC
#undef ARCH
};

static uint64_t msr_supported(int kvm, uint32_t index)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entry;
	} msrs = { { .nmsrs = 1 }, { .index = index } };

	return ioctl(kvm, KVM_GET_MSRS, &msrs) == 1 ? msrs.entry.data : 0;
}

static void msr_change(struct cpu_model *model, uint32_t index, uint64_t supported,
		       uint64_t bit, bool on)
{
	unsigned int i = 0;

	while (i < model->msr_count && model->msrs[i].index != index)
		i++;
	if (i == model->msr_count)	/* there are fewer MSRs than room for them */
		model->msrs[model->msr_count++] = (struct kvm_msr_entry){
			.index = index, .data = supported,
		};
	if (on)
		model->msrs[i].data |= bit;
	else
		model->msrs[i].data &= ~bit;
}

int cpu_msr_word(struct cpu_model *model, int kvm, const char *name, size_t length,
		 bool on)
{
	for (size_t i = 0; i < sizeof(features) / sizeof(*features); i++) {
		uint64_t bit = 1ull << features[i].bit, supported;

		if (!cpu_name_same(name, length, features[i].name))
			continue;
		supported = msr_supported(kvm, features[i].msr);
		if (on && !(supported & bit))
			return 1;
		/* What KVM has, the guest has; what it lacks, none can take. */
		if (supported & bit)
			msr_change(model, features[i].msr, supported, bit, on);
		return 0;
	}
	return -1;
}
