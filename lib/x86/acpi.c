/* SPDX-License-Identifier: BSD-2-Clause */
/* RSDP, then XSDT or RSDT, then the table. */
#include <acpi.h>
#include <boot.h>

#define RSDP_AREA	0xe0000u
#define RSDP_AREA_END	0x100000u

struct rsdp {
	char signature[8];
	u8 checksum;
	char oem[6];
	u8 revision;
	u32 rsdt, length;
	u64 xsdt;
	u8 extended_checksum, reserved[3];
} __attribute__((packed));

static bool sums_to_zero(const void *at, size_t size)
{
	u8 sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += ((const u8 *)at)[i];
	return !sum;
}

static const struct rsdp *rsdp_find(void)
{
	if (boot_info.rsdp)
		return (const struct rsdp *)(uintptr_t)boot_info.rsdp;
	for (uintptr_t at = RSDP_AREA; at < RSDP_AREA_END; at += 16)
		if (!memcmp((const void *)at, "RSD PTR ", 8) &&
		    sums_to_zero((const void *)at, 20))
			return (const struct rsdp *)at;
	return NULL;
}

const struct acpi_header *acpi_table(const char *signature)
{
	const struct rsdp *rsdp = rsdp_find();
	const struct acpi_header *root, *table;
	unsigned int size = 4;

	if (!rsdp)
		return NULL;
	root = (const void *)(uintptr_t)rsdp->rsdt;
	if (rsdp->revision >= 2 && rsdp->xsdt &&
	    rsdp->xsdt <= UINT32_MAX) {
		root = (const void *)(uintptr_t)rsdp->xsdt;
		size = 8;
	}
	for (u32 at = sizeof(*root); at + size <= root->length; at += size) {
		u64 address = 0;

		memcpy(&address, (const u8 *)root + at, size);
		table = (const void *)(uintptr_t)address;
		if (!memcmp(table->signature, signature, 4) &&
		    sums_to_zero(table, table->length))
			return table;
	}
	return NULL;
}

u32 acpi_field32(const struct acpi_header *table, size_t offset)
{
	u32 value = 0;

	if (offset + sizeof(value) <= table->length)
		memcpy(&value, (const u8 *)table + offset, sizeof(value));
	return value;
}
