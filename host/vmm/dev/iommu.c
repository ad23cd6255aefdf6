/* SPDX-License-Identifier: BSD-2-Clause */
/* Without an IOMMU, what a device says is what memory and CPUs get. */
#include "vmm/iommu.h"
#include "vmm/irq.h"

bool iommu_translate(uint16_t source, uint64_t address, bool write, gpa_t *gpa)
{
	(void)source;
	(void)write;
	*gpa = address;
	return true;
}

bool iommu_remap(uint16_t source, uint64_t *address, uint32_t *data)
{
	(void)source;
	(void)address;
	(void)data;
	return true;
}

void iommu_msi(uint16_t source, uint64_t address, uint32_t data)
{
	if (iommu_remap(source, &address, &data))
		irq_msi(address, data);
}
