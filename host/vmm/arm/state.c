/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An arm64 machine's parts, in the order in which they are put.  The interrupt
 * controller is the VM's, and so comes before the CPUs: all that it needs of them is
 * their affinities, which they have from their start.
 *
 * A CPU is what KVM_GET_REG_LIST names: general and system registers, vectors,
 * timers, and what firmware pretends.
 */
#include <sys/ioctl.h>

#include "vmm/arm/platform.h"
#include "vmm/machine.h"
#include "vmm/one_reg.h"
#include "vmm/state.h"

/* Counters count on; what a timer shows follows from them. */
bool arch_register_moves(uint64_t id)
{
	return id == KVM_REG_ARM_TIMER_CNT || id == KVM_REG_ARM_PTIMER_CNT ||
		id == SYSREG(3, 3, 9, 13, 0);		/* PMCCNTR_EL0 */
}

/* Vector lengths are the model's: they were settled with the CPU's start, for good. */
bool arch_register_fixed(uint64_t id)
{
	return id == KVM_REG_ARM64_SVE_VLS;
}

struct kvm_reg_list *arch_register_list(void)
{
	return NULL;
}

STATE_PLAIN(events, struct kvm_vcpu_events, KVM_GET_VCPU_EVENTS, KVM_SET_VCPU_EVENTS)
STATE_PLAIN(mp_state, struct kvm_mp_state, KVM_GET_MP_STATE, KVM_SET_MP_STATE)

const struct state_part arch_vm_parts[] = {
	{ STATE_PART(gic_state, "interrupt controller"), .where = gic_state_where },
	{ 0 }
};

const struct state_part arch_cpu_parts[] = {
	{ STATE_PART(registers, "registers"), .settle = registers_settle,
	  .where = registers_where },
	{ STATE_PART(events, "events") },
	{ STATE_PART(mp_state, "run state") },
	{ 0 }
};
