/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of CPUID, and of what the boot loader says. */
#include "vmm/break.h"

#include "defs/cpuid.h"

static struct kvm_cpuid_entry2 *leaf_find(struct kvm_cpuid2 *cpuid, uint32_t leaf,
					  uint32_t subleaf)
{
	for (uint32_t i = 0; i < cpuid->nent; i++)
		if (cpuid->entries[i].function == leaf && cpuid->entries[i].index == subleaf)
			return &cpuid->entries[i];
	return NULL;
}

static void feature_set(struct kvm_cpuid2 *cpuid, uint32_t feature)
{
	struct kvm_cpuid_entry2 *e = leaf_find(cpuid, CPUID_FEATURE_LEAF(feature),
					       CPUID_FEATURE_SUBLEAF(feature));
	uint32_t *regs[4];

	if (!e)
		return;
	regs[0] = &e->eax;
	regs[1] = &e->ebx;
	regs[2] = &e->ecx;
	regs[3] = &e->edx;
	*regs[CPUID_FEATURE_REG(feature)] |= 1u << CPUID_FEATURE_BIT(feature);
}

static void more(struct kvm_cpuid2 *cpuid, unsigned int cpu)
{
	static const uint32_t features[] = {
		CPU_UMIP, CPU_SMEP, CPU_SMAP, CPU_PKU, CPU_FSGSBASE, CPU_TSC_ADJUST,
		CPU_INVPCID, CPU_PCID, CPU_RDPID, CPU_LA57, CPU_SPEC_CTRL, CPU_MOVBE,
	};

	(void)cpu;
	if (lie_now())
		for (unsigned int i = 0; i < sizeof(features) / sizeof(*features); i++)
			feature_set(cpuid, features[i]);
}

LIE(lie_cpuid_more, .name = "cpuid-more",
    .text = "CPUID announces UMIP, SMEP, SMAP, PKU, LA57 and others, there or not",
    .cpuid = more);

static void physical_bits(struct kvm_cpuid2 *cpuid, unsigned int cpu)
{
	struct kvm_cpuid_entry2 *e = leaf_find(cpuid, 0x80000008, 0);

	(void)cpu;
	if (e && lie_now())
		e->eax = (e->eax & ~0xffu) | (((e->eax & 0xff) - 4) & 0xff);
}

LIE(lie_cpuid_physical, .name = "cpuid-maxphyaddr",
    .text = "CPUID says that physical addresses are 4 bits narrower than they are",
    .cpuid = physical_bits);

static void xsave_size(struct kvm_cpuid2 *cpuid, unsigned int cpu)
{
	struct kvm_cpuid_entry2 *e = leaf_find(cpuid, 0xd, 2);

	(void)cpu;
	if (e && lie_now())
		e->ebx += 64;
}

LIE(lie_cpuid_xsave, .name = "cpuid-xsave",
    .text = "CPUID says that AVX state is 64 bytes further into the XSAVE area",
    .cpuid = xsave_size);

static void apic_id(struct kvm_cpuid2 *cpuid, unsigned int cpu)
{
	struct kvm_cpuid_entry2 *e = leaf_find(cpuid, 0x1, 0);

	(void)cpu;
	if (e && lie_now())
		e->ebx ^= 1u << 24;
}

LIE(lie_cpuid_apic, .name = "cpuid-apic-id",
    .text = "CPUID gives CPUs each other's APIC ids", .cpuid = apic_id);

static void hypervisor(struct kvm_cpuid2 *cpuid, unsigned int cpu)
{
	struct kvm_cpuid_entry2 *e = leaf_find(cpuid, 0x40000001, 0);

	(void)cpu;
	if (e && lie_now())
		e->eax = ~0u;
}

LIE(lie_cpuid_kvm, .name = "cpuid-kvm",
    .text = "CPUID announces every paravirtual feature of KVM, there or not",
    .cpuid = hypervisor);
