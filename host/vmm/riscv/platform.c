/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a VM and its CPUs a riscv64 machine. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "base/hash.h"
#include "base/str.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/request.h"
#include "vmm/riscv/platform.h"
#include "vmm/trace.h"

const char *vm_directory(void)
{
	return "riscv";
}

/* CPUs are the host's. */
int vm_cpu_supported(const char *cpu, char *why, size_t size)
{
	if (!cpu || !strcmp(cpu, "host") || !strcmp(cpu, "max"))
		return 0;
	snprintf(why, size, "'%s'", cpu);
	return -1;
}

void arch_vm_open(void)
{
	const struct vm_platform *platform = &machine.config->platform;
	const char *cpu = machine.config->cpu;
	char why[100];

	if (platform->irqchip != VM_IRQCHIP_KERNEL || platform->q35 || platform->vmport ||
	    platform->cpu_pm || platform->gic)
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "riscv64 machines have nothing of a PC, nor a GIC");
	if (vm_cpu_supported(cpu, why, sizeof(why)))
		machine_end(NULL, VM_END_ERROR, 0, "no such CPU: %s", why);
	break_vm();
	arch_trace_vm();
}

/* KVM makes them: CPU 0 will run, the others wait for SBI's hart_start. */
void arch_vcpu_prepare(struct vcpu *vcpu)
{
	(void)vcpu;
}

uint64_t arch_model_hash(void)
{
	uint64_t isa = register_get(&machine.vcpus[0], CONFIG_REG(isa));

	return hash_bytes(&isa, sizeof(isa));
}

uint32_t arch_request_features(void)
{
	return 0;
}

const struct request_row arch_requests[] = {
	{ 0 }
};
