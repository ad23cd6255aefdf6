/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU is given at its start, and what it has. */
#include <asm/cpu.h>
#include <boot.h>
#include <boot_tree.h>
#include <exception.h>
#include <fdt.h>
#include <paging.h>

/* The boot CPU's block, which image.lds aligns; start.S enters with its main stack. */
u8 cpu0[CPU_BLOCK_SIZE] __attribute__((section(".bss.cpu0")));

/* ibm,pa-features, behind the list's length and number (LoPAPR 1.1, C.6.2). */
#define PA_HEADER	2
#define PA_TM_BYTE	22
#define PA_TM_BIT	0x80

static bool tm_everywhere(void)
{
	unsigned int count = boot_tree_cpus();
	u32 size;

	for (unsigned int i = 0; i < count; i++) {
		const u8 *features = fdt_get(boot_info.fdt, boot_tree_cpu(i),
					     "ibm,pa-features", &size);

		if (size <= PA_HEADER + PA_TM_BYTE ||
		    !(features[PA_HEADER + PA_TM_BYTE] & PA_TM_BIT))
			return false;
	}
	return count;
}

bool cpu_has(unsigned int feature)
{
	unsigned int version = cpu_version();

	switch (feature) {
	case CPU_RADIX:
		return paging_is_on();
	case CPU_ISA_207:
		return version >= PVR_POWER8E;
	case CPU_ISA_300:
		return version >= PVR_POWER9;
	case CPU_ISA_310:
		return version >= PVR_POWER10;
	case CPU_HYPERVISOR:
		return cpu_is_hypervisor();
	case CPU_TM:
		return tm_everywhere();
	}
	return false;
}

bool hypervisor_is(const char *signature)
{
	bool kvm = fdt_compatible(boot_info.fdt, FDT_NONE, "linux,kvm") != FDT_NONE;

	return !strcmp(signature, kvm ? HYPERVISOR_KVM : HYPERVISOR_TCG);
}

void cpu_prepare(struct cpu *cpu)
{
	cpu->entry = (uintptr_t)vectors_common;
	cpu->msr = MSR_SF | MSR_ME | MSR_RI | (msr_read() & MSR_LE);
	if (paging_is_on())
		cpu->msr |= MSR_IR | MSR_DR;
}

void cpu_load(struct cpu *cpu)
{
	spr_write(SPR_SPRG3, (uintptr_t)cpu);
	spr_write(SPR_DEC, DEC_FAR);
	if (paging_is_on())
		paging_load();
	msr_write((msr_read() & MSR_HV) | cpu->msr);
}
