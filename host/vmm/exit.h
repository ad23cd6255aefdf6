/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an exit: the part of all machines, and of one architecture's. */
#ifndef HOST_VMM_EXIT_H
#define HOST_VMM_EXIT_H

#include <stdbool.h>

struct vcpu;

/**
 * exit_handle() - deal with one return of KVM_RUN
 */
void exit_handle(struct vcpu *vcpu);

/**
 * arch_exit() - the architecture's part of that, which is asked first
 *
 * Returns false if it is none of its own: then it is dealt with as on all machines,
 * where it may turn out that nobody knows it.
 */
bool arch_exit(struct vcpu *vcpu);

/**
 * exit_system_event() - the machine is over by KVM_EXIT_SYSTEM_EVENT: for arch_exit()
 * @by: whom the guest called, for people
 */
void exit_system_event(struct vcpu *vcpu, const char *by) __attribute__((noreturn));

#endif
