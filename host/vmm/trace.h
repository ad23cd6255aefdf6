/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits printed live, one line each, on standard error. */
#ifndef HOST_VMM_TRACE_H
#define HOST_VMM_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct vcpu;
struct vm_exit;

/**
 * trace_msrs() - are MSRs to be printed that KVM would deal with by itself?
 *
 * Only if "msr" is asked for by name: it takes a filter, and a step for each.
 */
bool trace_msrs(void);

/**
 * trace_line() - print a line as trace_exit() does
 * @pc: where the CPU is
 * @text: without newline
 */
void trace_line(const struct vcpu *vcpu, uint64_t pc, const char *text);

/**
 * arch_trace_vm() - there is a new VM fd
 * arch_trace_rest() - KVM_RUN was cut short
 * arch_trace_debug() - was this KVM_EXIT_DEBUG a step of the trace's?
 */
void arch_trace_vm(void);
void arch_trace_rest(struct vcpu *vcpu);
bool arch_trace_debug(struct vcpu *vcpu);

/**
 * trace_begin() - print exits of these groups from now on
 * @groups: known ones, or NULL for none
 */
void trace_begin(const char *groups);

/**
 * trace_exit() - an exit has been dealt with
 * @vcpu: whose
 * @exit: what
 */
void trace_exit(const struct vcpu *vcpu, const struct vm_exit *exit);

#endif
