/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting CPUs by firmware; their sleep is the hypervisor's. */
#include <asm/cpu.h>
#include <boot.h>
#include <boot_tree.h>
#include <clock.h>
#include <device.h>
#include <fdt.h>
#include <hcall.h>
#include <platform.h>
#include <rtas.h>
#include <smp.h>
#include <topology.h>

#define SERVERS		"ibm,ppc-interrupt-server#s"

void start_other_cpu(void) __attribute__((noreturn));

/* The block of the CPU that is being started: start.S takes it. */
struct cpu *start_block;

/* The @index-th thread of all cores (LoPAPR 1.1, C.6.2). */
static bool cpu_server(unsigned int index, u32 *server)
{
	unsigned int cores = boot_tree_cpus();

	for (unsigned int core = 0; core < cores; core++) {
		int node = boot_tree_cpu(core);
		u32 size;
		u64 value;

		fdt_get(boot_info.fdt, node, SERVERS, &size);
		if (index < size / 4) {
			if (!fdt_number(boot_info.fdt, node, SERVERS, index, 1, &value))
				return false;
			*server = value;
			return true;
		}
		index -= size / 4;
	}
	return false;
}

unsigned int machine_cpu_count(void)
{
	unsigned int count = 0;
	u32 server;

	while (cpu_server(count, &server))
		count++;
	return count;
}

void start_other_cpu(void)
{
	struct cpu *cpu = cpu_self();

	cpu_prepare(cpu);
	cpu_load(cpu);
	__atomic_store_n(&start_block, NULL, __ATOMIC_RELEASE);
	cpu_online();
}

void cpu_turn_on(struct cpu *cpu)
{
	u64 begin = clock_ticks();
	long error;

	__atomic_store_n(&start_block, cpu, __ATOMIC_SEQ_CST);
	error = platform_cpu_start(cpu->server);
	if (error)
		panic("starting CPU %u (server %u): firmware returns %ld", cpu->index,
		      cpu->server, error);
	while (__atomic_load_n(&start_block, __ATOMIC_ACQUIRE)) {
		if (clock_ticks() - begin > START_TICKS)
			panic("CPU %u (server %u) does not come up", cpu->index, cpu->server);
		cpu_relax();
	}
}

void cpu_turn_off(void)
{
	struct cpu *cpu = cpu_self();

	irq_disable();
	cpu->escape = NULL;
	__atomic_store_n(&cpu->work, NULL, __ATOMIC_RELEASE);
	rtas_stop_self();
}

void cpus_start(struct cpu *blocks, unsigned int count)
{
	unsigned int started = 0;
	u32 server;

	for (unsigned int i = 0; started < count && cpu_server(i, &server); i++) {
		struct cpu *cpu = (struct cpu *)((char *)blocks +
						 (size_t)started * CPU_BLOCK_SIZE);

		if (server == platform_boot_server())
			continue;
		cpu->server = server;
		cpu_turn_on(cpu);
		started++;
	}
}

void cpu_sleep(void)
{
	/* Interrupts are let in by it; they end it as well as H_PROD does. */
	if (platform_is_papr())
		hcall(H_CEDE);
	else
		cpu_relax();
}

void cpu_wake(struct cpu *cpu)
{
	if (platform_is_papr())
		hcall(H_PROD, cpu->server);
}
