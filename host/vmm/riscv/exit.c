/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM_RUN returned for, and what becomes of it. */
#include "base/str.h"
#include "vmm/access.h"
#include "vmm/autopsy.h"
#include "vmm/exits.h"
#include "vmm/machine.h"
#include "vmm/slots.h"

#define SBI_NOT_SUPPORTED	(-2ul)	/* SBI 1.0, table 1 */

const struct exit_row arch_exit_rows[] = {
	{ .name = NULL }
};

/* Calls that KVM does not serve itself: of those, this machine has none. */
static void sbi_call(struct vcpu *vcpu)
{
	vcpu->run->riscv_sbi.ret[0] = SBI_NOT_SUPPORTED;
	vcpu->run->riscv_sbi.ret[1] = 0;
}

static void system_event(struct vcpu *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		machine_end(vcpu, VM_END_POWER_OFF, 0, "power-off through SBI");
	case KVM_SYSTEM_EVENT_RESET:
		machine_end(vcpu, VM_END_POWER_OFF, 0, "reset through SBI");
	default:
		machine_end(vcpu, VM_END_ERROR, 0, "system event %u",
			    vcpu->run->system_event.type);
	}
}

void exit_handle(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct vm_exit exit;
	char text[256];
	struct str what = str_on(text, sizeof(text));

	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		access_memory(vcpu);
		return;
	case KVM_EXIT_RISCV_SBI:
		sbi_call(vcpu);
		return;
	case KVM_EXIT_DIRTY_RING_FULL:
		slots_harvest(true);
		return;
	case KVM_EXIT_INTR:
		return;
	case KVM_EXIT_SYSTEM_EVENT:
		system_event(vcpu);
		return;
	case KVM_EXIT_INTERNAL_ERROR:
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0, "KVM gave up (internal error %u) on",
			    run->internal.suberror);
	case KVM_EXIT_FAIL_ENTRY:
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0,
			    "KVM could not enter the guest, hardware reason %#llx, before",
			    (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
	default:
		exit_capture(&exit, run);
		exit_text(&what, &exit);
		machine_end(vcpu, VM_END_ERROR, 0,
			    "KVM_RUN returned for what this VMM does not handle: %s", text);
	}
}
