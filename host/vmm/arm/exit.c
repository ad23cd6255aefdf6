/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM_RUN returns for on arm64 alone. */
#include "vmm/exit.h"

#include <sys/ioctl.h>

#include "vmm/autopsy.h"
#include "vmm/exits.h"
#include "vmm/machine.h"

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

bool arch_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_ARM_NISV:
		abort_inject(vcpu);
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		exit_system_event(vcpu, "PSCI");
	}
	return false;
}
