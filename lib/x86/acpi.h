/* SPDX-License-Identifier: BSD-2-Clause */
/* ACPI tables (ACPI 6, chapter 5). */
#ifndef ACPI_H
#define ACPI_H

#include <base.h>

struct acpi_header {
	char signature[4];
	u32 length;
	u8 revision, checksum;
	char oem[6], oem_table[8];
	u32 oem_revision;
	char creator[4];
	u32 creator_revision;
} __attribute__((packed));

/**
 * acpi_table() - the first table with this signature whose checksum is right
 * @signature: four characters, "FACP", "APIC", …
 *
 * Returns NULL if there is none, or no ACPI at all.
 */
const struct acpi_header *acpi_table(const char *signature);

/**
 * acpi_field32() - a little-endian 32-bit field of a table, 0 beyond its end
 * @offset: bytes from the table's start
 */
u32 acpi_field32(const struct acpi_header *table, size_t offset);

#define ACPI_FADT_PM_TIMER	76	/* PM_TMR_BLK: a port, 0 if absent */

#endif
