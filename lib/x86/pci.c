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

static u32 mmio_read(volatile void *at, unsigned int width)
{
	return width == 1 ? *(volatile u8 *)at :
		width == 2 ? *(volatile u16 *)at : *(volatile u32 *)at;
}

static void mmio_write(volatile void *at, unsigned int width, u32 value)
{
	if (width == 1)
		*(volatile u8 *)at = value;
	else if (width == 2)
		*(volatile u16 *)at = value;
	else
		*(volatile u32 *)at = value;
}

u32 pci_bar_read(unsigned int devfn, unsigned int n, u32 offset, unsigned int width)
{
	uintptr_t at = pci_bar(devfn, n) + offset;

	if (!pci_bar_is_io(devfn, n))
		return mmio_read((volatile void *)at, width);
	return width == 1 ? in8(at) : width == 2 ? in16(at) : in32(at);
}

void pci_bar_write(unsigned int devfn, unsigned int n, u32 offset, unsigned int width,
		   u32 value)
{
	uintptr_t at = pci_bar(devfn, n) + offset;

	if (!pci_bar_is_io(devfn, n))
		mmio_write((volatile void *)at, width, value);
	else if (width == 1)
		out8(at, value);
	else if (width == 2)
		out16(at, value);
	else
		out32(at, value);
}
