/* SPDX-License-Identifier: BSD-2-Clause */
/* Multiply, rotate, in four lanes whose multiplications overlap. */
#include "base/hash.h"

#include <string.h>

#define LANES	4
#define FACTOR	0xd6e8feb86659fd93ull

/* Each step can be undone: what differs once stays different. */
static uint64_t mix(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * FACTOR;
	return lane << 29 | lane >> 35;
}

struct hash hash_begin(void)
{
	return (struct hash){ { 1, 2, 3, 4 }, 0 };
}

void hash_add(struct hash *hash, const void *bytes, size_t size)
{
	uint64_t a = hash->lane[0], b = hash->lane[1];
	uint64_t c = hash->lane[2], d = hash->lane[3], word[LANES];
	const char *at = bytes;

	hash->size += size;
	for (; size >= HASH_STEP; size -= HASH_STEP, at += HASH_STEP) {
		memcpy(word, at, HASH_STEP);
		a = mix(a, word[0]);
		b = mix(b, word[1]);
		c = mix(c, word[2]);
		d = mix(d, word[3]);
	}
	memset(word, 0, sizeof(word));
	memcpy(word, at, size);
	hash->lane[0] = size ? mix(a, word[0]) : a;
	hash->lane[1] = size > 8 ? mix(b, word[1]) : b;
	hash->lane[2] = size > 16 ? mix(c, word[2]) : c;
	hash->lane[3] = size > 24 ? mix(d, word[3]) : d;
}

uint64_t hash_end(struct hash *hash)
{
	uint64_t result = hash->size;

	for (unsigned int n = 0; n < LANES; n++) {
		result = mix(result, hash->lane[n]);
		result ^= result >> 32;
	}
	return result;
}

uint64_t hash_bytes(const void *bytes, size_t size)
{
	struct hash hash = hash_begin();

	hash_add(&hash, bytes, size);
	return hash_end(&hash);
}
