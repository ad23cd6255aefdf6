/* SPDX-License-Identifier: BSD-2-Clause */
/* What is recorded of an x86 CPU: it lies in struct vm_record's `arch`. */
#ifndef HOST_VMM_X86_AUTOPSY_H
#define HOST_VMM_X86_AUTOPSY_H

#include <linux/kvm.h>
#include <stdint.h>

#include "vmm/autopsy.h"
#include "vmm/x86/walk.h"

#define X86_WALKS	3

struct x86_record {
	struct kvm_regs regs;
	struct kvm_sregs sregs;
	struct kvm_debugregs debug;
	struct kvm_vcpu_events events;
	uint64_t xcr0;
	uint32_t mp_state;		/* KVM_MP_STATE_* */
	uint32_t apic;			/* there is a local APIC in the kernel */
	uint32_t apic_tpr, apic_svr, apic_timer, apic_timer_left;
	uint32_t apic_isr[8], apic_irr[8];
	uint32_t walks;
	struct {
		char of[8];		/* "RIP", "RSP", "CR2" */
		struct walk walk;
	} walk[X86_WALKS];
};

_Static_assert(sizeof(struct x86_record) <= RECORD_ARCH, "a record has room for it");

/**
 * registers_for_walk() - what decides how a CPU's page tables are read now
 * @vcpu: which; it stands still
 * @sregs: its registers
 */
struct walk_registers registers_for_walk(const struct vcpu *vcpu,
					 const struct kvm_sregs *sregs);

/**
 * x86_isa() - how the bytes at CS:RIP are read
 * @sregs: a CPU's
 */
enum isa x86_isa(const struct kvm_sregs *sregs);

/**
 * guest_read() - bytes at a linear address, as far as they are mapped RAM
 * @registers: from registers_for_walk()
 * @linear: the address
 * @to: where to
 * @size: how many at most
 *
 * Returns how many were read.
 */
unsigned int guest_read(const struct walk_registers *registers, uint64_t linear,
			void *to, unsigned int size);

#endif
