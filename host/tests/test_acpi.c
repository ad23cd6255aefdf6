/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's tables, without a machine.  With a directory as its argument it writes the
 * tables there, one file each, for iasl.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vmm/x86/acpi.h"

#define AREA	ACPI_TABLES_SIZE

static uint8_t area[AREA];

static uint64_t get(const uint8_t *at, unsigned int size)
{
	uint64_t value = 0;

	memcpy(&value, at, size);
	return value;
}

static uint8_t sum(const uint8_t *at, size_t size)
{
	uint8_t total = 0;

	while (size--)
		total += *at++;
	return total;
}

static size_t build(const struct vm_config *config)
{
	memset(area, 0, sizeof(area));
	return acpi_tables_build(area, sizeof(area), config);
}

/* A table by its guest-physical address; it is whole, and its sum is zero. */
static const uint8_t *table(uint64_t address, const char *signature)
{
	const uint8_t *at = area + (address - ACPI_TABLES);

	assert_true(address >= ACPI_TABLES && address + 36 <= ACPI_TABLES + AREA);
	if (signature)
		assert_memory_equal(at, signature, 4);
	assert_true(address + get(at + 4, 4) <= ACPI_TABLES + AREA);
	if (memcmp(at, "FACS", 4))
		assert_int_equal(sum(at, get(at + 4, 4)), 0);
	return at;
}

static const uint8_t *listed(const char *signature)
{
	const uint8_t *xsdt = table(get(area + 24, 8), "XSDT");

	for (size_t at = 36; at < get(xsdt + 4, 4); at += 8) {
		const uint8_t *t = table(get(xsdt + at, 8), NULL);

		if (!memcmp(t, signature, 4))
			return t;
	}
	return NULL;
}

static void roots(void **state)
{
	const struct vm_config config = { .cpus = 1 };
	const uint8_t *rsdt, *xsdt;

	(void)state;
	assert_true(build(&config));
	assert_memory_equal(area, "RSD PTR ", 8);
	assert_int_equal(sum(area, 20), 0);
	assert_int_equal(sum(area, 36), 0);
	assert_true(area[15] >= 2);
	rsdt = table(get(area + 16, 4), "RSDT");
	xsdt = table(get(area + 24, 8), "XSDT");
	/* Both list the same tables. */
	assert_int_equal((get(rsdt + 4, 4) - 36) / 4, (get(xsdt + 4, 4) - 36) / 8);
	for (size_t i = 0; i < (get(rsdt + 4, 4) - 36) / 4; i++)
		assert_int_equal(get(rsdt + 36 + 4 * i, 4), get(xsdt + 36 + 8 * i, 8));
}

static void fixed_hardware(void **state)
{
	const struct vm_config config = { .cpus = 1 };
	const uint8_t *fadt;

	(void)state;
	assert_true(build(&config));
	fadt = listed("FACP");
	assert_non_null(fadt);
	assert_int_equal(get(fadt + 36, 4) % 64, 0);
	table(get(fadt + 36, 4), "FACS");
	table(get(fadt + 40, 4), "DSDT");
	assert_int_equal(get(fadt + 46, 2), ACPI_SCI);
	assert_int_equal(get(fadt + 56, 4), ACPI_PM_EVENT);
	assert_int_equal(get(fadt + 64, 4), ACPI_PM_CONTROL);
	assert_int_equal(get(fadt + 76, 4), ACPI_PM_TIMER);
	/* The DSDT is the FADT's, and no root's. */
	assert_null(listed("DSDT"));
	assert_non_null(listed("HPET"));
	assert_null(listed("DMAR"));
}

static void cpus(void **state)
{
	static const unsigned int counts[] = { 1, 2, 255, 256, 300, 1024 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts); i++) {
		const struct vm_config config = { .cpus = counts[i] };
		unsigned int found = 0;
		const uint8_t *madt;

		assert_true(build(&config));
		madt = listed("APIC");
		assert_non_null(madt);
		for (size_t at = 44; at < get(madt + 4, 4); at += madt[at + 1]) {
			assert_true(madt[at + 1] >= 8);
			if (madt[at] == 0)
				assert_int_equal(madt[at + 3], found++);
			if (madt[at] == 9)
				assert_int_equal(get(madt + at + 4, 4), found++);
		}
		assert_int_equal(found, counts[i]);
	}
}

static void too_many(void **state)
{
	const struct vm_config config = { .cpus = 100000 };

	(void)state;
	assert_int_equal(build(&config), 0);
	assert_int_equal(acpi_tables_build(area, 100, &config), 0);
}

static void file_write(const char *directory, const char *name, const uint8_t *at)
{
	char path[256];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%.4s.dat", directory, name);
	file = fopen(path, "we");
	if (!file || fwrite(at, 1, get(at + 4, 4), file) != get(at + 4, 4) ||
	    fclose(file))
		exit(1);
}

static int tables_write(const char *directory)
{
	static const char *const names[] = { "FACP", "APIC", "HPET", "DMAR" };
	static const char *const devices[] = { "intel-iommu,eim=off", NULL };
	const struct vm_config config = {
		.cpus = 300, .devices = devices,
		.platform = { .irqchip = VM_IRQCHIP_SPLIT },
	};

	build(&config);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		file_write(directory, names[i], listed(names[i]));
	file_write(directory, "RSDT", table(get(area + 16, 4), "RSDT"));
	file_write(directory, "XSDT", table(get(area + 24, 8), "XSDT"));
	file_write(directory, "FACS", table(get(listed("FACP") + 36, 4), "FACS"));
	file_write(directory, "DSDT", table(get(listed("FACP") + 40, 4), "DSDT"));
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(roots),
		cmocka_unit_test(fixed_hardware),
		cmocka_unit_test(cpus),
		cmocka_unit_test(too_many),
	};

	return argc > 1 ? tables_write(argv[1]) :
		cmocka_run_group_tests(tests, NULL, NULL);
}
