/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reader of the ledger.  The writer is a guest, and may write anything: every
 * length is checked, and every step goes forward.
 */
#include <string.h>

#include "abi/host.h"
#include "abi/ledger.h"
#include "vmm/vm.h"

#define STEP	8u		/* records are multiples of it */

struct ring {
	struct abi_host *host;
	uint8_t *bytes;
	uint32_t size;
};

static void ring_copy(const struct ring *ring, uint32_t at, void *to,
		      uint32_t size)
{
	uint32_t start = at & (ring->size - 1);
	uint32_t first = ring->size - start < size ? ring->size - start : size;

	memcpy(to, ring->bytes + start, first);
	memcpy((uint8_t *)to + first, ring->bytes, size - first);
}

static void ring_clear(const struct ring *ring, uint32_t at, uint32_t size)
{
	uint32_t start = at & (ring->size - 1);
	uint32_t first = ring->size - start < size ? ring->size - start : size;

	memset(ring->bytes + start, 0, first);
	memset(ring->bytes, 0, size - first);
}

/* A whole, committed record at @at into @to; returns its size, or 0. */
static uint32_t record_get(const struct ring *ring, uint32_t at,
			   uint32_t available, uint64_t *to)
{
	struct abi_record *record = (struct abi_record *)to;
	uint32_t *head = (uint32_t *)(ring->bytes + (at & (ring->size - 1)));
	uint32_t value = __atomic_load_n(head, __ATOMIC_ACQUIRE);
	uint32_t size = value >> 8;

	if (size < sizeof(*record) || size % STEP || size > ABI_RECORD_MAX ||
	    size > available || !(value & 0xff) ||
	    (value & 0xff) >= ABI_RECORD_TYPES)
		return 0;
	ring_copy(ring, at, to, size);
	record->head = value;
	if (record->sum != abi_record_sum(value, (uint32_t *)(record + 1)))
		return 0;
	return size;
}

size_t vm_ledger_drain(void *ledger, bool dead,
		       void (*take)(void *context, unsigned int type,
				    const void *payload, size_t size),
		       void *context)
{
	struct ring ring = {
		.host = ledger,
		.bytes = (uint8_t *)ledger + 4096,
		.size = VM_LEDGER_SIZE - 4096,
	};
	/* The guest can write it too: a record never begins between two steps. */
	uint32_t tail = ring.host->tail & ~(STEP - 1);
	uint32_t left = __atomic_load_n(&ring.host->head, __ATOMIC_ACQUIRE) - tail;
	uint64_t record[ABI_RECORD_MAX / 8];
	size_t lost = 0;

	if (left > ring.size)	/* reserved beyond: the writer waits for us */
		left = ring.size;
	left &= ~(STEP - 1);
	while (left) {
		uint32_t size = record_get(&ring, tail, left, record);

		if (!size && !dead)
			break;
		if (size) {
			const struct abi_record *r = (const void *)record;

			take(context, r->head & 0xff, r + 1, size - sizeof(*r));
		} else {
			size = STEP;
			lost += size;
		}
		ring_clear(&ring, tail, size);
		tail += size;
		left -= size;
		__atomic_store_n(&ring.host->tail, tail, __ATOMIC_RELEASE);
	}
	return lost;
}
