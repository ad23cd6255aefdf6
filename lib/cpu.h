/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU is to the harness, whatever its architecture. */
#ifndef CPU_H
#define CPU_H

#include <base.h>

struct cpu;
struct jump;
struct scope;

/**
 * CPU_MEMBERS - what the harness keeps in <asm/cpu.h>'s struct cpu
 *
 * A CPU owns one block of CPU_BLOCK_SIZE bytes, aligned to its size, with struct
 * cpu at its bottom and its stacks above: cpu_self() finds it by the stack pointer.
 * The boot CPU's block is cpu0[].
 */
#define CPU_MEMBERS							\
	u32 index;		/* 0: the boot CPU */			\
	struct scope *scopes;	/* innermost first */			\
	struct jump *escape;	/* where an abandoned function ends */	\
	void (*work)(void *arg); /* posted by the boot CPU, NULL when done */ \
	void *work_arg;							\
	bool work_failed;	/* abandoned */				\
	bool work_over		/* told to end: work_is_over() */

/* What each architecture provides for lib/test.c and lib/smp.c. */

/**
 * cpu_has() - does this CPU announce a feature?
 * @feature: CPU_…, a constant of <asm/cpu.h> that is not 0
 */
bool cpu_has(unsigned int feature);

/**
 * hypervisor_is() - does the hypervisor sign so?
 * @signature: HYPERVISOR_TCG, HYPERVISOR_KVM, … of <asm/cpu.h>
 */
bool hypervisor_is(const char *signature);

/**
 * cpu_prepare() - fill in what is the architecture's in a new, zeroed block
 * cpu_load() - make this CPU use it
 */
void cpu_prepare(struct cpu *cpu);
void cpu_load(struct cpu *cpu);

/**
 * cpus_start() - start all CPUs but this one
 * @blocks: theirs, with index filled in, the rest zero; the first is CPU 1's
 * @count: of blocks
 *
 * Each, on its own stack, with its own memory translation as the boot CPU has it,
 * calls cpu_prepare(), cpu_load() and cpu_online().  Returns without waiting for
 * that.
 */
void cpus_start(struct cpu *blocks, unsigned int count);

/**
 * cpu_online() - tell that this CPU is up, and work whenever it is told to
 */
void cpu_online(void) __attribute__((noreturn));

/**
 * cpu_sleep() - wait for cpu_wake() or anything else; interrupts may be taken
 * cpu_wake() - end another CPU's sleep, now or when it next sleeps
 *
 * Called with interrupts off; they may be on or off when it returns.
 */
void cpu_sleep(void);
void cpu_wake(struct cpu *cpu);

#endif
