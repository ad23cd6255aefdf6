/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a CPU an x86 CPU of the machine's model. */
#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/hash.h"
#include "defs/cpuid.h"
#include "vmm/break.h"
#include "vmm/machine.h"

/* Built once: migration makes each CPU again. */
static struct kvm_cpuid2 *model(void)
{
	static struct kvm_cpuid2 *cpuid;
	char why[256];
	int result;

	if (cpuid)
		return cpuid;
	cpuid = cpu_model_build(machine.kvm, machine.config->cpu, why,
				sizeof(why), &result);
	if (!cpuid)
		machine_end(NULL, result > 0 ? VM_END_UNSUPPORTED : VM_END_ERROR,
			    0, "%s", why);
	if (machine.config->platform.irqchip == VM_IRQCHIP_OFF) {
		cpu_model_set(cpuid, CPU_APIC, false);
		cpu_model_set(cpuid, CPU_X2APIC, false);
		cpu_model_set(cpuid, CPU_TSC_DEADLINE, false);
	}
	return cpuid;
}

bool cpu_model_has(uint32_t feature)
{
	const struct kvm_cpuid2 *cpuid = model();

	for (uint32_t i = 0; i < cpuid->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &cpuid->entries[i];
		const uint32_t regs[] = { e->eax, e->ebx, e->ecx, e->edx };

		if (e->function == CPUID_FEATURE_LEAF(feature) &&
		    e->index == CPUID_FEATURE_SUBLEAF(feature))
			return regs[CPUID_FEATURE_REG(feature)] >>
				CPUID_FEATURE_BIT(feature) & 1;
	}
	return false;
}

unsigned int cpu_physical_bits(void)
{
	const struct kvm_cpuid2 *cpuid = model();

	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == 0x80000008)
			return cpuid->entries[i].eax & 0xff;
	return 36;	/* SDM 3A, 4.1.4: of CPUs without this leaf */
}

uint64_t arch_model_hash(void)
{
	struct kvm_cpuid2 *cpuid = model();

	cpu_model_for(cpuid, 0, machine.config->cpus);
	return hash_bytes(cpuid->entries, cpuid->nent * sizeof(*cpuid->entries));
}

void arch_vcpu_prepare(struct vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid = model();

	/* KVM then says where the CPU is with each exit, which costs it nothing. */
	if (ioctl(machine.kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) & KVM_SYNC_X86_REGS)
		vcpu->run->kvm_valid_regs = KVM_SYNC_X86_REGS;

	cpu_model_for(cpuid, vcpu->index, machine.config->cpus);
	if (lie_active() && lie_active()->cpuid)
		lie_active()->cpuid(cpuid, vcpu->index);
	must(ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
}
