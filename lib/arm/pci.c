/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI Express' enhanced configuration access (PCIe 5.0, 7.2.2), from the tree. */
#include <boot.h>
#include <fdt.h>
#include <paging.h>
#include <pci.h>

#define ECAM_FUNCTION_SHIFT	12
#define ECAM_BUS_SIZE		0x100000u

/* "ranges" (IEEE 1275 PCI binding): 3 cells of the bus, 2 of the CPU, 2 of size. */
#define RANGE_CELLS		7
#define RANGE_SPACE(first)	((first) >> 24 & 3)
#define SPACE_IO		1
#define SPACE_MEMORY		2

/* A BAR of 0 is one that was not assigned: I/O begins above. */
#define IO_FIRST	0x1000u

static struct io *ecam;
static u64 io_offset, memory_offset;	/* from the bus' addresses to the CPU's */

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

static bool host_find(void)
{
	static bool sought;
	struct pci_window memory, io;
	u64 base, size;
	int node;

	if (sought)
		return ecam;
	sought = true;
	node = fdt_compatible(boot_info.fdt, FDT_NONE, "pci-host-ecam-generic");
	if (node == FDT_NONE || !fdt_reg(boot_info.fdt, node, 0, &base, &size))
		return false;
	/* 32-bit images do not reach what lies above 4 GiB. */
	if (base + ECAM_BUS_SIZE > (uintptr_t)-1)
		return false;
	ecam = io_map(base, ECAM_BUS_SIZE);
	/* There was no firmware to do it. */
	memory = window_find(node, SPACE_MEMORY, &memory_offset);
	io = window_find(node, SPACE_IO, &io_offset);
	if (io.size > IO_FIRST && !io.base) {
		io.base += IO_FIRST;
		io.size -= IO_FIRST;
	}
	if (!pci_assign(memory, io))
		panic("PCI devices do not fit into the host bridge's windows");
	return true;
}

static struct io *ecam_function(unsigned int devfn)
{
	return io_at(ecam, (size_t)devfn << ECAM_FUNCTION_SHIFT);
}

u32 pci_read(unsigned int devfn, unsigned int reg)
{
	return host_find() ? io_read32(ecam_function(devfn), reg) : 0xffffffff;
}

void pci_write(unsigned int devfn, unsigned int reg, u32 value)
{
	if (host_find())
		io_write32(ecam_function(devfn), reg, value);
}

static struct io *bar_registers(unsigned int devfn, unsigned int n)
{
	u64 at = pci_bar(devfn, n) +
		(pci_bar_is_io(devfn, n) ? io_offset : memory_offset);

	return io_map(at, pci_bar_size(devfn, n));
}

u32 pci_bar_read(unsigned int devfn, unsigned int n, u32 offset, unsigned int width)
{
	return io_read(bar_registers(devfn, n), offset, width);
}

void pci_bar_write(unsigned int devfn, unsigned int n, u32 offset, unsigned int width,
		   u32 value)
{
	io_write(bar_registers(devfn, n), offset, width, value);
}
