/* SPDX-License-Identifier: BSD-2-Clause */
/* How lies about MSRs and exceptions are told on x86. */
#include "vmm/break.h"

#include <string.h>
#include <sys/ioctl.h>

#include "vmm/machine.h"
#include "vmm/x86/autopsy.h"
#include "vmm/x86/guest_debug.h"
#include "vmm/x86/msrs.h"

static void msr_begin(const struct lie *lie)
{
	struct kvm_enable_cap cap = {
		.cap = KVM_CAP_X86_USER_SPACE_MSR, .args = { lie->msr_reasons },
	};
	struct kvm_msr_filter filter = { .flags = KVM_MSR_FILTER_DEFAULT_ALLOW };
	static uint8_t deny[32];	/* all zeros: exit */

	must(ioctl(machine.vm, KVM_ENABLE_CAP, &cap), "KVM_CAP_X86_USER_SPACE_MSR");
	for (unsigned int i = 0; i < LIE_MSR_RANGES && lie->msrs[i].count; i++)
		filter.ranges[i] = (struct kvm_msr_filter_range){
			.flags = KVM_MSR_FILTER_READ | KVM_MSR_FILTER_WRITE,
			.base = lie->msrs[i].base, .nmsrs = lie->msrs[i].count,
			.bitmap = deny,
		};
	if (lie->msrs[0].count)
		must(ioctl(machine.vm, KVM_X86_SET_MSR_FILTER, &filter),
		     "KVM_X86_SET_MSR_FILTER");
}

void arch_break_vm(const struct lie *lie)
{
	if (lie->msr)
		msr_begin(lie);
	if (lie->entry && !guest_debug_works(DEBUG_POINT))
		machine_end(NULL, VM_END_UNSUPPORTED, 0, "this KVM has no breakpoints: what is "
			    "wrong at handlers cannot be");
}

/* What KVM would have done: of an MSR that it refuses, #GP. */
static void msr_honest(struct vcpu *vcpu, bool write)
{
	struct kvm_run *run = vcpu->run;
	uint64_t value = run->msr.data;

	run->msr.error = run->msr.reason != KVM_MSR_EXIT_REASON_FILTER ||
		!(write ? msr_set(vcpu, run->msr.index, value) :
		  msr_get(vcpu, run->msr.index, &value));
	if (!write && !run->msr.error)
		run->msr.data = value;
}

bool break_msr(struct vcpu *vcpu)
{
	const struct lie *lie = lie_active();

	if (!lie || !lie->msr)
		return false;
	vcpu->run->msr.error = 0;
	lie->msr(vcpu, vcpu->run->exit_reason == KVM_EXIT_X86_WRMSR, msr_honest);
	return true;
}

/* Where an exception's handler begins, or 0: IDT gates, SDM 3A, 6.11 and 6.14.1. */
static uint64_t handler_of(const struct vcpu *vcpu, const struct kvm_sregs *sregs,
			   unsigned int vector)
{
	struct walk_registers how = registers_for_walk(vcpu, sregs);
	unsigned int size = sregs->efer & 0x400 ? 16 : 8;
	uint16_t gate[8] = { 0 };

	if (sregs->idt.limit < (vector + 1) * size - 1 ||
	    guest_read(&how, sregs->idt.base + vector * size, gate, size) < size ||
	    !(gate[2] & 0x8000))
		return 0;
	return gate[0] | (uint64_t)gate[3] << 16 | (uint64_t)gate[4] << 32 |
		(uint64_t)gate[5] << 48;
}

void arch_break_rest(const struct lie *lie, struct vcpu *vcpu)
{
	struct guest_debug *debug = guest_debug_of(vcpu);
	struct kvm_sregs sregs;
	bool changed = false;

	if (!lie->entry || debug->stepping)
		return;
	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	for (unsigned int i = 0; i < LIE_VECTORS && lie->vectors[i]; i++) {
		uint64_t at = handler_of(vcpu, &sregs, lie->vectors[i]);

		changed |= debug->breakpoint[i].address != at;
		debug->breakpoint[i] = (struct hw_breakpoint){
			.address = at, .kind = at ? HW_EXECUTE : HW_NONE, .size = 1,
		};
	}
	if (changed)
		guest_debug_set(vcpu);
}

bool break_debug(struct vcpu *vcpu)
{
	const struct lie *lie = lie_active();
	struct guest_debug *debug = guest_debug_of(vcpu);
	uint64_t pc = vcpu->run->debug.arch.pc;

	if (!lie || !lie->entry)
		return false;
	if (debug->stepping) {
		debug->stepping = false;
		guest_debug_set(vcpu);
		return true;
	}
	for (unsigned int i = 0; i < LIE_VECTORS && lie->vectors[i]; i++)
		if (debug->breakpoint[i].kind == HW_EXECUTE &&
		    debug->breakpoint[i].address == pc)
			lie->entry(vcpu, lie->vectors[i]);
	/* KVM does not honour RF here: the breakpoints must go for one step. */
	debug->stepping = true;
	guest_debug_set(vcpu);
	return true;
}
