/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM has no guest debug on riscv64 (KVM_SET_GUEST_DEBUG is EINVAL as late as 6.6):
 * there is nothing for gdb.
 */
#include "vmm/gdb.h"
#include "vmm/machine.h"

void gdb_begin(void)
{
	if (machine.config->conduct.gdb)
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "KVM has no debugging of guests on riscv64");
}

bool gdb_debug(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}

void gdb_exit(struct vcpu *vcpu)
{
	(void)vcpu;
}

void gdb_interrupted(struct vcpu *vcpu)
{
	(void)vcpu;
}

void gdb_last_look(struct vcpu *vcpu)
{
	(void)vcpu;
}

void gdb_end(int status)
{
	(void)status;
}
