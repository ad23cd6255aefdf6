/* SPDX-License-Identifier: BSD-2-Clause */
/* The MSRs that make up a CPU's state: functions of a struct state_part. */
#ifndef HOST_VMM_X86_MSRS_H
#define HOST_VMM_X86_MSRS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vcpu;

size_t msrs_size(void);
int msrs_take(struct vcpu *vcpu, void *to);
int msrs_put(struct vcpu *vcpu, const void *from);
void msrs_settle(void *copy);
void msrs_where(const void *part, size_t offset, char *text, size_t size);

/**
 * msr_get(), msr_set() - one MSR, as the host sees it
 * @vcpu: of which CPU
 *
 * Returns false if KVM has no such MSR, or refuses the value.
 */
bool msr_get(struct vcpu *vcpu, uint32_t index, uint64_t *value);
bool msr_set(struct vcpu *vcpu, uint32_t index, uint64_t value);

#endif
