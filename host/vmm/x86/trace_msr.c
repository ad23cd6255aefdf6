/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * --trace=msr: a filter denies all MSRs, so that each access comes here.  What it does
 * is KVM's own affair: the instruction is executed once more, with the filter away,
 * as a single step.  Another CPU's access meanwhile is not seen; x2APIC registers are
 * never filtered.
 */
#include "vmm/x86/trace_msr.h"

#include <stdlib.h>
#include <sys/ioctl.h>

#include "base/str.h"
#include "vmm/machine.h"
#include "vmm/trace.h"
#include "vmm/x86/guest_debug.h"

/* Of a CPU that is about to do an access again. */
struct again {
	enum { IDLE, COMPLETE, STEP } phase;
	bool write;
	uint32_t index;
	uint64_t value;
	struct kvm_regs regs;	/* before the instruction */
};

static struct again *again_of(const struct vcpu *vcpu)
{
	static struct again *all;

	if (!all) {
		struct again *made = calloc(machine.config->cpus, sizeof(*made)), *none = NULL;

		must(made ? 0 : -1, "memory for the trace of MSRs");
		if (!__atomic_compare_exchange_n(&all, &none, made, false, __ATOMIC_ACQ_REL,
						 __ATOMIC_ACQUIRE))
			free(made);
	}
	return &all[vcpu->index];
}

static void filter_set(bool on)
{
	/* KVM does not take a filter that denies all and has no range. */
	static uint8_t none[1];
	struct kvm_msr_filter filter = {
		.flags = on ? KVM_MSR_FILTER_DEFAULT_DENY : KVM_MSR_FILTER_DEFAULT_ALLOW,
	};

	if (on)
		filter.ranges[0] = (struct kvm_msr_filter_range){
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE, .nmsrs = 8,
			.bitmap = none,
		};
	must(ioctl(machine.vm, KVM_X86_SET_MSR_FILTER, &filter), "KVM_X86_SET_MSR_FILTER");
}

void arch_trace_vm(void)
{
	const struct vm_conduct *conduct = &machine.config->conduct;
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR, .args = { KVM_MSR_EXIT_REASON_FILTER },
	};

	if (!trace_msrs())
		return;
	if (conduct->perturb || conduct->lie || conduct->gdb)
		machine_end(NULL, VM_END_ERROR, 0,
			    "--trace=msr steps, and so may --perturb, --break and --gdb");
	must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap), "KVM_CAP_X86_USER_SPACE_MSR");
	filter_set(true);
}

bool trace_msr_exit(struct vcpu *vcpu)
{
	struct kvm_run *run = vcpu->run;
	struct again *again;

	if (!trace_msrs())
		return false;
	again = again_of(vcpu);
	*again = (struct again){
		.phase = COMPLETE, .write = run->exit_reason == KVM_EXIT_X86_WRMSR,
		.index = run->msr.index, .value = run->msr.data,
	};
	must(ioctl(vcpu->fd, KVM_GET_REGS, &again->regs), "KVM_GET_REGS");
	/* KVM has to be through with this exit before registers can be put back. */
	run->msr.error = 0;
	__atomic_store_n(&run->immediate_exit, 1, __ATOMIC_SEQ_CST);
	return true;
}

static void step_set(struct vcpu *vcpu, bool on)
{
	guest_debug_of(vcpu)->stepping = on;
	guest_debug_set(vcpu);
	filter_set(!on);
}

void arch_trace_rest(struct vcpu *vcpu)
{
	struct again *again;

	if (!trace_msrs() || (again = again_of(vcpu))->phase != COMPLETE)
		return;
	must(ioctl(vcpu->fd, KVM_SET_REGS, &again->regs), "KVM_SET_REGS");
	step_set(vcpu, true);
	again->phase = STEP;
}

bool arch_trace_debug(struct vcpu *vcpu)
{
	struct again *again;
	struct kvm_regs regs;
	char text[128];
	struct str line = str_on(text, sizeof(text));
	bool refused;

	if (!trace_msrs() || (again = again_of(vcpu))->phase != STEP)
		return false;
	again->phase = IDLE;
	step_set(vcpu, false);
	refused = guest_debug_hide(vcpu, &again->regs);
	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	str_add(&line, "%s msr=%#x", again->write ? "wrmsr" : "rdmsr", again->index);
	if (again->write)
		str_add(&line, " value=%#llx", (unsigned long long)again->value);
	else if (!refused)
		str_add(&line, " value=%#llx", (unsigned long long)
			(regs.rdx << 32 | (uint32_t)regs.rax));
	str_add(&line, "%s", refused ? " refused" : "");
	trace_line(vcpu, again->regs.rip, text);
	return true;
}
