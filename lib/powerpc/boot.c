/* SPDX-License-Identifier: BSD-2-Clause */
/* From the door to translation. */
#include <asm/cpu.h>
#include <boot.h>
#include <boot_tree.h>
#include <exception.h>
#include <fdt.h>
#include <paging.h>
#include <platform.h>

/* More than any tree has, so early that none was moved. */
#define TREE_LIMIT	0x200000

void start_boot_cpu(const void *blob) __attribute__((noreturn));

/* RAM at 0 holds them; code that was just written (Power ISA 3.1, Book II, 1.9). */
static void vectors_install(void)
{
	size_t size = vectors_low_end - vectors_low;
	/* No pointer to an object is 0, compilers think. */
	uintptr_t at = 0;

	asm("" : "+r"(at));
	memcpy((void *)(at + VECTORS_FIRST), vectors_low + VECTORS_FIRST,
	       size - VECTORS_FIRST);
	memcpy((void *)(at + VECTORS_COMMON), vectors_low + VECTORS_COMMON,
	       VECTORS_FIRST - VECTORS_COMMON);
	for (; at < size; at += 64)
		asm volatile("dcbst 0, %0; sync; icbi 0, %0" : : "r"(at) : "memory");
	asm volatile("sync; isync" : : : "memory");
}

void start_boot_cpu(const void *blob)
{
	struct cpu *cpu = cpu_self();
	struct fdt early;

	boot_tree_open(blob);
	fdt_open(&early, blob, TREE_LIMIT);
	platform_find(&early);
	cpu->server = early.boot_cpu;
	cpu_prepare(cpu);
	cpu_load(cpu);
	vectors_install();
	platform_interrupt_order();
	/* Without a tree there is enough to say so. */
	if (!boot_info.memories)
		boot_add_memory(ALIGN_DOWN((uintptr_t)image_start, 0x200000ul), 0x1000000);
	paging_init();
	cpu_prepare(cpu);
	cpu_load(cpu);
	image_main();
}

void boot_read(void)
{
	boot_tree_read();
}
