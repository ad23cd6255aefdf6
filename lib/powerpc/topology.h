/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs that are stopped and started. */
#ifndef TOPOLOGY_H
#define TOPOLOGY_H

#include <asm/cpu.h>

/**
 * cpu_turn_on() - start a CPU that is stopped; it then waits for on_cpu()
 * cpu_turn_off() - stop this CPU, another one than the boot CPU, from on_cpu_begin()
 *
 * Only where firmware is RTAS.
 */
void cpu_turn_on(struct cpu *cpu);
void cpu_turn_off(void) __attribute__((noreturn));

#endif
