/* SPDX-License-Identifier: BSD-2-Clause */
/* Between devices and memory: nothing, or an IOMMU where the machine has one. */
#ifndef HOST_VMM_X86_IOMMU_H
#define HOST_VMM_X86_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "vmm/device.h"

/**
 * iommu_translate() - where a device's access goes
 * @source: the function's bus, slot and number, as in PCI requests
 * @address: as the device says it
 * @write: which way
 * @gpa: set to the guest's physical address
 *
 * Returns false if the access is blocked.  Good up to the end of the 4 KiB page.
 */
bool iommu_translate(uint16_t source, uint64_t address, bool write, gpa_t *gpa);

/**
 * iommu_remap() - what a device's message becomes
 * @source: the sender, as above
 * @address, @data: as the device says them; changed to what CPUs get
 *
 * Returns false if the interrupt is blocked.
 */
bool iommu_remap(uint16_t source, uint64_t *address, uint32_t *data);

/**
 * iommu_msi() - deliver a message-signalled interrupt of a device, or drop it
 * @source: the sender, as above
 * @address: where it would write
 * @data: what
 */
void iommu_msi(uint16_t source, uint64_t address, uint32_t data);

#endif
