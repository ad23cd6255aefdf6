/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's CPUs, as its device tree lists them. */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <base.h>

struct cpu;

/**
 * cpu_affinity_by_tree() - the affinity of the @index-th CPU in the tree
 *
 * Returns false if there are not so many.
 */
bool cpu_affinity_by_tree(unsigned int index, u64 *affinity);

/**
 * cpu_turn_off() - this CPU, which runs what on_cpu() gave it, leaves by PSCI CPU_OFF
 *
 * on_cpu() returns then.  It comes back only if PSCI fails.
 */
void cpu_turn_off(void);

/**
 * cpu_turn_on() - start a CPU that is off; it waits for work again
 * @cpu: its block
 *
 * Returns PSCI's answer.
 */
long cpu_turn_on(struct cpu *cpu, u64 affinity);

#endif
