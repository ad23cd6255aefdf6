/* SPDX-License-Identifier: BSD-2-Clause */
/* RAM, CPUs, arguments and environment from a device tree (Devicetree Specification 3). */
#include <abi/host.h>
#include <boot.h>
#include <boot_tree.h>
#include <fdt.h>

/* More than any tree has: what is behind it, is not looked at. */
#define LIMIT	0x200000

static struct fdt tree;

static bool is_of_type(int node, const char *type)
{
	const char *is = fdt_text(&tree, node, "device_type");

	return is && !strcmp(is, type);
}

bool boot_tree_open(const void *blob)
{
	int node = FDT_ROOT;
	u64 base, size;

	if (!fdt_open(&tree, blob, LIMIT))
		return false;
	while ((node = fdt_next(&tree, node, NULL)) != FDT_NONE) {
		if (!is_of_type(node, "memory"))
			continue;
		for (u32 i = 0; fdt_reg(&tree, node, i, &base, &size); i++)
			if (size)
				boot_add_memory(base, size);
	}
	/* The reference VMM's region, which is no RAM of the image's. */
	node = fdt_compatible(&tree, FDT_NONE, ABI_HOST_COMPATIBLE);
	if (node != FDT_NONE && fdt_reg(&tree, node, 0, &base, &size)) {
		boot_info.host = (struct abi_host *)(uintptr_t)base;
		boot_info.host_size = size;
	}
	return true;
}

/* One or two cells: who writes them is free (chosen.yaml). */
static bool chosen_address(const char *name, u64 *value)
{
	int chosen = fdt_path(&tree, "/chosen");
	u32 size;

	fdt_get(&tree, chosen, name, &size);
	return fdt_number(&tree, chosen, name, 0, size / 4, value);
}

static void environment_read(void)
{
	u64 start, end;

	if (!chosen_address("linux,initrd-start", &start) ||
	    !chosen_address("linux,initrd-end", &end) || end < start)
		return;
	boot_info.environment = (const char *)(uintptr_t)start;
	boot_info.environment_size = end - start;
}

static char *environment_keep(char *to)
{
	if (!boot_info.environment)
		return to;
	memmove(to, boot_info.environment, boot_info.environment_size);
	boot_info.environment = to;
	return to + ALIGN_UP(boot_info.environment_size, 8);
}

static char *tree_keep(char *to)
{
	size_t size = tree.size;

	memmove(to, tree.blob, size);
	fdt_open(&tree, to, size);
	return to + ALIGN_UP(size, 8);
}

void boot_tree_read(void)
{
	char *at = image_end;

	boot_info.door = "device tree";
	boot_info.no_image_name = true;
	if (!tree.blob)
		panic("no device tree was given");
	if (boot_info.host && (boot_info.host->magic != ABI_HOST_MAGIC ||
			       boot_info.host->version != ABI_HOST_VERSION))
		boot_info.host = NULL;
	environment_read();
	/* What lies lower goes first, so that none is overwritten. */
	if (boot_info.environment < (const char *)tree.blob)
		at = tree_keep(environment_keep(at));
	else
		at = environment_keep(tree_keep(at));
	boot_info.free = (uintptr_t)at;
	boot_info.fdt = &tree;
	boot_info.command_line = fdt_text(&tree, fdt_path(&tree, "/chosen"), "bootargs");
}

int boot_tree_cpu(unsigned int index)
{
	int depth = 0, node = fdt_path(&tree, "/cpus");

	while ((node = fdt_next(&tree, node, &depth)) != FDT_NONE && depth > 0) {
		const char *status = fdt_text(&tree, node, "status");

		if (!is_of_type(node, "cpu") || (status && strcmp(status, "okay")))
			continue;
		if (!index--)
			return node;
	}
	return FDT_NONE;
}

unsigned int boot_tree_cpus(void)
{
	unsigned int count = 0;

	while (boot_tree_cpu(count) != FDT_NONE)
		count++;
	return count;
}
