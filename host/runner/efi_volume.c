/* SPDX-License-Identifier: BSD-2-Clause */
/* A FAT16 volume as Microsoft's "FAT: General Overview of On-Disk Format" has it. */
#include "runner/efi_volume.h"

#include <endian.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"

#define SECTOR		512
#define ROOT_ENTRIES	16		/* one sector */
#define CLUSTERS_MIN	5000		/* from 4085 on, it is not FAT12 */
#define CLUSTERS_MAX	65000		/* below 65525, it is not FAT32 */
#define ATTR_DIRECTORY	0x10
#define ATTR_ARCHIVE	0x20
#define CHAIN_END	0xffff
#define DAY_ONE		0x0021		/* 1 January 1980 */

enum { CLUSTER_EFI = 2, CLUSTER_BOOT, CLUSTER_FILE };

struct boot_sector {
	uint8_t jump[3];
	char maker[8];
	uint16_t sector_bytes;
	uint8_t cluster_sectors;
	uint16_t reserved_sectors;
	uint8_t fats;
	uint16_t root_entries, sectors16;
	uint8_t media;
	uint16_t fat_sectors, track_sectors, heads;
	uint32_t hidden, sectors32;
	uint8_t drive, unused, extended;
	uint32_t serial;
	char label[11], type[8];
	uint8_t code[448];
	uint16_t signature;
} __attribute__((packed));
_Static_assert(sizeof(struct boot_sector) == SECTOR, "a boot sector is one sector");

struct entry {
	char name[11];
	uint8_t attributes, unused[8];
	uint16_t cluster_high, time, date, cluster;
	uint32_t size;
} __attribute__((packed));
_Static_assert(sizeof(struct entry) == 32, "an entry is 32 bytes");

struct volume {
	uint32_t cluster_sectors, clusters, fat_sectors;
	uint8_t *bytes;
};

static uint32_t divide_up(uint64_t number, uint32_t by)
{
	return (number + by - 1) / by;
}

static uint32_t root_sector(const struct volume *v)
{
	return 1 + 2 * v->fat_sectors;
}

static size_t cluster_offset(const struct volume *v, uint32_t cluster)
{
	return (root_sector(v) + 1 + (size_t)(cluster - 2) * v->cluster_sectors) * SECTOR;
}

static void entry_set(struct entry *entry, const char *name, uint8_t attributes,
		      uint32_t cluster, uint32_t size)
{
	memcpy(entry->name, name, sizeof(entry->name));
	entry->attributes = attributes;
	entry->date = htole16(DAY_ONE);
	entry->cluster = htole16(cluster);
	entry->size = htole32(size);
}

static void directory_set(struct volume *v, uint32_t cluster, uint32_t parent,
			  const char *name, uint8_t attributes, uint32_t first, uint32_t size)
{
	struct entry *entries = (void *)(v->bytes + cluster_offset(v, cluster));

	entry_set(&entries[0], ".          ", ATTR_DIRECTORY, cluster, 0);
	entry_set(&entries[1], "..         ", ATTR_DIRECTORY, parent, 0);
	entry_set(&entries[2], name, attributes, first, size);
}

static void chains_set(struct volume *v, uint32_t file_clusters)
{
	for (unsigned int i = 0; i < 2; i++) {
		uint16_t *fat = (void *)(v->bytes + (1 + i * v->fat_sectors) * SECTOR);

		fat[0] = htole16(0xfff8);
		fat[1] = htole16(CHAIN_END);
		fat[CLUSTER_EFI] = fat[CLUSTER_BOOT] = htole16(CHAIN_END);
		for (uint32_t at = 0; at < file_clusters; at++)
			fat[CLUSTER_FILE + at] = htole16(at + 1 < file_clusters ?
							 CLUSTER_FILE + at + 1 : CHAIN_END);
	}
}

void *efi_volume_make(const char name[11], const void *bytes, size_t size, size_t *length)
{
	struct volume v = { .cluster_sectors = 1 };
	struct boot_sector *boot;
	uint32_t file_clusters;

	while (divide_up(size, v.cluster_sectors * SECTOR) > CLUSTERS_MAX - 2)
		v.cluster_sectors *= 2;
	file_clusters = divide_up(size, v.cluster_sectors * SECTOR);
	v.clusters = file_clusters + 2 < CLUSTERS_MIN ? CLUSTERS_MIN : file_clusters + 2;
	v.fat_sectors = divide_up((v.clusters + 2) * sizeof(uint16_t), SECTOR);
	*length = cluster_offset(&v, v.clusters + 2);
	v.bytes = mem_new(*length);
	boot = (void *)v.bytes;
	*boot = (struct boot_sector){
		.jump = { 0xeb, 0x3c, 0x90 }, .maker = "FLATBED ",
		.sector_bytes = htole16(SECTOR), .cluster_sectors = v.cluster_sectors,
		.reserved_sectors = htole16(1), .fats = 2, .root_entries = htole16(ROOT_ENTRIES),
		.media = 0xf8, .fat_sectors = htole16(v.fat_sectors),
		.track_sectors = htole16(32), .heads = htole16(2),
		.sectors32 = htole32(*length / SECTOR), .drive = 0x80, .extended = 0x29,
		.label = "FLATBED    ", .type = "FAT16   ", .signature = htole16(0xaa55),
	};
	chains_set(&v, file_clusters);
	entry_set((void *)(v.bytes + root_sector(&v) * SECTOR), "EFI        ", ATTR_DIRECTORY,
		  CLUSTER_EFI, 0);
	directory_set(&v, CLUSTER_EFI, 0, "BOOT       ", ATTR_DIRECTORY, CLUSTER_BOOT, 0);
	directory_set(&v, CLUSTER_BOOT, CLUSTER_EFI, name, ATTR_ARCHIVE,
		      file_clusters ? CLUSTER_FILE : 0, size);
	if (size)
		memcpy(v.bytes + cluster_offset(&v, CLUSTER_FILE), bytes, size);
	return v.bytes;
}
