/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers by name: open addressing, at most half full. */
#include "base/map.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"

/* FNV-1a. */
static uint64_t hash(const char *name)
{
	uint64_t sum = 0xcbf29ce484222325ull;

	for (; *name; name++)
		sum = (sum ^ (unsigned char)*name) * 0x100000001b3ull;
	return sum;
}

/* The name's entry, or the free one where it would be. */
static struct map_entry *entry_of(const struct map *map, const char *name)
{
	size_t at = hash(name) & (map->room - 1);

	while (map->entries[at].name && strcmp(map->entries[at].name, name))
		at = (at + 1) & (map->room - 1);
	return &map->entries[at];
}

static void grow(struct map *map)
{
	struct map larger = { .count = map->count, .room = map->room ? map->room * 2 : 64 };

	larger.entries = mem_new(larger.room * sizeof(*larger.entries));
	for (size_t i = 0; i < map->room; i++)
		if (map->entries[i].name)
			*entry_of(&larger, map->entries[i].name) = map->entries[i];
	free(map->entries);
	*map = larger;
}

size_t *map_at(struct map *map, const char *name)
{
	struct map_entry *entry;

	if (map->count * 2 >= map->room)
		grow(map);
	entry = entry_of(map, name);
	if (!entry->name) {
		entry->name = mem_copy(name);
		map->count++;
	}
	return &entry->value;
}

const size_t *map_find(const struct map *map, const char *name)
{
	const struct map_entry *entry = map->room ? entry_of(map, name) : NULL;

	return entry && entry->name ? &entry->value : NULL;
}

void map_free(struct map *map)
{
	for (size_t i = 0; i < map->room; i++)
		free(map->entries[i].name);
	free(map->entries);
	*map = (struct map){ 0 };
}
