/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of RDMSR and WRMSR. */
#include "defs/msr.h"
#include "vmm/break.h"
#include "vmm/machine.h"

/* MSRs that hold what they are given: nothing but reading them back uses them at once. */
#define PLAIN_MSRS							\
	.msr_reasons = KVM_MSR_EXIT_REASON_FILTER,			\
	.msrs = {							\
		{ MSR_SYSENTER_CS, 3 }, { MSR_PAT, 1 }, { MSR_STAR, 4 },	\
		{ MSR_KERNEL_GS_BASE, 2 }, { MSR_MISC_ENABLE, 1 },	\
		{ MSR_TSC_ADJUST, 1 }, { MSR_SPEC_CTRL, 1 },		\
	}

typedef void honest_fn(struct vcpu *vcpu, bool write);

static void control(struct vcpu *vcpu, bool write, honest_fn *honest)
{
	honest(vcpu, write);
}

LIE(lie_control_msr, .name = "control-msr",
    .text = "nothing, but MSRs that others are about go through the VMM",
    .means = LIE_MSR, .msr = control, PLAIN_MSRS);

static void write_lost(struct vcpu *vcpu, bool write, honest_fn *honest)
{
	if (!write || !lie_now())
		honest(vcpu, write);
}

LIE(lie_wrmsr_lost, .name = "wrmsr-lost",
    .text = "WRMSR to SYSENTER's, SYSCALL's and other plain MSRs changes nothing",
    .means = LIE_MSR, .msr = write_lost, PLAIN_MSRS);

static void read_flip(struct vcpu *vcpu, bool write, honest_fn *honest)
{
	honest(vcpu, write);
	if (!write && !vcpu->run->msr.error && lie_now())
		vcpu->run->msr.data ^= 1ull << 40;
}

LIE(lie_rdmsr_flip, .name = "rdmsr-flip",
    .text = "RDMSR of those brings bit 40 wrong", .means = LIE_MSR, .msr = read_flip, PLAIN_MSRS);

static void read_high(struct vcpu *vcpu, bool write, honest_fn *honest)
{
	honest(vcpu, write);
	if (!write && vcpu->run->msr.data >> 32 && lie_now())
		vcpu->run->msr.data = (uint32_t)vcpu->run->msr.data;
}

LIE(lie_rdmsr_high, .name = "rdmsr-half",
    .text = "RDMSR of those brings only EAX", .means = LIE_MSR, .msr = read_high, PLAIN_MSRS);

static void refused(struct vcpu *vcpu, bool write, honest_fn *honest)
{
	if (write && lie_now())
		vcpu->run->msr.error = 1;
	else
		honest(vcpu, write);
}

LIE(lie_wrmsr_refused, .name = "wrmsr-refused",
    .text = "WRMSR to those is #GP", .means = LIE_MSR, .msr = refused, PLAIN_MSRS);

/* KVM refuses, and the VMM lets it pass. */
static void forgiven(struct vcpu *vcpu, bool write, honest_fn *honest)
{
	if (lie_now()) {
		vcpu->run->msr.error = 0;
		if (!write)
			vcpu->run->msr.data = 0;
	} else {
		honest(vcpu, write);
	}
}

LIE(lie_msr_reserved, .name = "wrmsr-reserved",
    .text = "WRMSR with reserved bits set is ignored, where it should be #GP",
    .means = LIE_MSR, .msr = forgiven, .msr_reasons = KVM_MSR_EXIT_REASON_INVAL);

LIE(lie_msr_unknown, .name = "msr-unknown",
    .text = "MSRs that do not exist read as 0 and can be written",
    .means = LIE_MSR, .msr = forgiven, .msr_reasons = KVM_MSR_EXIT_REASON_UNKNOWN);
