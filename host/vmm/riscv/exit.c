/* SPDX-License-Identifier: BSD-2-Clause */
/* What KVM_RUN returns for on riscv64 alone. */
#include "vmm/exit.h"

#include "vmm/exits.h"
#include "vmm/machine.h"

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

bool arch_exit(struct vcpu *vcpu)
{
	switch (vcpu->run->exit_reason) {
	case KVM_EXIT_RISCV_SBI:
		sbi_call(vcpu);
		return true;
	case KVM_EXIT_SYSTEM_EVENT:
		exit_system_event(vcpu, "SBI");
	}
	return false;
}
