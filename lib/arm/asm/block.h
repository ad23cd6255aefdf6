/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU owns. */
#ifndef ASM_BLOCK_H
#define ASM_BLOCK_H

#include <asm/io.h>
#include <base.h>
#include <cpu.h>

#define CPU_BLOCK_SIZE		0x8000
#define CPU_STACK_USER		0x2000	/* tops, as offsets in the block */
#define CPU_STACK_MAIN		0x8000

/* What a CPU remembers of its interrupt controller. */
struct gic_cpu {
	bool enabled;
	u8 mask;			/* GICv2: this CPU in target lists */
	u32 iar;			/* of the interrupt that is being handled */
	struct io *redistributor;	/* GICv3: RD_base */
};

struct cpu {
	/* For a CPU whose translation is off: start.S knows the order. */
	u64 sctlr, mair, tcr, ttbr;
	CPU_MEMBERS;
	u64 affinity;
	struct gic_cpu gic;
};

/* The boot CPU's mode when it came, as pstate_kernel() has it, and all masked. */
extern unsigned long boot_pstate;

_Static_assert(offsetof(struct cpu, ttbr) == 24, "start.S");

static inline struct cpu *cpu_self(void)
{
	uintptr_t sp;

	/* The top of the stack is the next block's address. */
	asm("sub %0, sp, #1" : "=r"(sp));
	return (struct cpu *)ALIGN_DOWN(sp, CPU_BLOCK_SIZE);
}

static inline void cpu_relax(void)
{
	asm volatile("yield" : : : "memory");
}

#define HYPERVISOR_KVM	"kvm"
#define HYPERVISOR_TCG	"tcg"

#endif
