/* SPDX-License-Identifier: BSD-2-Clause */
/* The boot loader's words into struct boot_info. */
#include <abi/boot.h>
#include <abi/host.h>
#include <boot.h>

/* A boot loader leaves what it told us in low memory or right behind the image. */
#define ABOVE_LOADER	0x80000

extern u32 boot_magic, boot_pointer;

static void add_memory(u64 base, u64 size, u32 type)
{
	struct abi_host *host = (struct abi_host *)(uintptr_t)base;

	if (type == ABI_HOST_MEMORY_TYPE && host->magic == ABI_HOST_MAGIC &&
	    host->version == ABI_HOST_VERSION)
		boot_info.host = host;
	if (type == BOOT_MEMORY_RAM)
		boot_add_memory(base, size);
}

static void read_multiboot(const struct multiboot_info *info)
{
	uintptr_t at = info->mmap_addr, end = at + info->mmap_length;

	boot_info.door = "multiboot";
	boot_info.command_line = (const char *)(uintptr_t)info->cmdline;
	if (info->mods_count == 1) {
		const struct multiboot_module *module =
			(const void *)(uintptr_t)info->mods_addr;

		boot_info.environment = (const char *)(uintptr_t)module->start;
		boot_info.environment_size = module->end - module->start;
	}
	if (!(info->flags & MULTIBOOT_HAS_MAP))
		return add_memory(0x100000, (u64)info->mem_upper << 10,
				  BOOT_MEMORY_RAM);
	while (at < end) {
		const struct multiboot_memory *memory = (const void *)at;

		add_memory(memory->base, memory->length, memory->type);
		at += memory->size + sizeof(memory->size);
	}
}

static void read_pvh(const struct pvh_info *info)
{
	const struct pvh_memory *map =
		(const void *)(uintptr_t)info->memory_map;

	if (info->magic != PVH_MAGIC)
		panic("neither multiboot nor PVH start info at %p", info);
	boot_info.door = "PVH";
	boot_info.command_line = (const char *)(uintptr_t)info->cmdline;
	boot_info.rsdp = info->rsdp;
	if (info->modules == 1) {
		const struct pvh_module *module =
			(const void *)(uintptr_t)info->module_list;

		boot_info.environment = (const char *)(uintptr_t)module->start;
		boot_info.environment_size = module->size;
	}
	for (u32 i = 0; info->version >= 1 && i < info->memories; i++)
		add_memory(map[i].base, map[i].length, map[i].type);
}

void boot_read(void)
{
	const void *info = (const void *)(uintptr_t)boot_pointer;
	u64 value;

	boot_info.free = (uintptr_t)image_end + ABOVE_LOADER;
	if (boot_magic == MULTIBOOT_MAGIC)
		read_multiboot(info);
	else
		read_pvh(info);
	if (!boot_info.environment)
		return;
	boot_info.no_image_name =
		environment_number("BOOTLOADER", &value) && value;
	if (environment_number("MEMSIZE", &value) && !boot_info.memories)
		add_memory(0x100000, (value << 20) - 0x100000, BOOT_MEMORY_RAM);
}
