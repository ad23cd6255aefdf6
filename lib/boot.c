/* SPDX-License-Identifier: BSD-2-Clause */
/* What is known of the machine from its start. */
#include <boot.h>

struct boot_info boot_info;

void boot_add_memory(u64 base, u64 size)
{
	if (boot_info.memories < BOOT_MAX_MEMORY)
		boot_info.memory[boot_info.memories++] =
			(struct boot_memory){ base, size };
}

u64 boot_memory_size(void)
{
	u64 size = 0;

	for (unsigned int i = 0; i < boot_info.memories; i++)
		size += boot_info.memory[i].size;
	return size;
}

u64 boot_memory_end(void)
{
	u64 end = 0;

	for (unsigned int i = 0; i < boot_info.memories; i++)
		if (boot_info.memory[i].base + boot_info.memory[i].size > end)
			end = boot_info.memory[i].base + boot_info.memory[i].size;
	return end;
}
