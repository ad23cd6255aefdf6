/* SPDX-License-Identifier: BSD-2-Clause */
/* What makes a VM an arm64 machine before it has CPUs. */
#include <sys/ioctl.h>

#include "vmm/break.h"
#include "vmm/arm/platform.h"
#include "vmm/machine.h"
#include "vmm/trace.h"

const char *vm_directory(void)
{
	return "arm";
}

/* Accesses whose syndrome does not tell what they are come to us then. */
static void tell_without_syndrome(void)
{
	struct kvm_enable_cap cap = { .cap = KVM_CAP_ARM_NISV_TO_USER };

	ioctl(machine.vm, KVM_ENABLE_CAP, &cap);
}

void arch_vm_open(void)
{
	const struct vm_platform *platform = &machine.config->platform;

	if (platform->irqchip != VM_IRQCHIP_KERNEL || platform->q35 || platform->vmport ||
	    platform->cpu_pm)
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "arm64 machines have their GIC in the kernel, and nothing of a PC");
	tell_without_syndrome();
	gic_create();
	break_vm();
	arch_trace_vm();
}
