/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration mechanism 1. */
#include <asm/cpu.h>
#include <pci.h>

#define PCI_ADDRESS	0xcf8
#define PCI_DATA	0xcfc
#define PCI_ENABLE	0x80000000u
#define PCI_FUNCTIONS	256u

u32 pci_read(unsigned int devfn, unsigned int reg)
{
	out32(PCI_ADDRESS, PCI_ENABLE | devfn << 8 | reg);
	return in32(PCI_DATA);
}

void pci_write(unsigned int devfn, unsigned int reg, u32 value)
{
	out32(PCI_ADDRESS, PCI_ENABLE | devfn << 8 | reg);
	out32(PCI_DATA, value);
}

unsigned int pci_find(u16 vendor, u16 device)
{
	for (unsigned int devfn = 0; devfn < PCI_FUNCTIONS; devfn++)
		if (pci_read(devfn, PCI_ID) == ((u32)device << 16 | vendor))
			return devfn;
	return PCI_NONE;
}

uintptr_t pci_bar(unsigned int devfn, unsigned int n)
{
	u32 bar = pci_read(devfn, PCI_BAR(n));

	return bar & 1 ? bar & ~3u : bar & ~15u;
}
