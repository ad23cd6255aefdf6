/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits that mean the same on all machines. */
#include "vmm/exit.h"

#include "base/str.h"
#include "vmm/access.h"
#include "vmm/exits.h"
#include "vmm/machine.h"
#include "vmm/slots.h"

void exit_system_event(struct vcpu *vcpu, const char *by)
{
	uint32_t type = vcpu->run->system_event.type;

	switch (type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		machine_end(vcpu, VM_END_POWER_OFF, 0, "power-off through %s", by);
	case KVM_SYSTEM_EVENT_RESET:
		machine_end(vcpu, VM_END_POWER_OFF, 0, "reset through %s", by);
	default:
		machine_end(vcpu, VM_END_ERROR, 0, "system event %u", type);
	}
}

/* Nobody asked KVM for it, and nobody knows what it wants. */
static void __attribute__((noreturn)) unexpected(struct vcpu *vcpu)
{
	struct vm_exit exit;
	char text[256];
	struct str what = str_on(text, sizeof(text));

	exit_capture(&exit, vcpu->run);
	exit_text(&what, &exit);
	machine_end(vcpu, VM_END_ERROR, 0, "KVM_RUN returned for what this VMM does not handle: %s",
		    text);
}

void exit_handle(struct vcpu *vcpu)
{
	const struct kvm_run *run = vcpu->run;

	if (arch_exit(vcpu))
		return;
	switch (run->exit_reason) {
	case KVM_EXIT_MMIO:
		access_memory(vcpu);
		break;
	case KVM_EXIT_DIRTY_RING_FULL:
		slots_harvest(true);
		break;
	case KVM_EXIT_INTR:
		break;
	case KVM_EXIT_INTERNAL_ERROR:
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0, "KVM gave up (internal error %u) on",
			    run->internal.suberror);
	case KVM_EXIT_FAIL_ENTRY:
		machine_end(vcpu, VM_END_INTERNAL_ERROR, 0,
			    "KVM could not enter the guest, hardware reason %#llx, before",
			    (unsigned long long)run->fail_entry.hardware_entry_failure_reason);
	default:
		unexpected(vcpu);
	}
}
