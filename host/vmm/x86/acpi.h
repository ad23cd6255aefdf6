/* SPDX-License-Identifier: BSD-2-Clause */
/* What ACPI's tables say of the machine, and the devices do. */
#ifndef HOST_VMM_X86_ACPI_H
#define HOST_VMM_X86_ACPI_H

#include <stddef.h>
#include <stdint.h>

#include "vmm/vm.h"

#define ACPI_PM_EVENT	0x600	/* ports, where QEMU's chip sets have them */
#define ACPI_PM_CONTROL	0x604
#define ACPI_PM_TIMER	0x608
#define ACPI_SCI	9	/* interrupt line */
#define ACPI_SLEEP_S3	1	/* sleep types of the control register */
#define ACPI_SLEEP_S5	0
#define ACPI_HPET	0xfed00000u

#define ACPI_TABLES	0xf0000ull	/* guest-physical */
#define ACPI_TABLES_SIZE	0xe000u

/**
 * acpi_tables_build() - the tables of a machine
 * @at: zeros; filled in as it is to be at ACPI_TABLES
 * @size: bytes at @at, ACPI_TABLES_SIZE at most
 * @config: the machine
 *
 * Returns the bytes used, or 0 if @size does not suffice.
 */
size_t acpi_tables_build(uint8_t *at, size_t size, const struct vm_config *config);

/**
 * acpi_tables_write() - the machine's tables into its RAM
 */
void acpi_tables_write(void);

/**
 * acpi_waking_vector() - what the guest wrote into the FACS
 */
uint32_t acpi_waking_vector(void);

#endif
