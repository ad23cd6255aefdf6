/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers by name, found in constant time. */
#ifndef HOST_BASE_MAP_H
#define HOST_BASE_MAP_H

#include <stddef.h>

struct map_entry {
	char *name;		/* NULL: free */
	size_t value;
};

/* All zero is an empty one. */
struct map {
	struct map_entry *entries;
	size_t count, room;	/* room: 0 or a power of two */
};

/**
 * map_at() - the number of a name
 * @map: where
 * @name: which; copied if it is new
 *
 * Returns a place that holds 0 if the name is new, and that is good until the
 * next call.
 */
size_t *map_at(struct map *map, const char *name);

/**
 * map_find() - the number of a name that may not be there
 * @map: where
 * @name: which
 *
 * Returns NULL if it is not.
 */
const size_t *map_find(const struct map *map, const char *name);

/**
 * map_free() - give the memory back; the map is empty then
 * @map: which
 */
void map_free(struct map *map);

#endif
