/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hart owns. */
#ifndef ASM_BLOCK_H
#define ASM_BLOCK_H

#include <base.h>
#include <cpu.h>

/*
 * The supervisor's own pages, but for the user stack's: accesses to these are never
 * stopped by SSTATUS.SUM.
 */
#define CPU_BLOCK_SIZE		0x8000
#define CPU_STACK_USER_BASE	0x1000	/* offsets in the block */
#define CPU_STACK_USER		0x2000
#define CPU_STACK_MAIN		0x8000

struct cpu {
	/* For a hart whose translation is off: start.S knows these. */
	unsigned long satp;
	unsigned long hart;		/* its id */
	CPU_MEMBERS;
	u32 asleep;
};

_Static_assert(offsetof(struct cpu, satp) == 0, "start.S");
_Static_assert(offsetof(struct cpu, hart) == sizeof(long), "start.S");
_Static_assert(sizeof(struct cpu) <= CPU_STACK_USER_BASE, "no stack in it");

static inline struct cpu *cpu_self(void)
{
	uintptr_t sp;

	/* The top of the stack is the next block's address. */
	asm("addi %0, sp, -1" : "=r"(sp));
	return (struct cpu *)ALIGN_DOWN(sp, CPU_BLOCK_SIZE);
}

#endif
