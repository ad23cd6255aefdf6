/* SPDX-License-Identifier: BSD-2-Clause */
/* What arm64's machines share among their own files. */
#ifndef HOST_VMM_ARM_PLATFORM_H
#define HOST_VMM_ARM_PLATFORM_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/one_reg.h"

struct vcpu;

#define SYSREG(op0, op1, crn, crm, op2)	ARM64_SYS_REG(op0, op1, crn, crm, op2)
#define CORE_REG(name)							\
	(KVM_REG_ARM64 | KVM_REG_SIZE_U64 | KVM_REG_ARM_CORE |		\
	 KVM_REG_ARM_CORE_REG(name))

/* What the words of -cpu ask for, and this KVM can give. */
struct cpu_model {
	bool is_32bit;		/* EL1 is AArch32 */
	bool pmu, sve, ptrauth;
};

/**
 * cpu_model() - the machine's
 */
const struct cpu_model *cpu_model(void);

/**
 * mpidr_of() - a CPU's MPIDR_EL1, affinities only (DDI 0487, D19.2.101)
 */
uint64_t mpidr_of(const struct vcpu *vcpu);

/* The interrupt controller, which KVM has. */

/**
 * gic_create() - make it in machine.vm, before there are CPUs
 * gic_start() - and when all are there
 */
void gic_create(void);
void gic_start(void);

/**
 * gic_version() - 2 or 3
 * its_there() - has it an interrupt translation service?
 */
unsigned int gic_version(void);
bool its_there(void);

/**
 * gic_state_size(), gic_state_take(), gic_state_put() - all registers that KVM lets
 * one see, as a part of the machine's state
 */
size_t gic_state_size(void);
int gic_state_take(struct vcpu *vcpu, void *to);
int gic_state_put(struct vcpu *vcpu, const void *from);
void gic_state_where(const void *part, size_t offset, char *text, size_t size);

#endif
