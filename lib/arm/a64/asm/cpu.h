/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU in AArch64 state. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <asm/barrier.h>
#include <asm/block.h>
#include <asm/sysreg.h>
#include <asm/word.h>
#include <base.h>
#include <defs/cpu.h>

static inline void irq_enable(void)
{
	asm volatile("msr daifclr, #2" : : : "memory");
}

static inline void irq_disable(void)
{
	asm volatile("msr daifset, #2" : : : "memory");
}

/* Let in what is pending. */
static inline void irq_window(void)
{
	asm volatile("msr daifclr, #2; isb; msr daifset, #2" : : : "memory");
}

static inline unsigned int current_el(void)
{
	return sysreg_read(currentel) >> 2;
}

/* PSTATE as an exception from here would save it, without flags. */
static inline unsigned long pstate_kernel(void)
{
	return sysreg_read(daif) | sysreg_read(currentel) | sysreg_read(spsel);
}

/* What is off in SCTLR then: translation and caches. */
#define SCTLR_ENTRY_ZERO	0x1005

/* Affinities as PSCI and the GIC take them: Aff3 in bits 39-32, 2 to 0 below. */
static inline u64 cpu_affinity(void)
{
	return sysreg_read(mpidr_el1) & MPIDR_AFFINITY;
}

/* PMUVer, as pmu_version() wants it. */
static inline unsigned int cpu_pmu_field(void)
{
	return sysreg_read(id_aa64dfr0_el1) >> 8 & 0xf;
}

static inline bool cpu_pmu_is_v2(void)
{
	return false;
}

static inline void tlb_flush_page(const void *address)
{
	asm volatile("dsb ishst; tlbi vaae1is, %0; dsb ish; isb"
		     : : "r"((uintptr_t)address >> 12 & ((1ull << 44) - 1))
		     : "memory");
}

static inline void tlb_flush(void)
{
	asm volatile("dsb ishst; tlbi vmalle1is; dsb ish; isb" : : : "memory");
}

#endif
