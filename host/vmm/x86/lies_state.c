/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Faults of registers: what an exit, a migration or a switch of CPUs may lose.
 * The CPU rests between two instructions.
 */
#include <stddef.h>
#include <sys/ioctl.h>

#include "defs/cr.h"
#include "defs/msr.h"
#include "vmm/break.h"
#include "vmm/machine.h"
#include "vmm/x86/msrs.h"

#define REST(id, lie_name, lie_text, fn, ...)				\
	LIE(id, .name = (lie_name), .text = (lie_text), .means = LIE_REST, .rest = (fn),	\
	    ##__VA_ARGS__)

static bool control(struct vcpu *vcpu)
{
	(void)vcpu;
	return false;
}

REST(lie_control_rest, "control-rest", "nothing, but CPUs come out of the guest often", control);

/* Bits of a 64-bit register, in one of KVM's structures. */
struct bits {
	size_t offset;
	uint64_t mask;
	bool wrongly_set;	/* set where clear, else cleared where set */
};

static bool bits_lie(uint64_t *value, const struct bits *bits)
{
	uint64_t now = *value & bits->mask;

	if ((bits->wrongly_set ? now == bits->mask : !now) || !lie_now())
		return false;
	if (bits->wrongly_set)
		*value |= bits->mask;
	else
		*value &= ~bits->mask;
	return true;
}

static uint64_t *member(void *structure, const struct bits *bits)
{
	return (uint64_t *)((char *)structure + bits->offset);
}

static bool sregs_bits(struct vcpu *vcpu)
{
	const struct bits *bits = lie_active()->what;
	struct kvm_sregs sregs;

	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	return bits_lie(member(&sregs, bits), bits) &&
		ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) == 0;
}

static bool regs_bits(struct vcpu *vcpu)
{
	const struct bits *bits = lie_active()->what;
	struct kvm_regs regs;

	must(ioctl(vcpu->fd, KVM_GET_REGS, &regs), "KVM_GET_REGS");
	return bits_lie(member(&regs, bits), bits) &&
		ioctl(vcpu->fd, KVM_SET_REGS, &regs) == 0;
}

static bool debug_bits(struct vcpu *vcpu)
{
	const struct bits *bits = lie_active()->what;
	struct kvm_debugregs debug;

	must(ioctl(vcpu->fd, KVM_GET_DEBUGREGS, &debug), "KVM_GET_DEBUGREGS");
	return bits_lie(member(&debug, bits), bits) &&
		ioctl(vcpu->fd, KVM_SET_DEBUGREGS, &debug) == 0;
}

#define BITS(type, field, which, ...)					\
	.what = &(const struct bits){ .offset = offsetof(struct type, field),	\
				       .mask = (which), ##__VA_ARGS__ }
#define SREGS(id, lie_name, lie_text, field, which)			\
	REST(id, lie_name, lie_text, sregs_bits, BITS(kvm_sregs, field, which))

SREGS(lie_cr0_wp, "cr0-wp", "CR0.WP gets lost", cr0, CR0_WP);
SREGS(lie_cr0_ts, "cr0-ts", "CR0.TS gets lost", cr0, CR0_TS);
SREGS(lie_cr0_am, "cr0-am", "CR0.AM gets lost", cr0, CR0_AM);
SREGS(lie_cr2, "cr2-lost", "the lower half of CR2 gets lost", cr2, 0xffffffff);
SREGS(lie_cr4_umip, "cr4-umip", "CR4.UMIP gets lost", cr4, CR4_UMIP);
SREGS(lie_cr4_smep, "cr4-smep", "CR4.SMEP gets lost", cr4, CR4_SMEP);
SREGS(lie_cr4_smap, "cr4-smap", "CR4.SMAP gets lost", cr4, CR4_SMAP);
SREGS(lie_cr4_pke, "cr4-pke", "CR4.PKE gets lost", cr4, CR4_PKE);
SREGS(lie_cr4_tsd, "cr4-tsd", "CR4.TSD gets lost", cr4, CR4_TSD);
SREGS(lie_cr4_de, "cr4-de", "CR4.DE gets lost", cr4, CR4_DE);
SREGS(lie_cr4_osfxsr, "cr4-osfxsr", "CR4.OSFXSR gets lost", cr4, CR4_OSFXSR);
SREGS(lie_cr4_fsgsbase, "cr4-fsgsbase", "CR4.FSGSBASE gets lost", cr4, CR4_FSGSBASE);
SREGS(lie_efer_sce, "efer-sce", "EFER.SCE gets lost", efer, EFER_SCE);
SREGS(lie_efer_nxe, "efer-nxe", "EFER.NXE gets lost", efer, EFER_NXE);
SREGS(lie_fs_base, "fs-base", "the FS base gets lost", fs.base, ~0ull);
SREGS(lie_gs_base, "gs-base", "the GS base gets lost", gs.base, ~0ull);
SREGS(lie_tpr, "cr8-lost", "CR8, the task priority, gets lost", cr8, 0xf);

#define REGS(id, lie_name, lie_text, field, which, ...)			\
	REST(id, lie_name, lie_text, regs_bits, BITS(kvm_regs, field, which, ##__VA_ARGS__))

REGS(lie_iopl, "flags-iopl", "IOPL gets lost", rflags, RFLAGS_IOPL);
REGS(lie_ac, "flags-ac", "RFLAGS.AC gets lost", rflags, RFLAGS_AC);
REGS(lie_nt, "flags-nt", "RFLAGS.NT gets lost", rflags, RFLAGS_NT);
REGS(lie_carry, "flags-cf", "RFLAGS.CF gets lost", rflags, RFLAGS_CF);
REGS(lie_if, "flags-if", "interrupts come on by themselves", rflags, RFLAGS_IF,
     .wrongly_set = true);
REGS(lie_r11, "r11-half", "the upper half of R11 gets lost", r11, 0xffffffff00000000);

#define DEBUG(id, lie_name, lie_text, field, which)			\
	REST(id, lie_name, lie_text, debug_bits, BITS(kvm_debugregs, field, which))

DEBUG(lie_dr6, "dr6-lost", "what DR6 says of the cause gets lost", dr6, 0xe00f);
DEBUG(lie_dr7, "dr7-lost", "DR7 enables no breakpoint any more", dr7, 0xff);

/* Segments keep more than a selector: what is cached of the descriptor. */
static bool limits_lie(struct vcpu *vcpu)
{
	struct kvm_segment *segment[4];
	struct kvm_sregs sregs;
	bool lied = false;

	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	segment[0] = &sregs.ds;
	segment[1] = &sregs.es;
	segment[2] = &sregs.fs;
	segment[3] = &sregs.gs;
	for (unsigned int i = 0; i < 4; i++)
		if (!segment[i]->unusable && segment[i]->limit != 0xffffffff && lie_now()) {
			segment[i]->limit = 0xffffffff;
			segment[i]->g = 1;
			lied = true;
		}
	return lied && ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) == 0;
}

REST(lie_limits, "segment-limit", "limits of DS, ES, FS and GS become 4 GiB", limits_lie);

static bool tss_lie(struct vcpu *vcpu)
{
	struct kvm_sregs sregs;

	must(ioctl(vcpu->fd, KVM_GET_SREGS, &sregs), "KVM_GET_SREGS");
	if (sregs.tr.limit <= 0x67 || !lie_now())
		return false;
	sregs.tr.limit = 0x67;
	return ioctl(vcpu->fd, KVM_SET_SREGS, &sregs) == 0;
}

REST(lie_tss, "tss-limit", "the TSS loses its I/O permission bitmap", tss_lie);

/* An MSR falls back to its value after reset. */
struct reset_msr {
	uint32_t index;
	uint64_t value;
};

static bool msr_lie(struct vcpu *vcpu)
{
	const struct reset_msr *what = lie_active()->what;
	uint64_t value;

	return msr_get(vcpu, what->index, &value) && value != what->value && lie_now() &&
		msr_set(vcpu, what->index, what->value);
}

#define MSR(id, lie_name, lie_text, msr_index, msr_value)		\
	REST(id, lie_name, lie_text, msr_lie,				\
	     .what = &(const struct reset_msr){ msr_index, msr_value })

MSR(lie_star, "msr-star", "IA32_STAR falls back to 0", MSR_STAR, 0);
MSR(lie_lstar, "msr-lstar", "IA32_LSTAR falls back to 0", MSR_LSTAR, 0);
MSR(lie_sysenter, "msr-sysenter", "IA32_SYSENTER_EIP falls back to 0", MSR_SYSENTER_EIP, 0);
MSR(lie_kernel_gs, "msr-kernel-gs", "IA32_KERNEL_GS_BASE falls back to 0", MSR_KERNEL_GS_BASE, 0);
MSR(lie_tsc_aux, "msr-tsc-aux", "IA32_TSC_AUX falls back to 0", MSR_TSC_AUX, 0);
MSR(lie_pat, "msr-pat", "IA32_PAT falls back to its value after reset", MSR_PAT,
    0x0007040600070406);
MSR(lie_tsc_adjust, "msr-tsc-adjust", "IA32_TSC_ADJUST falls back to 0", MSR_TSC_ADJUST, 0);
