/* SPDX-License-Identifier: BSD-2-Clause */
/* What is recorded of an arm64 CPU: it lies in struct vm_record's `arch`. */
#ifndef HOST_VMM_ARM_AUTOPSY_H
#define HOST_VMM_ARM_AUTOPSY_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/autopsy.h"

struct vcpu;

/* X(name, KVM's id): what is recorded of system registers. */
#define ARM_SYSTEM_REGISTERS(X)						\
	X(sctlr_el1, SYSREG(3, 0, 1, 0, 0))				\
	X(tcr_el1, SYSREG(3, 0, 2, 0, 2))				\
	X(ttbr0_el1, SYSREG(3, 0, 2, 0, 0))				\
	X(ttbr1_el1, SYSREG(3, 0, 2, 0, 1))				\
	X(mair_el1, SYSREG(3, 0, 10, 2, 0))				\
	X(vbar_el1, SYSREG(3, 0, 12, 0, 0))				\
	X(esr_el1, SYSREG(3, 0, 5, 2, 0))				\
	X(far_el1, SYSREG(3, 0, 6, 0, 0))				\
	X(elr_el1, CORE_REG(elr_el1))					\
	X(spsr_el1, CORE_REG(spsr[0]))					\
	X(sp_el1, CORE_REG(sp_el1))					\
	X(mpidr_el1, SYSREG(3, 0, 0, 0, 5))

struct arm_record {
	uint64_t x[31], sp_el0, pc, pstate;
#define ARM_MEMBER(name, id)	uint64_t name;
	ARM_SYSTEM_REGISTERS(ARM_MEMBER)
#undef ARM_MEMBER
	uint32_t mp_state;		/* KVM_MP_STATE_* */
	uint32_t mapped;		/* the page of PC is */
};

_Static_assert(sizeof(struct arm_record) <= RECORD_ARCH, "a record has room for it");

/**
 * guest_translate() - where a virtual address of EL1's lies (DDI 0487, D8.2)
 * @record: the registers
 * @physical: set
 *
 * Returns false if it is not mapped.  Stage 1 in AArch64 only.
 */
bool guest_translate(const struct arm_record *record, uint64_t address, uint64_t *physical);

/**
 * arm_registers_take() - a CPU's registers, while it stands still
 */
void arm_registers_take(const struct vcpu *vcpu, struct arm_record *record);

#endif
