/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU in AArch32 state. */
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
	asm volatile("cpsie i" : : : "memory");
}

static inline void irq_disable(void)
{
	asm volatile("cpsid i" : : : "memory");
}

/* Let in what is pending. */
static inline void irq_window(void)
{
	asm volatile("cpsie i; isb; cpsid i" : : : "memory");
}

static inline unsigned int current_el(void)
{
	return 1;
}

/* CPSR as an exception from here would save it, without flags. */
static inline unsigned long pstate_kernel(void)
{
	unsigned long cpsr;

	asm volatile("mrs %0, cpsr" : "=r"(cpsr));
	return cpsr & 0x1df;
}

/* What is off in SCTLR then: translation and caches. */
#define SCTLR_ENTRY_ZERO	0x1005

/* Aff2 to Aff0, as PSCI and the GIC take them. */
static inline u64 cpu_affinity(void)
{
	return sysreg_read(mpidr_el1) & MPIDR_AFFINITY_32;
}

/*
 * PMUVer, as pmu_version() wants it: PerfMon of ID_DFR0 has 3 where that has 1, and is
 * the same above; 1 and 2 are PMUv1 and v2.
 */
static inline unsigned int cpu_pmu_field(void)
{
	unsigned int field = sysreg_read(id_dfr0_el1) >> 24 & 0xf;

	return field == 3 ? 1 : field > 3 ? field : 0;
}

/* Is the cycle counter one of 32 bits, of PMUv2? */
static inline bool cpu_pmu_is_v2(void)
{
	return (sysreg_read(id_dfr0_el1) >> 24 & 0xf) == 2;
}

static inline void tlb_flush_page(const void *address)
{
	asm volatile("dsb ishst; mcr p15, 0, %0, c8, c3, 3; dsb ish; isb"
		     : : "r"((uintptr_t)address & ~0xffful) : "memory");
}

static inline void tlb_flush(void)
{
	asm volatile("dsb ishst; mcr p15, 0, %0, c8, c3, 0; dsb ish; isb"
		     : : "r"(0) : "memory");
}

#endif
