/* SPDX-License-Identifier: BSD-2-Clause */
/* MSRs printed as the guest uses them. */
#ifndef HOST_VMM_X86_TRACE_MSR_H
#define HOST_VMM_X86_TRACE_MSR_H

#include <stdbool.h>

struct vcpu;

/**
 * trace_msr_exit() - was this MSR exit the trace's?  Then it is under way
 */
bool trace_msr_exit(struct vcpu *vcpu);

#endif
