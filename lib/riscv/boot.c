/* SPDX-License-Identifier: BSD-2-Clause */
/* From the door to translation; until that is on, nothing here may be printed. */
#include <abi/image.h>
#include <asm/cpu.h>
#include <asm/start.h>
#include <boot.h>
#include <boot_tree.h>
#include <paging.h>

_Static_assert(CPU_STACK_MAIN_ASM == CPU_STACK_MAIN, "start.S");
_Static_assert(CPU_BLOCK_SIZE_ASM == CPU_BLOCK_SIZE, "start.S");
_Static_assert(ABI_TEST_WORDS_ASM == ABI_TEST_WORDS, "start.S");

void start_boot_cpu(unsigned long hart, const void *blob) __attribute__((noreturn));

void start_boot_cpu(unsigned long hart, const void *blob)
{
	cpu_self()->hart = hart;
	boot_tree_open(blob);
	/* Without a tree there is enough to say so. */
	if (!boot_info.memories)
		boot_add_memory((uintptr_t)image_start, 0x1000000);
	paging_init();
	image_main();
}

void boot_read(void)
{
	boot_tree_read();
}
