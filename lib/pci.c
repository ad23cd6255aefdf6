/* SPDX-License-Identifier: BSD-2-Clause */
/* What is the same however configuration space is accessed. */
#include <pci.h>

unsigned int pci_find(u16 vendor, u16 device)
{
	for (unsigned int devfn = 0; devfn < PCI_FUNCTIONS; devfn++)
		if (pci_read(devfn, PCI_ID) == ((u32)device << 16 | vendor))
			return devfn;
	return PCI_NONE;
}

bool pci_bar_is_io(unsigned int devfn, unsigned int n)
{
	return pci_read(devfn, PCI_BAR(n)) & PCI_BAR_IO;
}

bool pci_bar_is_64(unsigned int devfn, unsigned int n)
{
	return !pci_bar_is_io(devfn, n) &&
		pci_read(devfn, PCI_BAR(n)) & PCI_BAR_64;
}

static u64 bar_mask(unsigned int devfn, unsigned int n)
{
	return pci_bar_is_io(devfn, n) ? ~3ull : ~15ull;
}

uintptr_t pci_bar(unsigned int devfn, unsigned int n)
{
	u64 bar = pci_read(devfn, PCI_BAR(n));

	if (pci_bar_is_64(devfn, n))
		bar |= (u64)pci_read(devfn, PCI_BAR(n + 1)) << 32;
	return bar & bar_mask(devfn, n);
}

/* PCI 3.0, 6.2.5.1: bits that cannot be set are below the size. */
u64 pci_bar_size(unsigned int devfn, unsigned int n)
{
	u32 low = pci_read(devfn, PCI_BAR(n)), high = 0;
	bool wide = pci_bar_is_64(devfn, n);
	u64 mask = bar_mask(devfn, n), size = ~0ull << 32;

	if (wide) {
		high = pci_read(devfn, PCI_BAR(n + 1));
		pci_write(devfn, PCI_BAR(n + 1), 0xffffffff);
		size = (u64)pci_read(devfn, PCI_BAR(n + 1)) << 32;
		pci_write(devfn, PCI_BAR(n + 1), high);
	}
	pci_write(devfn, PCI_BAR(n), 0xffffffff);
	size |= pci_read(devfn, PCI_BAR(n));
	pci_write(devfn, PCI_BAR(n), low);
	size &= mask;
	return (u32)size || wide ? -size : 0;
}

static bool window_take(struct pci_window *window, u64 size, u64 *at)
{
	*at = ALIGN_UP(window->base, size);
	if (*at + size > window->base + window->size)
		return false;
	window->size -= *at + size - window->base;
	window->base = *at + size;
	return true;
}

static bool function_assign(unsigned int devfn, struct pci_window *memory,
			    struct pci_window *io)
{
	for (unsigned int n = 0; n < PCI_BARS; n++) {
		u64 size = pci_bar_size(devfn, n), at;
		bool wide = pci_bar_is_64(devfn, n);

		if (!size)
			continue;
		if (!window_take(pci_bar_is_io(devfn, n) ? io : memory, size, &at))
			return false;
		pci_write(devfn, PCI_BAR(n), at);
		if (wide)
			pci_write(devfn, PCI_BAR(++n), at >> 32);
	}
	pci_write(devfn, PCI_COMMAND, pci_read(devfn, PCI_COMMAND) |
		  PCI_COMMAND_IO | PCI_COMMAND_MEMORY);
	return true;
}

bool pci_assign(struct pci_window memory, struct pci_window io)
{
	for (unsigned int devfn = 0; devfn < PCI_FUNCTIONS; devfn++) {
		u32 type;

		if (pci_read(devfn, PCI_ID) == 0xffffffff)
			continue;
		type = pci_read(devfn, PCI_HEADER_TYPE) >> 16 & 0x7f;
		if (type == 0 && !function_assign(devfn, &memory, &io))
			return false;
	}
	return true;
}
