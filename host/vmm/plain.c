/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What machines other than x86's have nothing to do for: they have one range of RAM,
 * no CPUID, no MSRs to lie about or to trace, a KVM that emulates no instructions, steps from
 * outside that leave no trace inside,
 * and state that is put as it was taken.
 */
#include "vmm/autopsy.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/perturb.h"
#include "vmm/state.h"
#include "vmm/trace.h"

unsigned int arch_ram(struct ram_range *ranges)
{
	ranges[0] = (struct ram_range){ RAM_BASE, machine.config->memory, 0 };
	return 1;
}

void arch_prepare(void)
{
}

bool vm_cpu_feature(const char *name, size_t length, struct vm_cpuid_bit *where)
{
	(void)name;
	(void)length;
	(void)where;
	return false;
}

/* Nothing in it counts, or is an index. */
void arch_record_check(struct vm_record *record)
{
	(void)record;
}

void arch_cpu_clear(struct vcpu *vcpu)
{
	(void)vcpu;
}

/*
 * Guests' translations are found by hardware, by their tables' memory: KVM's notifiers
 * deal with host memory that changes place, and nothing else is derived from it.
 */
void arch_memory_learn(bool soon)
{
	(void)soon;
}

void arch_memory_forget(void)
{
}

void arch_break_vm(const struct lie *lie)
{
	(void)lie;
}

void arch_break_rest(const struct lie *lie, struct vcpu *vcpu)
{
	(void)lie;
	(void)vcpu;
}

bool break_debug(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}

void arch_trace_vm(void)
{
}

void arch_trace_rest(struct vcpu *vcpu)
{
	(void)vcpu;
}

bool arch_trace_debug(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}

bool arch_step_begin(struct vcpu *vcpu)
{
	(void)vcpu;
	return true;
}

void arch_step_hide(struct vcpu *vcpu)
{
	(void)vcpu;
}

const char *arch_emulate_unable(void)
{
	return "KVM has an emulator of instructions on x86 only";
}

void arch_emulate_act(struct vcpu *vcpu, uint64_t random)
{
	(void)vcpu;
	(void)random;
}

bool arch_emulate_exit(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}
