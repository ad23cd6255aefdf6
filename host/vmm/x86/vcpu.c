/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a CPU an x86 CPU of the machine's model. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/hash.h"
#include "defs/cpuid.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/x86/cpu_model.h"
#include "vmm/x86/platform.h"

int vm_cpu_supported(const char *cpu, char *why, size_t size)
{
	int kvm = open(DEV_KVM, O_RDWR | O_CLOEXEC), result;

	if (kvm < 0) {
		snprintf(why, size, DEV_KVM ": %s", strerror(errno));
		return -1;
	}
	cpu_model_free(cpu_model_build(kvm, cpu, why, size, &result));
	close(kvm);
	return result;
}

/* KVM executes dozens of CPUIDs, which on a host that is a guest itself all exit. */
void arch_prepare(void)
{
	int kvm = open(DEV_KVM, O_RDWR | O_CLOEXEC);

	if (kvm < 0)
		return;		/* vm_run() says why */
	cpu_supported(kvm, false);
	close(kvm);
}

/* Built once: migration makes each CPU again. */
static const struct cpu_model *model(void)
{
	static struct cpu_model *built;
	char why[256];
	int result;

	if (built)
		return built;
	built = cpu_model_build(machine.kvm, machine.config->cpu, why, sizeof(why),
				&result);
	if (!built)
		machine_end(NULL, result > 0 ? VM_END_UNSUPPORTED : VM_END_ERROR,
			    0, "%s", why);
	if (machine.config->platform.irqchip == VM_IRQCHIP_OFF) {
		cpu_model_set(built->cpuid, CPU_APIC, false);
		cpu_model_set(built->cpuid, CPU_X2APIC, false);
		cpu_model_set(built->cpuid, CPU_TSC_DEADLINE, false);
	}
	return built;
}

bool cpu_model_has(uint32_t feature)
{
	return cpu_model_get(model()->cpuid, feature);
}

bool cpu_has_pmu(void)
{
	return model()->pmu;
}

bool cpu_has_synic(void)
{
	return model()->synic;
}

unsigned int cpu_physical_bits(void)
{
	const struct kvm_cpuid_entry2 *e = cpuid_find(model()->cpuid, 0x80000008, 0);

	return e ? e->eax & 0xff : 36;	/* SDM 3A, 4.1.4: of CPUs without this leaf */
}

uint64_t arch_model_hash(void)
{
	struct kvm_cpuid2 *cpuid = model()->cpuid;

	cpu_model_for(cpuid, 0, machine.config->cpus);
	return hash_bytes(cpuid->entries, cpuid->nent * sizeof(*cpuid->entries));
}

static void capability_enable(struct vcpu *vcpu, uint32_t which, uint64_t value,
			      const char *what)
{
	struct kvm_enable_cap cap = { .cap = which, .args = { value } };

	must(ioctl(vcpu->fd, KVM_ENABLE_CAP, &cap), what);
}

static void msrs_set(struct vcpu *vcpu)
{
	struct {
		struct kvm_msrs head;
		struct kvm_msr_entry entries[MODEL_MSRS];
	} msrs = { .head = { .nmsrs = model()->msr_count } };

	memcpy(msrs.entries, model()->msrs, sizeof(msrs.entries));
	if (ioctl(vcpu->fd, KVM_SET_MSRS, &msrs) != (int)msrs.head.nmsrs)
		machine_end(vcpu, VM_END_UNSUPPORTED, 0,
			    "this KVM refuses what the CPU model makes of an MSR");
}

void arch_vcpu_prepare(struct vcpu *vcpu)
{
	struct kvm_cpuid2 *cpuid = model()->cpuid;

	/* KVM then says where the CPU is with each exit, which costs it nothing. */
	if (ioctl(machine.kvm, KVM_CHECK_EXTENSION, KVM_CAP_SYNC_REGS) & KVM_SYNC_X86_REGS)
		vcpu->run->kvm_valid_regs = KVM_SYNC_X86_REGS;

	cpu_model_for(cpuid, vcpu->index, machine.config->cpus);
	if (lie_active() && lie_active()->cpuid)
		lie_active()->cpuid(cpuid, vcpu->index);
	must(ioctl(vcpu->fd, KVM_SET_CPUID2, cpuid), "KVM_SET_CPUID2");
	if (model()->synic)
		capability_enable(vcpu, KVM_CAP_HYPERV_SYNIC2, 0, "KVM_CAP_HYPERV_SYNIC2");
	if (model()->enforce_pv)
		capability_enable(vcpu, KVM_CAP_ENFORCE_PV_FEATURE_CPUID, 1,
				  "KVM_CAP_ENFORCE_PV_FEATURE_CPUID");
	if (model()->tsc_khz &&
	    ioctl(vcpu->fd, KVM_SET_TSC_KHZ, (unsigned long)model()->tsc_khz) < 0)
		machine_end(vcpu, VM_END_UNSUPPORTED, 0,
			    "this KVM cannot make a TSC of %u kHz", model()->tsc_khz);
	if (model()->msr_count)
		msrs_set(vcpu);
}
