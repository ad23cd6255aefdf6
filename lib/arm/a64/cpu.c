/* SPDX-License-Identifier: BSD-2-Clause */
/* What the CPU announces, and what it is given at its start. */
#include <boot.h>
#include <asm/cpu.h>

/* The boot CPU's block; start.S enters with its main stack. */
u8 cpu0[CPU_BLOCK_SIZE] __attribute__((aligned(CPU_BLOCK_SIZE),
				       section(".bss.cpu0")));

static u64 id_register(unsigned int number)
{
	switch (number) {
#define ID_CASE(n, name) case n: return sysreg_read(name);
	CPU_ID_REGISTERS(ID_CASE)
#undef ID_CASE
	}
	return 0;
}

bool cpu_has(unsigned int feature)
{
	u32 field = id_register(CPU_ID_REG(feature)) >> CPU_ID_SHIFT(feature) & 0xf;

	if (CPU_ID_IS_SIGNED(feature) && field & 8)
		return false;
	return field >= CPU_ID_LEAST(feature);
}

bool hypervisor_is(const char *signature)
{
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
