/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot loaders leave: multiboot 0.6.96, 3.3, and PVH (Xen's
 * arch-x86/hvm/start_info.h).  All addresses are physical.
 */
#ifndef ABI_BOOT_H
#define ABI_BOOT_H

#include <stdint.h>

#define MULTIBOOT_MAGIC		0x2badb002u	/* in EAX */
#define MULTIBOOT_HAS_MEMORY	(1u << 0)
#define MULTIBOOT_HAS_CMDLINE	(1u << 2)
#define MULTIBOOT_HAS_MODULES	(1u << 3)
#define MULTIBOOT_HAS_MAP	(1u << 6)
#define PVH_MAGIC		0x336ec578u	/* in struct pvh_info */

#define BOOT_MEMORY_RAM		1		/* types, in either map */
#define BOOT_MEMORY_RESERVED	2

struct multiboot_info {
	uint32_t flags;
	uint32_t mem_lower, mem_upper;		/* KiB */
	uint32_t boot_device, cmdline;
	uint32_t mods_count, mods_addr;
	uint32_t syms[4];
	uint32_t mmap_length, mmap_addr;
};

struct multiboot_module {
	uint32_t start, end, string, reserved;
};

struct multiboot_memory {
	uint32_t size;				/* of what follows */
	uint64_t base, length;
	uint32_t type;
} __attribute__((packed));

struct pvh_info {
	uint32_t magic, version, flags, modules;
	uint64_t module_list, cmdline, rsdp, memory_map;
	uint32_t memories, reserved;
};

struct pvh_module {
	uint64_t start, size, cmdline, reserved;
};

struct pvh_memory {
	uint64_t base, length;
	uint32_t type, reserved;
};

#endif
