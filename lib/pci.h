/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI devices on bus 0 (PCI 3.0, chapter 6). */
#ifndef PCI_H
#define PCI_H

#include <base.h>

#define PCI_ID		0x00
#define PCI_COMMAND	0x04
#define PCI_COMMAND_IO		1
#define PCI_COMMAND_MEMORY	2
#define PCI_HEADER_TYPE	0x0c		/* bits 22-16; 23: has more functions */
#define PCI_BAR(n)	(0x10 + 4 * (n))
#define PCI_BARS	6
#define PCI_BAR_IO	1
#define PCI_BAR_64	4
#define PCI_NONE	0xffffffffu
#define PCI_FUNCTIONS	256u

/**
 * pci_read(), pci_write() - a 32-bit register of device.function @devfn
 *
 * Each architecture's own, or pci_ecam.c's; reads are all ones where there is nothing.
 */
u32 pci_read(unsigned int devfn, unsigned int reg);
void pci_write(unsigned int devfn, unsigned int reg, u32 value);

/**
 * pci_bar_read(), pci_bar_write() - what a BAR decodes, as memory or as ports
 * @offset: from where it was assigned to
 * @width: 1, 2 or 4 bytes
 *
 * As pci_read().
 */
u32 pci_bar_read(unsigned int devfn, unsigned int n, u32 offset, unsigned int width);
void pci_bar_write(unsigned int devfn, unsigned int n, u32 offset, unsigned int width,
		   u32 value);

/**
 * pci_find() - devfn of the first function with these ids, or PCI_NONE
 */
unsigned int pci_find(u16 vendor, u16 device);

/**
 * pci_bar() - where a BAR was assigned to: a port or an address, 0 if nowhere (or
 *	where a 32-bit image does not reach)
 */
uintptr_t pci_bar(unsigned int devfn, unsigned int n);

/**
 * pci_bar_size() - bytes that a BAR decodes, 0 if it is none
 *
 * Its value is as before afterwards; do not access the device meanwhile.
 */
u64 pci_bar_size(unsigned int devfn, unsigned int n);

/**
 * pci_bar_is_io(), pci_bar_is_64() - of its kind; a 64-bit BAR takes two numbers
 */
bool pci_bar_is_io(unsigned int devfn, unsigned int n);
bool pci_bar_is_64(unsigned int devfn, unsigned int n);

/* Where a machine without firmware may put devices. */
struct pci_window {
	u64 base, size;			/* as the bus sees it */
};

/**
 * pci_assign() - give all BARs on the bus addresses, and devices their decoders
 * @memory, @io: used up from their base
 *
 * Returns false if they do not fit.
 */
bool pci_assign(struct pci_window memory, struct pci_window io);

#endif
