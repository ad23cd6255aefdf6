/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI functions of bus 0 (PCI Local Bus 3.0).  No firmware runs: BARs are
 * assigned, decoding is on and the interrupt line register is filled in.
 */
#ifndef HOST_VMM_PCI_H
#define HOST_VMM_PCI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vmm/device.h"

#define PCI_BARS	2
#define PCI_DEVFN(slot, function)	((slot) << 3 | (function))

struct pci_function {
	struct device *device;	/* whose lock is held in its BARs' handlers */
	uint8_t devfn;		/* slot << 3 | function: also its source id */
	uint16_t id[2];		/* vendor, device */
	uint16_t subsystem[2];	/* vendor, device */
	uint32_t class;		/* class code << 8 | revision */
	bool interrupt;		/* INTA#, and one MSI if @msi */
	bool msi;

	/* .space BUS_NONE: no such BAR.  The size is a power of two. */
	struct bus_range bars[PCI_BARS];

	/* Called after BAR @n has moved from @old, under pci's lock; or NULL. */
	void (*moved)(unsigned int n, gpa_t old);

	uint8_t *config, *writable;	/* pci.c's */
	unsigned int bus_id[PCI_BARS];
	gpa_t base[PCI_BARS];
};

/* A function registers by existing; it is there if its device is. */
#define PCI_REGISTER(id)						\
	static struct pci_function *const id##_registered		\
	__attribute__((used, section("vm_pci"))) = &(id)

/* Weak: a machine may have no PCI. */
extern struct pci_function *const __start_vm_pci[] __attribute__((weak));
extern struct pci_function *const __stop_vm_pci[] __attribute__((weak));

/**
 * for_each_pci_function() - @f points at each registered function in turn
 */
#define for_each_pci_function(f)					\
	for (struct pci_function *const *f##_at = __start_vm_pci, *f;	\
	     f##_at < __stop_vm_pci && (f = *f##_at); f##_at++)

/**
 * pci_bar() - where BAR @n is decoded now, or BUS_NOWHERE
 */
gpa_t pci_bar(const struct pci_function *f, unsigned int n);

/**
 * pci_bus_master() - may the function read and write memory?
 */
bool pci_bus_master(const struct pci_function *f);

/**
 * pci_interrupt() - say whether the function wants attention
 * @f: which
 * @wanted: INTA# follows it; with MSI enabled, each call with true sends the
 *	message
 */
void pci_interrupt(struct pci_function *f, bool wanted);

/**
 * pci_dma_read(), pci_dma_write() - a function's access to memory
 * @f: which
 * @address: as the function says it: an IOMMU may translate
 * @data: copied to or from
 * @size: bytes
 *
 * Returns false if not all of it is RAM that the function may access; what
 * comes before the first such byte is done.
 */
bool pci_dma_read(const struct pci_function *f, uint64_t address, void *data,
		  size_t size);
bool pci_dma_write(const struct pci_function *f, uint64_t address,
		   const void *data, size_t size);

#endif
