/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM_RUN returned for, and what becomes of it. */
#include <sys/ioctl.h>

#include "base/str.h"
#include "vmm/access.h"
#include "vmm/autopsy.h"
#include "vmm/exits.h"
#include "vmm/machine.h"
#include "vmm/slots.h"

const struct exit_row arch_exit_rows[] = {
	{ .reason = KVM_EXIT_DEBUG, .name = "debug", .group = "debug", .fields = {
		EXIT_FIELD(EXIT_HEX, "esr", debug.arch.hsr),
		EXIT_FIELD(EXIT_HEX, "far", debug.arch.far),
	} },
	{ .name = NULL }
};

/*
 * The syndrome does not tell what the access is, and no hardware says more: as on a
 * bus where nobody answers, the guest gets an external abort.
 */
static void abort_inject(struct vcpu *vcpu)
{
	struct kvm_vcpu_events events = { .exception.ext_dabt_pending = 1 };

	record_unclaimed(vcpu, (struct vm_access){ .at = vcpu->run->arm_nisv.fault_ipa });
	must(ioctl(vcpu->fd, KVM_SET_VCPU_EVENTS, &events), "an external abort");
}

static void system_event(struct vcpu *vcpu)
{
	switch (vcpu->run->system_event.type) {
	case KVM_SYSTEM_EVENT_SHUTDOWN:
		machine_end(vcpu, VM_END_POWER_OFF, 0, "power-off through PSCI");
	case KVM_SYSTEM_EVENT_RESET:
		machine_end(vcpu, VM_END_POWER_OFF, 0, "reset through PSCI");
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
	case KVM_EXIT_ARM_NISV:
		abort_inject(vcpu);
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
