/* SPDX-License-Identifier: BSD-2-Clause */
/* The volume for UEFI firmware, read as a driver reads it: from its boot sector on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/buf.h"
#include "runner/efi_volume.h"

#define NAME	"BOOTX64 EFI"

struct disk {
	uint8_t *bytes;
	size_t size, cluster_bytes, fat, root, data;
	uint32_t clusters;
};

static uint32_t number(const struct disk *d, size_t at, unsigned int bytes)
{
	uint32_t value = 0;

	assert_true(at + bytes <= d->size);
	while (bytes--)
		value = value << 8 | d->bytes[at + bytes];
	return value;
}

static void disk_open(struct disk *d)
{
	size_t sector = number(d, 11, 2), fats = number(d, 16, 1), each = number(d, 22, 2);
	size_t root = number(d, 17, 2) * 32;

	assert_int_equal(number(d, 510, 2), 0xaa55);
	assert_int_equal(number(d, 32, 4) * sector, d->size);
	d->cluster_bytes = number(d, 13, 1) * sector;
	d->fat = number(d, 14, 2) * sector;
	d->root = d->fat + fats * each * sector;
	d->data = d->root + root;
	d->clusters = (d->size - d->data) / d->cluster_bytes;
	/* Which is all that makes it FAT16, and every cluster has its entry. */
	assert_in_range(d->clusters, 4085, 65524);
	assert_true((d->clusters + 2) * 2 <= each * sector);
	assert_memory_equal(d->bytes + d->fat, d->bytes + d->fat + each * sector, each * sector);
}

static size_t cluster_at(const struct disk *d, uint32_t cluster)
{
	assert_in_range(cluster, 2, d->clusters + 1);
	return d->data + (cluster - 2) * d->cluster_bytes;
}

/* The entry of this name; returns its offset. */
static size_t find(const struct disk *d, size_t directory, const char *name)
{
	for (size_t at = directory; number(d, at, 1); at += 32)
		if (!memcmp(d->bytes + at, name, 11))
			return at;
	fail_msg("no '%s'", name);
	return 0;
}

static void volume_check(size_t size, size_t cluster_bytes)
{
	uint8_t *file = mem_new(size);
	struct disk d = { 0 };
	size_t directory, entry, at = 0;
	uint32_t cluster;

	for (size_t i = 0; i < size; i++)
		file[i] = i * 2654435761u >> 24;
	d.bytes = efi_volume_make(NAME, file, size, &d.size);
	disk_open(&d);
	assert_int_equal(d.cluster_bytes, cluster_bytes);
	entry = find(&d, d.root, "EFI        ");
	assert_int_equal(number(&d, entry + 11, 1), 0x10);
	directory = cluster_at(&d, number(&d, entry + 26, 2));
	entry = find(&d, directory, "BOOT       ");
	directory = cluster_at(&d, number(&d, entry + 26, 2));
	assert_int_equal(number(&d, find(&d, directory, "..         ") + 26, 2), 2);
	entry = find(&d, directory, NAME);
	assert_int_equal(number(&d, entry + 28, 4), size);
	for (cluster = number(&d, entry + 26, 2); at < size; at += d.cluster_bytes) {
		size_t left = size - at < d.cluster_bytes ? size - at : d.cluster_bytes;

		assert_memory_equal(d.bytes + cluster_at(&d, cluster), file + at, left);
		cluster = number(&d, d.fat + cluster * 2, 2);
	}
	assert_int_equal(cluster, size ? 0xffff : 0);
	free(d.bytes);
	free(file);
}

static void small_files(void **state)
{
	(void)state;
	volume_check(0, 512);
	volume_check(1, 512);
	volume_check(512, 512);
	volume_check(513, 512);
	volume_check(5000 * 512, 512);
}

/* Where a cluster has to be more than a sector. */
static void large_files(void **state)
{
	(void)state;
	volume_check(64998 * 512, 512);
	volume_check(64998 * 512 + 1, 1024);
	volume_check(100 << 20, 2048);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_files),
		cmocka_unit_test(large_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
