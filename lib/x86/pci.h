/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI configuration space by mechanism 1 (PCI 3.0, 3.2.2.3.2), bus 0. */
#ifndef PCI_H
#define PCI_H

#include <base.h>

#define PCI_ID		0x00
#define PCI_COMMAND	0x04
#define PCI_BAR(n)	(0x10 + 4 * (n))
#define PCI_NONE	0xffffffffu

/**
 * pci_read(), pci_write() - a 32-bit register of device.function @devfn
 */
u32 pci_read(unsigned int devfn, unsigned int reg);
void pci_write(unsigned int devfn, unsigned int reg, u32 value);

/**
 * pci_find() - devfn of the first function with these ids, or PCI_NONE
 */
unsigned int pci_find(u16 vendor, u16 device);

/**
 * pci_bar() - where a BAR was assigned to: a port or an address, 0 if nowhere
 */
uintptr_t pci_bar(unsigned int devfn, unsigned int n);

#endif
