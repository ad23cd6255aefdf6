/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's synthetic interrupt controller (TLFS, "Virtual Interrupts" and
 * "Inter-Partition Communication"), as far as KVM leaves it to user space: messages
 * and event flags in pages of the guest, and connections that lead to them.
 */
#ifndef HOST_VMM_X86_HYPERV_H
#define HOST_VMM_X86_HYPERV_H

struct vcpu;

/**
 * hyperv_exit() - deal with KVM_EXIT_HYPERV
 */
void hyperv_exit(struct vcpu *vcpu);

#endif
