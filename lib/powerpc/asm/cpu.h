/* SPDX-License-Identifier: BSD-2-Clause */
/* The CPU, and what each owns. */
#ifndef ASM_CPU_H
#define ASM_CPU_H

#include <asm/start.h>
#include <asm/word.h>
#include <base.h>
#include <cpu.h>
#include <defs/msr.h>
#include <defs/spr.h>

#define CPU_BLOCK_SIZE		0x8000
#define CPU_STACK_USER		0x2000	/* tops, as offsets in the block */
#define CPU_STACK_MAIN		0x8000

#define MSR_SF		(1ull << MSR_SF_BIT)
#define MSR_HV		(1ull << MSR_HV_BIT)
#define MSR_TM		(1ull << MSR_TM_BIT)

struct cpu {
	/* For vectors.S: what it has no place for yet, and where to go on. */
	u64 save[4], srr0, srr1, vector;
	u64 entry, msr, kernel_sp, toc;
	CPU_MEMBERS;
	u32 server;		/* interrupt server number, which names a CPU */
};

_Static_assert(offsetof(struct cpu, entry) == CPU_ENTRY, "vectors.S");
_Static_assert(offsetof(struct cpu, toc) == CPU_TOC, "vectors.S");

static inline struct cpu *cpu_self(void)
{
	uintptr_t sp;

	asm("mr %0, 1" : "=r"(sp));
	return (struct cpu *)ALIGN_DOWN(sp, CPU_BLOCK_SIZE);
}

/* The lowest priority, and back to the usual one (Power ISA 3.1, Book II, 3.2). */
static inline void cpu_relax(void)
{
	asm volatile("or 1, 1, 1; or 2, 2, 2" : : : "memory");
}

#define spr_read(number) ({						\
	u64 value_;							\
	asm volatile("mfspr %0, %1" : "=r"(value_) : "i"(number) : "memory"); \
	value_;								\
})
#define spr_write(number, value)					\
	asm volatile("mtspr %1, %0" : : "r"((u64)(value)), "i"(number) : "memory")

static inline u64 msr_read(void)
{
	u64 msr;

	asm volatile("mfmsr %0" : "=r"(msr) : : "memory");
	return msr;
}

/* Not MSR.LE, which mtmsrd leaves alone. */
static inline void msr_write(u64 msr)
{
	asm volatile("mtmsrd %0; isync" : : "r"(msr) : "memory");
}

static inline void irq_enable(void)
{
	asm volatile("mtmsrd %0, 1" : : "r"(MSR_EE | MSR_RI) : "memory");
}

static inline void irq_disable(void)
{
	asm volatile("mtmsrd %0, 1" : : "r"(MSR_RI) : "memory");
}

/* Let in what is pending. */
static inline void irq_window(void)
{
	irq_enable();
	irq_disable();
}

static inline unsigned int cpu_version(void)
{
	return spr_read(SPR_PVR) >> 16 & 0xffff;
}

static inline bool cpu_is_hypervisor(void)
{
	return msr_read() & MSR_HV;
}

/* Features for REQUIRES. */
enum cpu_feature {
	CPU_NEVER = 1,		/* no CPU has it */
	CPU_RADIX,		/* this image translates addresses by radix trees */
	CPU_ISA_207,		/* POWER8 */
	CPU_ISA_300,		/* POWER9 */
	CPU_ISA_310,		/* POWER10 */
	CPU_HYPERVISOR,		/* hypervisor state, as on a machine without any */
	CPU_TM,			/* transactional memory, on all CPUs */
};

#define HYPERVISOR_KVM	"kvm"
#define HYPERVISOR_TCG	"tcg"

#endif
