/* SPDX-License-Identifier: BSD-2-Clause */
/* KVM_SET_GUEST_DEBUG: breakpoints, watchpoints and steps of the VMM's own. */
#ifndef HOST_VMM_X86_GUEST_DEBUG_H
#define HOST_VMM_X86_GUEST_DEBUG_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stdint.h>

struct vcpu;

#define HW_BREAKPOINTS	4

enum hw_kind { HW_NONE, HW_EXECUTE, HW_WRITE, HW_ACCESS };

struct hw_breakpoint {
	uint64_t address;	/* linear */
	enum hw_kind kind;
	unsigned int size;	/* 1, 2, 4, 8; of HW_EXECUTE 1 */
};

/* Of one CPU; the guest's own debug registers are out of use meanwhile. */
struct guest_debug {
	struct hw_breakpoint breakpoint[HW_BREAKPOINTS];
	bool stepping;		/* one instruction, without breakpoints */
	bool interrupts;	/* they may take a step into their handlers */
	bool shadow;		/* the instruction stepped over holds them back for one more */
	bool software;		/* INT3 comes to the VMM */
	struct kvm_regs before;	/* the step that a perturbation makes */
};

/* What a KVM may honour, or overlook: trap is INT3. */
enum debug_means { DEBUG_STEP, DEBUG_TRAP, DEBUG_POINT, DEBUG_WATCH, DEBUG_MEANS };

/**
 * guest_debug_works() - does this KVM stop for that?
 *
 * A small VM finds out, once each.  KVMs that emulate instructions overlook
 * watchpoints, and CPUs that are emulated may have no breakpoints for nested guests.
 */
bool guest_debug_works(enum debug_means means);

/**
 * guest_debug_of() - a CPU's wishes, none at first
 */
struct guest_debug *guest_debug_of(const struct vcpu *vcpu);

/**
 * guest_debug_set() - tell KVM of them
 *
 * The machine ends if KVM has no guest debugging.
 */
void guest_debug_set(struct vcpu *vcpu);

/**
 * guest_debug_inject() - the same, and give the guest a trap that was its own
 * @breakpoint: #BP, else #DB
 */
void guest_debug_inject(struct vcpu *vcpu, bool breakpoint);

/**
 * guest_debug_hide() - the step just made may have ended in an exception's handler: the
 * flags on its stack then have our TF, which IRET would give to the guest
 * @vcpu: behind the KVM_EXIT_DEBUG of a step
 * @before: registers before the step
 *
 * Returns whether it has ended in a handler.
 */
bool guest_debug_hide(struct vcpu *vcpu, const struct kvm_regs *before);

#endif
