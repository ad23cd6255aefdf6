/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI: the PM timer and registers, and the tables that lead to them (ACPI 6,
 * chapters 4 and 5).
 */
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "vmm/machine.h"

#define PM_EVENT	0x600
#define PM_CONTROL	0x604
#define PM_TIMER	0x608
#define PM_TIMER_HZ	3579545ull
#define SCI		9

#define RSDP		ACPI_TABLES
#define XSDT		(ACPI_TABLES + 0x080)
#define RSDT		(ACPI_TABLES + 0x100)
#define FACS		(ACPI_TABLES + 0x180)
#define FADT		(ACPI_TABLES + 0x200)
#define DSDT		(ACPI_TABLES + 0x380)
#define MADT		(ACPI_TABLES + 0x400)

struct header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

static uint64_t timer_read(uint64_t offset, unsigned int size)
{
	struct timespec t;

	(void)offset;
	(void)size;
	clock_gettime(CLOCK_MONOTONIC, &t);
	/* 24 bits wide; seconds and nanoseconds apart, so that nothing overflows. */
	return (t.tv_sec * PM_TIMER_HZ +
		t.tv_nsec * PM_TIMER_HZ / 1000000000) & 0xffffff;
}

static uint8_t registers[8];	/* status, enable, control */

static uint64_t register_read(uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, registers + offset, size);
	return value;
}

static void register_write(uint64_t offset, unsigned int size, uint64_t value)
{
	if (offset < 2)		/* status bits are cleared by writing ones */
		value = register_read(offset, size) & ~value;
	memcpy(registers + offset, &value, size);
}

static uint8_t sum(const void *at, size_t size)
{
	uint8_t total = 0;

	while (size--)
		total += ((const uint8_t *)at)[size];
	return total;
}

static void table_write(gpa_t at, void *table, const char *signature,
			uint8_t revision, size_t length)
{
	struct header *h = table;

	memcpy(h->signature, signature, 4);
	h->length = length;
	h->revision = revision;
	memcpy(h->oem, "FLATBD", 6);
	memcpy(h->oem_table, "FLATBED ", 8);
	h->oem_revision = 1;
	memcpy(h->creator, "FLAT", 4);
	h->creator_revision = 1;
	h->checksum = 0;
	h->checksum = -sum(table, length);
	ram_write(at, table, length);
}

static void put32(uint8_t *table, size_t offset, uint32_t value)
{
	memcpy(table + offset, &value, sizeof(value));
}

static void fadt_write(void)
{
	uint8_t t[244] = { 0 };

	put32(t, 36, FACS);
	put32(t, 40, DSDT);
	t[46] = SCI;
	put32(t, 56, PM_EVENT);
	put32(t, 64, PM_CONTROL);
	put32(t, 76, PM_TIMER);
	t[88] = 4;		/* event block: status and enable */
	t[89] = 2;
	t[91] = 4;		/* PM timer */
	put32(t, 112, 1 << 0 | 1 << 4 | 1 << 5);	/* WBINVD, no buttons */
	table_write(FADT, t, "FACP", 3, sizeof(t));
}

static void madt_write(void)
{
	static uint8_t t[44 + 12 + 16 * 1024];
	unsigned int at = 44;

	put32(t, 36, 0xfee00000);
	put32(t, 40, 1);		/* 8259s are there */
	t[at] = 1;			/* I/O APIC */
	t[at + 1] = 12;
	put32(t, at + 4, 0xfec00000);
	at += 12;
	for (unsigned int i = 0; i < machine.config->cpus && i < 1024; i++) {
		bool wide = i > 254;

		t[at] = wide ? 9 : 0;	/* local x2APIC, local APIC */
		t[at + 1] = wide ? 16 : 8;
		if (wide) {
			put32(t, at + 4, i);
			put32(t, at + 8, 1);
			put32(t, at + 12, i);
		} else {
			t[at + 2] = t[at + 3] = i;
			put32(t, at + 4, 1);
		}
		at += t[at + 1];
	}
	table_write(MADT, t, "APIC", 3, at);
}

static void acpi_init(void)
{
	uint8_t facs[64] = "FACS", dsdt[36] = { 0 };
	uint8_t xsdt[36 + 16] = { 0 }, rsdt[36 + 8] = { 0 };
	uint8_t rsdp[36] = "RSD PTR ";

	put32(facs, 4, sizeof(facs));
	ram_write(FACS, facs, sizeof(facs));
	table_write(DSDT, dsdt, "DSDT", 1, sizeof(dsdt));
	fadt_write();
	madt_write();
	put32(xsdt, 36, FADT);
	put32(xsdt, 44, MADT);
	table_write(XSDT, xsdt, "XSDT", 1, sizeof(xsdt));
	put32(rsdt, 36, FADT);
	put32(rsdt, 40, MADT);
	table_write(RSDT, rsdt, "RSDT", 1, sizeof(rsdt));
	memcpy(rsdp + 9, "FLATBD", 6);
	rsdp[15] = 2;
	put32(rsdp, 16, RSDT);
	put32(rsdp, 20, sizeof(rsdp));
	put32(rsdp, 24, XSDT);
	rsdp[8] = -sum(rsdp, 20);
	rsdp[32] = -sum(rsdp, sizeof(rsdp));
	ram_write(RSDP, rsdp, sizeof(rsdp));
}

static struct device acpi_device = {
	.name = "acpi",
	.text = "ACPI tables, power-management registers and timer",
	.init = acpi_init,
	.ranges = {
		{ BUS_PORT, PM_EVENT, 8, register_read, register_write, 0,
		  "PM1 status, enable, control" },
		{ BUS_PORT, PM_TIMER, 4, timer_read, NULL, 0,
		  "PM timer, 3.579545 MHz, 24 bits" },
	},
	.state = { 1, registers, sizeof(registers) },
};
DEVICE_REGISTER(acpi_device);
