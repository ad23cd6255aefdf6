/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI where its host bridge is in memory: the one of pci_tree.h. */
#include <io.h>
#include <pci_tree.h>

static struct pci_tree host;
static struct io *ecam;

static bool host_find(void)
{
	static bool sought;

	if (sought)
		return ecam;
	sought = true;
	if (!pci_tree_open(&host))
		return false;
	ecam = io_map(host.ecam, ECAM_BUS_SIZE);
	/* There was no firmware to do it. */
	if (!pci_assign(host.memory, host.io))
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
		(pci_bar_is_io(devfn, n) ? host.io_offset : host.memory_offset);

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
