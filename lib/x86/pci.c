/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration mechanism 1 (PCI 3.0, 3.2.2.3.2). */
#include <asm/cpu.h>
#include <pci.h>

#define PCI_ADDRESS	0xcf8
#define PCI_DATA	0xcfc
#define PCI_ENABLE	0x80000000u

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
