/* SPDX-License-Identifier: BSD-2-Clause */
/* What a hart is given at its start, and what it announces. */
#include <asm/cpu.h>
#include <boot.h>
#include <boot_tree.h>
#include <fdt.h>
#include <sbi.h>

/* The boot hart's block; start.S enters with its main stack. */
u8 cpu0[CPU_BLOCK_SIZE] __attribute__((aligned(CPU_BLOCK_SIZE),
				       section(".bss.cpu0")));

bool hypervisor_is(const char *signature)
{
	const char *accelerator = environment("QEMU_ACCEL");
	unsigned long firmware = sbi_call(SBI_BASE, SBI_BASE_IMPL_ID).value;
	unsigned long version = sbi_call(SBI_BASE, SBI_BASE_IMPL_VERSION).value;

	if (!strcmp(signature, HYPERVISOR_OPENSBI_1_6))
		return firmware == SBI_IMPL_OPENSBI && version < OPENSBI_VERSION(1, 7);
	/* KVM's own SBI tells; of an emulator only the environment does. */
	if (firmware == SBI_IMPL_KVM)
		return !strcmp(signature, HYPERVISOR_KVM);
	return accelerator && !strcmp(accelerator, signature);
}

/* "rv64imafdch_zicsr_sstc": letters, then words (riscv/extensions.yaml). */
static bool isa_has(const char *isa, const char *name)
{
	size_t length = strlen(name);
	const char *word;

	if (strncmp(isa, "rv", 2))
		return false;
	for (isa += 2; *isa >= '0' && *isa <= '9';)
		isa++;
	if (length == 1) {
		for (; *isa && *isa != '_'; isa++)
			if (*isa == *name)
				return true;
		return false;
	}
	for (word = strchr(isa, '_'); word; word = strchr(word, '_')) {
		word++;
		if (!strncmp(word, name, length) &&
		    (!word[length] || word[length] == '_'))
			return true;
	}
	return false;
}

/* Newer trees list them one by one. */
static bool list_has(const char *list, u32 size, const char *name)
{
	for (const char *end = list + size; list < end; list += strlen(list) + 1)
		if (!strcmp(list, name))
			return true;
	return false;
}

bool cpu_has(unsigned int feature)
{
	static const char *const names[] = {
#define EXTENSION_NAME(constant, name) [constant] = name,
		EXTENSIONS(EXTENSION_NAME)
#undef EXTENSION_NAME
	};
	static u8 known[ARRAY_SIZE(names)];	/* 1: absent, 2: there */
	int node;
	const char *isa, *list;
	u32 size;

	if (feature >= ARRAY_SIZE(names) || !names[feature])
		panic("unknown feature %u", feature);
	if (known[feature])
		return known[feature] == 2;
	node = boot_tree_cpu(0);
	list = fdt_get(boot_info.fdt, node, "riscv,isa-extensions", &size);
	isa = fdt_text(boot_info.fdt, node, "riscv,isa");
	known[feature] = 1 + ((list && size && !list[size - 1] &&
			       list_has(list, size, names[feature])) ||
			      (isa && isa_has(isa, names[feature])));
	return known[feature] == 2;
}

void cpu_prepare(struct cpu *cpu)
{
	(void)cpu;	/* hart and satp are known before it starts */
}

void cpu_load(struct cpu *cpu)
{
	(void)cpu;	/* start.S has set the vectors */
}
