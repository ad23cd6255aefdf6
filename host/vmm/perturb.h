/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Things that must not change any verdict, done to a running machine: between
 * two instructions, at exits that a seed chooses.
 */
#ifndef HOST_VMM_PERTURB_H
#define HOST_VMM_PERTURB_H

#include <stdbool.h>

struct vcpu;

/**
 * perturb_init() - begin to do what machine.config->conduct says
 *
 * The machine ends if this host cannot do what was asked for by name.
 */
void perturb_init(void);

/**
 * perturb_stepped() - was this KVM_EXIT_DEBUG one of ours?  Then it is dealt with
 */
bool perturb_stepped(struct vcpu *vcpu);

#endif
