/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * From the door to translation, and what the device tree tells: RAM, arguments,
 * environment.  Until translation is on, nothing here may be printed.
 */
#include <abi/host.h>
#include <asm/cpu.h>
#include <boot.h>
#include <fdt.h>
#include <mmu.h>
#include <paging.h>

/* More than any tree has: what is behind it, is not looked at. */
#define FDT_LIMIT	0x200000

static struct fdt tree;

void start_boot_cpu(const void *blob) __attribute__((noreturn));

static void memory_read(void)
{
	int node = FDT_NONE;
	u64 base, size;

	while ((node = fdt_next(&tree, node == FDT_NONE ? FDT_ROOT : node,
				NULL)) != FDT_NONE) {
		const char *type = fdt_text(&tree, node, "device_type");

		if (!type || strcmp(type, "memory"))
			continue;
		for (u32 i = 0; fdt_reg(&tree, node, i, &base, &size); i++)
			if (size)
				boot_add_memory(base, size);
	}
}

static void environment_read(void)
{
	int chosen = fdt_path(&tree, "/chosen");
	u64 start, end;
	u32 size;

	/* One or two cells: who writes them is free (chosen.yaml). */
	fdt_get(&tree, chosen, "linux,initrd-start", &size);
	if (!fdt_number(&tree, chosen, "linux,initrd-start", 0, size / 4, &start))
		return;
	fdt_get(&tree, chosen, "linux,initrd-end", &size);
	if (!fdt_number(&tree, chosen, "linux,initrd-end", 0, size / 4, &end) ||
	    end < start)
		return;
	boot_info.environment = (const char *)(uintptr_t)start;
	boot_info.environment_size = end - start;
}

/* Move to @to what a loader left somewhere in RAM; returns where it ends. */
static char *keep(char *to, const void *from, size_t size)
{
	memmove(to, from, size);
	return to + ALIGN_UP(size, 8);
}

/* Behind the image, so that all RAM above is free. */
static void loader_data_keep(void)
{
	char *at = image_end;
	const char *text = boot_info.environment;
	bool text_first = text && text < (const char *)tree.blob;

	if (text_first) {
		boot_info.environment = at;
		at = keep(at, text, boot_info.environment_size);
	}
	if (tree.blob) {
		const void *blob = tree.blob;
		u32 size = tree.size;

		fdt_open(&tree, blob, size);
		keep(at, blob, size);
		fdt_open(&tree, at, size);
		at += ALIGN_UP(size, 8);
	}
	if (text && !text_first) {
		boot_info.environment = at;
		at = keep(at, text, boot_info.environment_size);
	}
	boot_info.free = (uintptr_t)at;
}

void start_boot_cpu(const void *blob)
{
	if (fdt_open(&tree, blob, FDT_LIMIT))
		memory_read();
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
	boot_info.door = "device tree";
	boot_info.no_image_name = true;
	if (!tree.blob)
		panic("no device tree was given");
	environment_read();
	loader_data_keep();
	boot_info.fdt = &tree;
	boot_info.command_line = fdt_text(&tree, fdt_path(&tree, "/chosen"),
					  "bootargs");
}
