/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting CPUs by PSCI, and waking them by events (DDI 0487, D1.6.1). */
#include <asm/cpu.h>
#include <asm/page.h>
#include <boot.h>
#include <boot_tree.h>
#include <device.h>
#include <fdt.h>
#include <mmu.h>
#include <psci.h>
#include <smp.h>
#include <topology.h>

void start_other(void);
void start_other_cpu(void) __attribute__((noreturn));

unsigned int machine_cpu_count(void)
{
	return boot_tree_cpus();
}

bool cpu_affinity_by_tree(unsigned int index, u64 *affinity)
{
	u64 size;

	return fdt_reg(boot_info.fdt, boot_tree_cpu(index), 0, affinity, &size);
}

void start_other_cpu(void)
{
	struct cpu *cpu = cpu_self();

	/* It may have been off: its interface is as after a reset. */
	memset(&cpu->gic, 0, sizeof(cpu->gic));
	cpu_prepare(cpu);
	cpu_load(cpu);
	cpu_online();
}

long cpu_turn_on(struct cpu *cpu, u64 affinity)
{
	mmu_registers(cpu);
	/* Read with its cache off. */
	dcache_clean(cpu, sizeof(*cpu));
	return psci_cpu_on(affinity, start_other, (uintptr_t)cpu);
}

void cpu_turn_off(void)
{
	struct cpu *cpu = cpu_self();

	cpu->escape = NULL;
	__atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
	psci_call(PSCI_CPU_OFF, 0, 0, 0);
}

void cpus_start(struct cpu *blocks, unsigned int count)
{
	u64 own = cpu_affinity(), affinity;
	unsigned int started = 0;

	for (unsigned int i = 0; started < count &&
	     cpu_affinity_by_tree(i, &affinity); i++) {
		struct cpu *cpu = (struct cpu *)((char *)blocks +
						 (size_t)started * CPU_BLOCK_SIZE);
		long error;

		if (affinity == own)
			continue;
		error = cpu_turn_on(cpu, affinity);
		if (error)
			panic("PSCI CPU_ON of CPU %u (%#llx) returns %ld",
			      started + 1, (unsigned long long)affinity, error);
		started++;
	}
}

void cpu_sleep(void)
{
	asm volatile("wfe" : : : "memory");
}

void cpu_wake(struct cpu *cpu)
{
	(void)cpu;	/* all of them look */
	asm volatile("dsb ish; sev" : : : "memory");
}
