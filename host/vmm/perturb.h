/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things that must not change any verdict, done to a running machine: between
 * two instructions, at exits that a seed chooses.
 */
#ifndef HOST_VMM_PERTURB_H
#define HOST_VMM_PERTURB_H

#include <stdbool.h>
#include <stdint.h>

struct vcpu;
struct vm_config;

/**
 * perturb_prepare() - change what machine is to be made, as its conduct says
 */
void perturb_prepare(struct vm_config *config);

/**
 * perturb_init() - begin to do what machine.config->conduct says
 *
 * The machine ends if this host cannot do what was asked for by name.
 */
void perturb_init(void);

/**
 * perturb_after_exit() - an exit has been dealt with: is anything to be done?
 */
void perturb_after_exit(struct vcpu *vcpu);

/**
 * perturb_stepped() - was this KVM_EXIT_DEBUG one of ours?  Then it is dealt with
 */
bool perturb_stepped(struct vcpu *vcpu);

/**
 * arch_step_begin() - remember what a CPU is before a step
 * arch_step_hide() - take out of the guest what KVM left there in that step
 *
 * The first returns false if no step is to be made here: the guest makes steps of its own,
 * which KVM forgets for ours, or KVM cannot.
 */
bool arch_step_begin(struct vcpu *vcpu);
void arch_step_hide(struct vcpu *vcpu);

/**
 * perturb_emulated() - was this exit an instruction's that only we have KVM emulate?  Then
 *	it is dealt with
 */
bool perturb_emulated(struct vcpu *vcpu);

/**
 * arch_emulate_unable() - why this host's KVM cannot emulate what writes to some pages
 *
 * Returns NULL if it can, in this machine.
 */
const char *arch_emulate_unable(void);

/**
 * arch_emulate_act() - have it, for a while; all CPUs stand still
 * @random: which pages, and how long
 *
 * arch_emulate_exit() - is this exit of KVM_RUN due to that?  Then it is dealt with
 */
void arch_emulate_act(struct vcpu *vcpu, uint64_t random);
bool arch_emulate_exit(struct vcpu *vcpu);

#endif
