/* SPDX-License-Identifier: BSD-2-Clause */
/* A hash to compare large amounts of bytes by: quick, and not for secrets. */
#ifndef HOST_BASE_HASH_H
#define HOST_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#define HASH_STEP	64	/* bytes of all lanes together */

struct hash {
	uint64_t lane[8];
	uint64_t size;
};

/**
 * hash_begin(), hash_add(), hash_end() - hash bytes as they come
 * @size: a multiple of HASH_STEP, but for the last
 *
 * Any change within eight aligned bytes changes the result for sure, any other
 * but for an accident.  The same on every host of one byte order.
 */
struct hash hash_begin(void);
void hash_add(struct hash *hash, const void *bytes, size_t size);
uint64_t hash_end(struct hash *hash);

/**
 * hash_bytes() - the three at once
 */
uint64_t hash_bytes(const void *bytes, size_t size);

#endif
