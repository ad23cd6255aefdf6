/* SPDX-License-Identifier: BSD-2-Clause */
/* Registers by KVM_GET_ONE_REG, where an architecture's CPUs are all such. */
#ifndef HOST_VMM_ONE_REG_H
#define HOST_VMM_ONE_REG_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vcpu;

/**
 * register_get(), register_set() - a register of up to 64 bits, of a CPU that stands
 * still
 * @id: KVM's
 *
 * get returns 0 of a register that this KVM has not; set returns false.
 */
uint64_t register_get(const struct vcpu *vcpu, uint64_t id);
bool register_set(const struct vcpu *vcpu, uint64_t id, uint64_t value);

/* All of a CPU's registers, as a part of the machine's state (vmm/state.h). */
size_t registers_size(void);
int registers_take(struct vcpu *vcpu, void *to);
int registers_put(struct vcpu *vcpu, const void *from);
void registers_settle(void *copy);
void registers_where(const void *part, size_t offset, char *text, size_t size);

/**
 * arch_register_list() - the registers that a CPU has, or NULL: KVM_GET_REG_LIST tells
 *
 * Called once.
 */
struct kvm_reg_list *arch_register_list(void);

/**
 * arch_register_moves() - does it change by itself, as a counter does?
 * arch_register_fixed() - does KVM refuse to have it put as it is already?
 */
bool arch_register_moves(uint64_t id);
bool arch_register_fixed(uint64_t id);

#endif
