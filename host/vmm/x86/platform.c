/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a VM an x86 machine before it has CPUs. */
#include <sys/ioctl.h>
#include <unistd.h>

#include "vmm/break.h"
#include "vmm/machine.h"

/* Lost ticks are discarded: re-injection changes what some tests measure. */
static void pit_create(void)
{
	struct kvm_pit_config config = { 0 };
	struct kvm_reinject_control control = { .pit_reinject = 0 };

	must(ioctl(machine.vm, KVM_CREATE_PIT2, &config), "KVM_CREATE_PIT2");
	must(ioctl(machine.vm, KVM_REINJECT_CONTROL, &control),
	     "KVM_REINJECT_CONTROL");
}

static void intel_prepare(void)
{
	uint64_t identity_map = 0xfffbc000;

	/* Real mode of CPUs without unrestricted guests: pages above any slot. */
	must(ioctl(machine.vm, KVM_SET_IDENTITY_MAP_ADDR, &identity_map),
	     "KVM_SET_IDENTITY_MAP_ADDR");
	must(ioctl(machine.vm, KVM_SET_TSS_ADDR, 0xfffbd000ul),
	     "KVM_SET_TSS_ADDR");
}

static void wide_apic_ids(void)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X2APIC_API,
		.args = { KVM_X2APIC_API_USE_32BIT_IDS |
			  KVM_X2APIC_API_DISABLE_BROADCAST_QUIRK },
	};

	must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap), "KVM_CAP_X2APIC_API");
}

void arch_vm_open(void)
{
	if (!access("/sys/module/kvm_intel", F_OK))
		intel_prepare();
	must(ioctl(machine.vm, KVM_CREATE_IRQCHIP, 0), "KVM_CREATE_IRQCHIP");
	if (machine.config->pit)
		pit_create();
	if (machine.config->cpus > 254)
		wide_apic_ids();
	break_vm();
}
