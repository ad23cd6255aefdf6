/* SPDX-License-Identifier: BSD-2-Clause */
/* The MSRs that make up a CPU's state: functions of a struct state_part. */
#ifndef HOST_VMM_X86_MSRS_H
#define HOST_VMM_X86_MSRS_H

#include <stddef.h>

struct vcpu;

size_t msrs_size(void);
int msrs_take(struct vcpu *vcpu, void *to);
int msrs_put(struct vcpu *vcpu, const void *from);
void msrs_settle(void *copy);
void msrs_where(const void *part, size_t offset, char *text, size_t size);

#endif
