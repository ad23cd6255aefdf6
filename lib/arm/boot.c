/* SPDX-License-Identifier: BSD-2-Clause */
/* From the door to translation; until that is on, nothing here may be printed. */
#include <asm/cpu.h>
#include <boot.h>
#include <boot_tree.h>
#include <mmu.h>
#include <paging.h>

void start_boot_cpu(const void *blob) __attribute__((noreturn));

void start_boot_cpu(const void *blob)
{
	boot_tree_open(blob);
	/* Without a tree there is enough to say so. */
	if (!boot_info.memories)
		boot_add_memory(ALIGN_DOWN((uintptr_t)image_start, 0x200000ul),
				0x1000000);
	paging_init();
	mmu_enable();
	image_main();
}

void boot_read(void)
{
	boot_tree_read();
}
