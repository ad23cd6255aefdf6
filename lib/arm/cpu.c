/* SPDX-License-Identifier: BSD-2-Clause */
/* What a CPU is given at its start. */
#include <asm/cpu.h>

/* The boot CPU's block; start.S enters with its main stack. */
u8 cpu0[CPU_BLOCK_SIZE] __attribute__((aligned(CPU_BLOCK_SIZE),
				       section(".bss.cpu0")));

unsigned long boot_pstate;

bool hypervisor_is(const char *signature)
{
	/* No register tells it. */
	const char *accelerator = environment("QEMU_ACCEL");

	return accelerator && !strcmp(accelerator, signature);
}

void cpu_prepare(struct cpu *cpu)
{
	cpu->affinity = cpu_affinity();
}

void cpu_load(struct cpu *cpu)
{
	(void)cpu;	/* the vectors are common: start.S has set them */
}
