/* SPDX-License-Identifier: BSD-2-Clause */
/* The host bridge's windows: "ranges" of the IEEE 1275 PCI binding. */
#include <boot.h>
#include <fdt.h>
#include <pci_tree.h>

/* 3 cells of the bus, 2 of the CPU, 2 of size. */
#define RANGE_CELLS		7
#define RANGE_SPACE(first)	((first) >> 24 & 3)
#define SPACE_IO		1
#define SPACE_MEMORY		2

/* A BAR of 0 is one that was not assigned: I/O begins above. */
#define IO_FIRST	0x1000u

static u32 cell(const u8 *p, unsigned int n)
{
	p += 4 * n;
	return (u32)p[0] << 24 | (u32)p[1] << 16 | (u32)p[2] << 8 | p[3];
}

/* I/O is memory to the CPU, too, at another address. */
static struct pci_window window_find(int node, u32 space, u64 *offset)
{
	u32 size;
	const u8 *range = fdt_get(boot_info.fdt, node, "ranges", &size);

	for (; size >= 4 * RANGE_CELLS; size -= 4 * RANGE_CELLS,
	     range += 4 * RANGE_CELLS)
		if (RANGE_SPACE(cell(range, 0)) == space) {
			u64 bus = (u64)cell(range, 1) << 32 | cell(range, 2);

			*offset = ((u64)cell(range, 3) << 32 | cell(range, 4)) - bus;
			return (struct pci_window){
				bus, (u64)cell(range, 5) << 32 | cell(range, 6),
			};
		}
	return (struct pci_window){ 0 };
}

bool pci_tree_open(struct pci_tree *tree)
{
	int node = fdt_compatible(boot_info.fdt, FDT_NONE, "pci-host-ecam-generic");
	u64 size;

	*tree = (struct pci_tree){ 0 };
	if (node == FDT_NONE || !fdt_reg(boot_info.fdt, node, 0, &tree->ecam, &size))
		return false;
	/* 32-bit images do not reach what lies above 4 GiB. */
	if (tree->ecam + ECAM_BUS_SIZE > (uintptr_t)-1)
		return false;
	tree->memory = window_find(node, SPACE_MEMORY, &tree->memory_offset);
	tree->io = window_find(node, SPACE_IO, &tree->io_offset);
	if (tree->io.size > IO_FIRST && !tree->io.base) {
		tree->io.base += IO_FIRST;
		tree->io.size -= IO_FIRST;
	}
	return true;
}
