/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Deliberate faults.  A lie is one documented way in which this machine is wrong;
 * at most one is told in a run.  They exist so that each test can be shown to
 * notice: docs/proof.md.
 *
 * A lie registers by existing, in the file of what it is about.  What is wrong is
 * done by one of its hooks, or, inside of a device, where lie_tell() says so.
 */
#ifndef HOST_VMM_BREAK_H
#define HOST_VMM_BREAK_H

#include <linux/kvm.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/device.h"

struct vcpu;
struct kvm_cpuid2;		/* x86 */

/*
 * What it takes to tell a lie may disturb by itself.  Of each there is a lie named
 * "control-…" that changes nothing: what fails with it too has noticed no lie.
 */
enum lie_means {
	LIE_PLAIN,	/* nothing */
	LIE_REST,	/* CPUs come out of the guest often */
	LIE_MSR,	/* MSRs come to the VMM */
	LIE_ENTRY,	/* breakpoints on the guest's exception handlers */
	LIE_VMM,	/* it is the VMM that is wrong, and the runner that must notice */
	LIE_MEANS
};

/* An access of a CPU to a device, as a lie sees it. */
struct lie_access {
	enum bus_space space;
	gpa_t at;
	void *data;
	unsigned int size;
	bool write;
};

#define LIE_MSR_RANGES	8
#define LIE_VECTORS	4

struct lie {
	const char *name;
	const char *text;	/* one line: what is wrong */
	enum lie_means means;
	const void *what;	/* for hooks that several lies share */

	/* Before CPUs exist: what CPUID says of CPU @cpu. */
	void (*cpuid)(struct kvm_cpuid2 *cpuid, unsigned int cpu);
	/* Before a write, which happens if it returns true; after a read. */
	bool (*access)(const struct lie_access *access);
	/* Between two instructions.  Returns whether there was something to lie about. */
	bool (*rest)(struct vcpu *vcpu);
	/* An MSR exit.  @honest does what KVM would have done; fills in run->msr. */
	void (*msr)(struct vcpu *vcpu, bool write, void (*honest)(struct vcpu *vcpu, bool write));
	uint32_t msr_reasons;	/* KVM_MSR_EXIT_REASON_*: which exits */
	struct { uint32_t base, count; } msrs[LIE_MSR_RANGES];	/* with _FILTER */
	/* An exception handler's first instruction is next. */
	void (*entry)(struct vcpu *vcpu, unsigned int vector);
	uint8_t vectors[LIE_VECTORS];	/* which; 0 ends */
};

#define LIE(id, ...)							\
	extern const struct lie id;					\
	const struct lie id = { __VA_ARGS__ };				\
	static const struct lie *const id##_registered			\
	__attribute__((used, section("vm_lies"))) = &(id)

/* Told by lie_tell() in devices' files. */
extern const struct lie lie_irq_lost, lie_irq_stuck, lie_msi_lost, lie_init_lost,
	lie_nmi_lost, lie_slot_kept, lie_slot_writable, lie_dirty_lost, lie_shutdown_lost;

/**
 * lie_begin() - tell this lie from now on
 * @text: known; or NULL for none
 */
void lie_begin(const char *text);

/**
 * lie_active() - the lie of this run, or NULL
 */
const struct lie *lie_active(void);

/**
 * lie_now() - there is occasion for the lie: is it told?  Counts occasions
 *
 * With "@N" it is told on the N-th occasion only, else on each.
 */
bool lie_now(void);

/**
 * lie_tell() - there is occasion for @lie: is it told?
 */
static inline bool lie_tell(const struct lie *lie)
{
	return __builtin_expect(lie_active() == lie, 0) && lie_now();
}

/* Where the hooks are called: each is nothing without a lie of that kind. */

/**
 * break_access() - before a write, after a read; returns whether a write happens
 */
bool break_access(enum bus_space space, gpa_t at, void *data, unsigned int size, bool write);

/**
 * break_vm() - there is a new VM fd
 * break_thread() - a CPU's thread begins
 * break_exit() - an exit has been dealt with
 * break_rest() - KVM_RUN was cut short
 */
void break_vm(void);
void break_thread(struct vcpu *vcpu);
void break_exit(struct vcpu *vcpu);
void break_rest(struct vcpu *vcpu);

/**
 * break_msr(), break_debug() - was this exit a lie's?  Then it is dealt with
 */
bool break_msr(struct vcpu *vcpu);
bool break_debug(struct vcpu *vcpu);

/**
 * arch_break_vm(), arch_break_rest() - the architecture's part of those
 */
void arch_break_vm(const struct lie *lie);
void arch_break_rest(const struct lie *lie, struct vcpu *vcpu);

#endif
