/* SPDX-License-Identifier: BSD-2-Clause */
/* Multiply, rotate, in eight lanes whose multiplications overlap. */
#include "base/hash.h"

#include <string.h>

#define LANES	8
#define FACTOR	0xd6e8feb86659fd93ull

/* Each step can be undone: what differs once stays different. */
static uint64_t mix(uint64_t lane, uint64_t word)
{
	lane = (lane ^ word) * FACTOR;
	return lane << 29 | lane >> 35;
}

static uint64_t word_at(const char *at, unsigned int n)
{
	uint64_t word;

	memcpy(&word, at + n * sizeof(word), sizeof(word));
	return word;
}

struct hash hash_begin(void)
{
	return (struct hash){ { 1, 2, 3, 4, 5, 6, 7, 8 }, 0 };
}

/* Lanes by name are in registers, each; compilers would make vectors of an array. */
void hash_add(struct hash *hash, const void *bytes, size_t size)
{
	uint64_t *lane = hash->lane, word[LANES];
	uint64_t a = lane[0], b = lane[1], c = lane[2], d = lane[3];
	uint64_t e = lane[4], f = lane[5], g = lane[6], h = lane[7];
	const char *at = bytes;

	hash->size += size;
	for (; size >= HASH_STEP; size -= HASH_STEP, at += HASH_STEP) {
		a = mix(a, word_at(at, 0));
		b = mix(b, word_at(at, 1));
		c = mix(c, word_at(at, 2));
		d = mix(d, word_at(at, 3));
		e = mix(e, word_at(at, 4));
		f = mix(f, word_at(at, 5));
		g = mix(g, word_at(at, 6));
		h = mix(h, word_at(at, 7));
	}
	memcpy(lane, (uint64_t[]){ a, b, c, d, e, f, g, h }, sizeof(hash->lane));
	memset(word, 0, sizeof(word));
	memcpy(word, at, size);
	for (unsigned int n = 0; n * sizeof(*word) < size; n++)
		lane[n] = mix(lane[n], word[n]);
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
