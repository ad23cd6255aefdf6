/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A PCI host bridge with enhanced configuration access (PCIe 5.0, 7.2.2), as the device
 * tree describes it: what pci_ecam.c drives.
 */
#ifndef PCI_TREE_H
#define PCI_TREE_H

#include <pci.h>

#define ECAM_BUS_SIZE		0x100000u
#define ECAM_FUNCTION_SHIFT	12

struct pci_tree {
	u64 ecam;				/* bus 0's registers; the CPU's address */
	struct pci_window memory, io;
	u64 memory_offset, io_offset;		/* from the bus' addresses to the CPU's */
};

/**
 * pci_tree_open() - the first such bridge
 *
 * Returns false if there is none, or none that this image can reach.
 */
bool pci_tree_open(struct pci_tree *tree);

#endif
