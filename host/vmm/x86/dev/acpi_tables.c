/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's tables (ACPI 6, chapter 5): RSDP, RSDT, XSDT, FACS, FADT, DSDT, MADT,
 * and HPET and DMAR where the machine has what they describe.
 */
#include <stdlib.h>
#include <string.h>

#include "vmm/machine.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/ioapic.h"
#include "vmm/x86/vtd.h"

/* From ACPI_TABLES on; the RSDP must be in front, on a 16-byte boundary. */
#define RSDP		0x000u
#define XSDT		0x040u
#define RSDT		0x0c0u
#define FACS		0x100u		/* on a 64-byte boundary */
#define FADT		0x140u
#define NEXT		0x240u		/* the others, one behind the other */
#define MAX_TABLES	8
#define HEADER_SIZE	36u
#define WAKING_VECTOR	12u		/* in the FACS */

struct header {
	char signature[4];
	uint32_t length;
	uint8_t revision, checksum;
	char oem[6], oem_table[8];
	uint32_t oem_revision;
	char creator[4];
	uint32_t creator_revision;
} __attribute__((packed));

struct tables {
	uint8_t *at;
	size_t size, next;
	uint32_t listed[MAX_TABLES];	/* offsets of those that RSDT and XSDT name */
	unsigned int count;
};

static uint8_t sum(const uint8_t *at, size_t size)
{
	uint8_t total = 0;

	while (size--)
		total += at[size];
	return total;
}

static void put(uint8_t *at, uint64_t value, unsigned int size)
{
	memcpy(at, &value, size);
}

static void table_finish(uint8_t *table, const char *signature, uint8_t revision,
			 size_t length)
{
	struct header *h = (struct header *)table;

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
}

/* Room for a table behind the others, or NULL. */
static uint8_t *table_begin(struct tables *t, size_t length)
{
	uint8_t *table = t->at + t->next;

	if (length > t->size - t->next)
		return NULL;
	t->listed[t->count++] = t->next;
	t->next = (t->next + length + 15) & ~(size_t)15;
	return table;
}

/*
 * AML (ACPI 6, chapter 20): \_S3_ and \_S5_ are packages of the sleep type for
 * each control register.
 */
static const uint8_t aml[] = {
	0x08, '_', 'S', '3', '_', 0x12, 0x0a, 0x04,
	0x0a, ACPI_SLEEP_S3, 0x0a, ACPI_SLEEP_S3, 0x0a, 0, 0x0a, 0,
	0x08, '_', 'S', '5', '_', 0x12, 0x0a, 0x04,
	0x0a, ACPI_SLEEP_S5, 0x0a, ACPI_SLEEP_S5, 0x0a, 0, 0x0a, 0,
};

static bool dsdt_build(struct tables *t, uint32_t *where)
{
	size_t length = HEADER_SIZE + sizeof(aml);
	uint8_t *table = table_begin(t, length);

	if (!table)
		return false;
	/* The FADT names it, and no other table does. */
	*where = t->listed[--t->count];
	memcpy(table + HEADER_SIZE, aml, sizeof(aml));
	table_finish(table, "DSDT", 1, length);
	return true;
}

/* ACPI 6, 5.2.9; revision 3, which is as long as all that we say. */
static void fadt_build(struct tables *t, uint32_t dsdt)
{
	uint8_t *table = t->at + FADT;

	put(table + 36, ACPI_TABLES + FACS, 4);
	put(table + 40, ACPI_TABLES + dsdt, 4);
	put(table + 46, ACPI_SCI, 2);
	put(table + 56, ACPI_PM_EVENT, 4);
	put(table + 64, ACPI_PM_CONTROL, 4);
	put(table + 76, ACPI_PM_TIMER, 4);
	table[88] = 4;		/* bytes of the event block: status and enable */
	table[89] = 2;
	table[91] = 4;		/* PM timer */
	put(table + 96, 0xffff, 2);	/* C2 and C3 latencies: neither is there */
	put(table + 98, 0xffff, 2);
	table[108] = 0x32;	/* CMOS index of the century */
	put(table + 109, 1 << 0 | 1 << 1, 2);	/* legacy devices, i8042 */
	/* WBINVD; no fixed buttons; the RTC's status is in the fixed registers. */
	put(table + 112, 1 << 0 | 1 << 4 | 1 << 5, 4);
	table_finish(table, "FACP", 3, 244);
	t->listed[t->count++] = FADT;
}

/* One CPU's entry: a local APIC, or a local x2APIC where 8 bits do not suffice. */
static unsigned int cpu_entry(uint8_t *at, unsigned int i)
{
	bool wide = i > 254;

	at[0] = wide ? 9 : 0;
	at[1] = wide ? 16 : 8;
	if (wide) {
		put(at + 4, i, 4);
		put(at + 8, 1, 4);
		put(at + 12, i, 4);
	} else {
		at[2] = at[3] = i;
		put(at + 4, 1, 4);
	}
	return at[1];
}

static bool madt_build(struct tables *t, const struct vm_config *config)
{
	unsigned int wide = config->cpus > 255 ? config->cpus - 255 : 0;
	size_t length = 44 + 12 + 8 * (config->cpus - wide) + 16 * wide, at = 44;
	uint8_t *table = table_begin(t, length);

	if (!table)
		return false;
	put(table + 36, 0xfee00000, 4);
	put(table + 40, 1, 4);		/* 8259s are there */
	table[at] = 1;			/* I/O APIC */
	table[at + 1] = 12;
	put(table + at + 4, 0xfec00000, 4);
	at += 12;
	for (unsigned int i = 0; i < config->cpus; i++)
		at += cpu_entry(table + at, i);
	table_finish(table, "APIC", 3, length);
	return true;
}

/* IA-PC HPET 1.0a, 3.2.4: where it is, and what its capabilities' low half says. */
static bool hpet_build(struct tables *t)
{
	uint8_t *table = table_begin(t, 56);

	if (!table)
		return false;
	put(table + 36, 0x80862201, 4);
	table[41] = 64;			/* a memory address of 64 bits */
	put(table + 44, ACPI_HPET, 8);
	table_finish(table, "HPET", 1, 56);
	return true;
}

/*
 * VT-d 8.1 and 8.3: one unit for all of PCI, and for the I/O APIC, which sends with
 * a source of its own.
 */
static bool dmar_build(struct tables *t, const struct vm_config *config)
{
	const size_t unit = 48, scope = unit + 16, length = scope + 8;
	uint8_t *table;

	if (!device_asked(config, VTD_DEVICE))
		return true;
	table = table_begin(t, length);
	if (!table)
		return false;
	table[36] = VTD_ADDRESS_BITS - 1;
	table[37] = config->platform.irqchip == VM_IRQCHIP_SPLIT;
	put(table + unit + 2, length - unit, 2);
	table[unit + 4] = 1;		/* all of PCI */
	put(table + unit + 8, VTD_BASE, 8);
	table[scope] = 3;		/* I/O APIC */
	table[scope + 1] = 8;
	table[scope + 5] = IOAPIC_SOURCE >> 8;
	table[scope + 6] = IOAPIC_SOURCE >> 3 & 0x1f;
	table[scope + 7] = IOAPIC_SOURCE & 7;
	table_finish(table, "DMAR", 1, length);
	return true;
}

static void roots_build(struct tables *t)
{
	uint8_t *rsdp = t->at + RSDP, *rsdt = t->at + RSDT, *xsdt = t->at + XSDT;

	for (unsigned int i = 0; i < t->count; i++) {
		put(rsdt + HEADER_SIZE + 4 * i, ACPI_TABLES + t->listed[i], 4);
		put(xsdt + HEADER_SIZE + 8 * i, ACPI_TABLES + t->listed[i], 8);
	}
	table_finish(rsdt, "RSDT", 1, HEADER_SIZE + 4 * t->count);
	table_finish(xsdt, "XSDT", 1, HEADER_SIZE + 8 * t->count);
	memcpy(rsdp, "RSD PTR ", 8);
	memcpy(rsdp + 9, "FLATBD", 6);
	rsdp[15] = 2;
	put(rsdp + 16, ACPI_TABLES + RSDT, 4);
	put(rsdp + 20, 36, 4);
	put(rsdp + 24, ACPI_TABLES + XSDT, 8);
	rsdp[8] = -sum(rsdp, 20);
	rsdp[32] = -sum(rsdp, 36);
}

size_t acpi_tables_build(uint8_t *at, size_t size, const struct vm_config *config)
{
	struct tables t = { .at = at, .size = size, .next = NEXT };
	uint32_t dsdt;

	if (size < NEXT || !dsdt_build(&t, &dsdt) || !madt_build(&t, config) ||
	    !hpet_build(&t) || !dmar_build(&t, config))
		return 0;
	memcpy(at + FACS, "FACS", 4);
	put(at + FACS + 4, 64, 4);
	at[FACS + 32] = 2;		/* version */
	fadt_build(&t, dsdt);
	roots_build(&t);
	return t.next;
}

void acpi_tables_write(void)
{
	uint8_t *area = calloc(1, ACPI_TABLES_SIZE);
	size_t used;

	must(area ? 0 : -1, "memory for ACPI's tables");
	used = acpi_tables_build(area, ACPI_TABLES_SIZE, machine.config);
	if (!used)
		machine_end(NULL, VM_END_UNSUPPORTED, 0,
			    "ACPI's tables have no room for %u CPUs",
			    machine.config->cpus);
	ram_write(ACPI_TABLES, area, used);
	free(area);
}

uint32_t acpi_waking_vector(void)
{
	const uint8_t *vector = ram_at(ACPI_TABLES + FACS + WAKING_VECTOR, 4);
	uint32_t value;

	memcpy(&value, vector, sizeof(value));
	return value;
}
