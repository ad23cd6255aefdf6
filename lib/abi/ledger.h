/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The ledger: results as records in a ring that guest and host share.
 *
 * A writer reserves space by an atomic add to abi_host.head, waits on
 * ABI_PORT_DOORBELL while reserved end - tail > ring_size, writes payload and
 * sum, and last the head word, which commits the record.  The reader takes
 * records from tail on until a head word is 0, clears what it took, and then
 * advances tail.  The guest sees the ring mapped twice in a row, so that no
 * record is ever split.  After the machine's death the reader goes on behind a
 * record that was reserved but never committed, at the next record whose sum is
 * right.
 */
#ifndef ABI_LEDGER_H
#define ABI_LEDGER_H

#include <stdint.h>

enum abi_record_type {
	ABI_RECORD_TEST_BEGIN = 1,	/* struct abi_record_begin */
	ABI_RECORD_SUBTEST,	/* text: the path, "outer: inner", or "" at its end */
	ABI_RECORD_RESULT,	/* struct abi_record_result, text: of which SUBTEST */
	ABI_RECORD_TEXT,	/* text: any part of a line, or lines */
	ABI_RECORD_METRIC,	/* struct abi_record_metric, text: "name\0unit" */
	ABI_RECORD_TEST_END,	/* struct abi_record_test, maybe text: its name and more */
	ABI_RECORD_TYPES
};

struct abi_record {
	uint32_t head;		/* size of the whole record << 8 | type */
	uint32_t sum;		/* abi_record_sum() */
	/* payload; the whole is a multiple of 8 bytes, padded with zeros */
};

#define ABI_RECORD_MAX	4096	/* bytes of the longest record */

struct abi_record_begin {
	uint32_t index;		/* in the image's table, from 0 */
	uint32_t reserved;
};

struct abi_record_test {
	uint32_t index;
	uint32_t result;	/* enum abi_result */
	uint32_t held;		/* checks that held, and that failed */
	uint32_t failed;
};

struct abi_record_result {
	uint32_t result;	/* enum abi_result */
	uint32_t length;	/* bytes of text that follow, without a NUL */
};

struct abi_record_metric {
	uint64_t value;
	uint32_t length;	/* bytes of text that follow */
	uint32_t reserved;
};

struct abi_record_text {
	uint32_t length;
	uint32_t reserved;
};

/*
 * The sum over a record's head word and its payload words: cheap where every
 * instruction is emulated, yet it sees exchanged and missing words.
 */
static inline uint32_t abi_record_sum(uint32_t head, const uint32_t *payload)
{
	uint32_t sum = head, words = (head >> 8) / 4 - 2;

	/* Two at a time: a record is a multiple of that. */
	for (uint32_t i = 0; i < words; i += 2) {
		sum = (sum << 1 | sum >> 31) ^ payload[i];
		sum = (sum << 1 | sum >> 31) ^ payload[i + 1];
	}
	return sum;
}

#endif
