/* SPDX-License-Identifier: BSD-2-Clause */
/* Other CPUs.  They are started when they are first used. */
#ifndef SMP_H
#define SMP_H

#include <base.h>
#include <cpu.h>

/**
 * cpu_count() - CPUs of this machine, the boot CPU included
 *
 * From the reference VMM, the environment (NR_CPUS), the firmware's
 * configuration or ACPI, in this order; 1 if nobody tells.
 */
unsigned int cpu_count(void);

/**
 * cpu_index() - this CPU: 0 is the boot CPU, the others count as they came up
 */
unsigned int cpu_index(void);

/**
 * cpu_get() - the block of a CPU that has been started; panics if there is none
 */
struct cpu *cpu_get(unsigned int index);

/**
 * on_cpu() - run @fn(@arg) on a CPU and wait for its end
 * @cpu: index; this CPU itself is allowed
 *
 * Only the boot CPU may call it, and the two below.
 */
void on_cpu(unsigned int cpu, void (*fn)(void *arg), void *arg);

/**
 * on_cpu_begin() - the same, without waiting; another CPU than this
 * on_cpu_end() - wait for what on_cpu_begin() began
 */
void on_cpu_begin(unsigned int cpu, void (*fn)(void *arg), void *arg);
void on_cpu_end(unsigned int cpu);

/**
 * on_cpus() - run @fn(@arg) on all CPUs at once, and wait for all
 */
void on_cpus(void (*fn)(void *arg), void *arg);

/**
 * smp_start() - bring up the other CPUs now rather than at first use
 */
void smp_start(void);

/* A meeting of a known number of CPUs; usable any number of times. */
struct barrier {
	u32 expected;
	u32 arrived;
	u32 round;
};

/**
 * barrier_wait() - return when @barrier->expected CPUs have called it
 */
void barrier_wait(struct barrier *barrier);

struct spinlock {
	u32 held;
};

void spin_lock(struct spinlock *lock);
void spin_unlock(struct spinlock *lock);

#endif
