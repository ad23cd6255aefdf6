/* SPDX-License-Identifier: BSD-2-Clause */
/* The ledger's reader: records as guests write them, and as they should not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <cmocka.h>

#include "abi/host.h"
#include "abi/ledger.h"
#include "vmm/vm.h"

#define RING	(VM_LEDGER_SIZE - 4096u)

static struct abi_host *host;
static unsigned int taken, last_type;
static size_t last_size;
static char last_text[ABI_RECORD_MAX];

static void take(void *context, unsigned int type, const void *payload, size_t size)
{
	assert_ptr_equal(context, &taken);
	assert_int_equal((uintptr_t)payload % 8, 0);
	assert_true(type > 0 && type < ABI_RECORD_TYPES);
	assert_true(size <= ABI_RECORD_MAX - sizeof(struct abi_record));
	taken++;
	last_type = type;
	last_size = size;
	snprintf(last_text, sizeof(last_text), "%.*s", (int)size, (const char *)payload);
}

static size_t drain(bool dead)
{
	return vm_ledger_drain(host, dead, take, &taken);
}

static void poke(uint32_t at, uint32_t word)
{
	memcpy((char *)host + 4096 + (at & (RING - 1)), &word, sizeof(word));
}

static uint32_t peek(uint32_t at)
{
	uint32_t word;

	memcpy(&word, (char *)host + 4096 + (at & (RING - 1)), sizeof(word));
	return word;
}

/* A record as the guest writes it: payload and sum, and then what commits it. */
static uint32_t put(unsigned int type, const char *text, bool commit)
{
	uint32_t words[ABI_RECORD_MAX / 4] = { 0 }, at = host->head;
	uint32_t size = (sizeof(struct abi_record) + strlen(text) + 7) & ~7u;

	memcpy(words + 2, text, strlen(text));
	words[0] = size << 8 | type;
	words[1] = abi_record_sum(words[0], words + 2);
	for (uint32_t i = commit ? 0 : 4; i < size; i += 4)
		poke(at + i, words[i / 4]);
	host->head += size;
	return at;
}

/* The runner's mapping: nothing lies behind it. */
static int ledger_new(void **state)
{
	(void)state;
	host = mmap(NULL, VM_LEDGER_SIZE + 4096, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	taken = last_type = 0;
	return host == MAP_FAILED || mprotect((char *)host + VM_LEDGER_SIZE, 4096, PROT_NONE);
}

static int ledger_free(void **state)
{
	(void)state;
	return munmap(host, VM_LEDGER_SIZE + 4096);
}

static void order(void **state)
{
	(void)state;
	assert_int_equal(drain(false), 0);
	assert_int_equal(taken, 0);
	put(ABI_RECORD_TEST_BEGIN, "one", true);
	put(ABI_RECORD_TEXT, "two and more", true);
	assert_int_equal(drain(false), 0);
	assert_int_equal(taken, 2);
	assert_int_equal(last_type, ABI_RECORD_TEXT);
	assert_int_equal(last_size, 16);
	assert_string_equal(last_text, "two and more");
	assert_int_equal(host->tail, host->head);
	/* What was taken is cleared for the next round. */
	for (uint32_t at = 0; at < host->head; at += 4)
		assert_int_equal(peek(at), 0);
	assert_int_equal(drain(true), 0);
	assert_int_equal(taken, 2);
}

static void empty_payload(void **state)
{
	(void)state;
	put(ABI_RECORD_SUBTEST, "", true);
	assert_int_equal(drain(false), 0);
	assert_int_equal(taken, 1);
	assert_int_equal(last_size, 0);
}

static void uncommitted(void **state)
{
	uint32_t begun;

	(void)state;
	put(ABI_RECORD_TEXT, "one", true);
	begun = put(ABI_RECORD_TEXT, "never finished", false);
	put(ABI_RECORD_TEXT, "three", true);
	/* While the guest lives it may still be written. */
	assert_int_equal(drain(false), 0);
	assert_int_equal(taken, 1);
	assert_int_equal(host->tail, begun);
	assert_int_equal(drain(true), 24);
	assert_int_equal(taken, 2);
	assert_string_equal(last_text, "three");
	assert_int_equal(host->tail, host->head);
}

static void committed_late(void **state)
{
	uint32_t begun = put(ABI_RECORD_TEXT, "late", false), words[4] = { 0 };

	(void)state;
	put(ABI_RECORD_TEXT, "early", true);
	drain(false);
	assert_int_equal(taken, 0);
	words[0] = 16 << 8 | ABI_RECORD_TEXT;
	memcpy(words + 2, "late", 4);
	poke(begun + 4, abi_record_sum(words[0], words + 2));
	poke(begun, words[0]);
	drain(false);
	assert_int_equal(taken, 2);
	assert_string_equal(last_text, "early");
}

static void wrong_sum(void **state)
{
	uint32_t at = put(ABI_RECORD_TEXT, "one", true);

	(void)state;
	poke(at + 8, peek(at + 8) ^ 1);
	put(ABI_RECORD_TEXT, "two", true);
	assert_int_equal(drain(true), 16);
	assert_int_equal(taken, 1);
	assert_string_equal(last_text, "two");
}

static void wraps(void **state)
{
	(void)state;
	/* The counters wrap as well as the ring. */
	host->head = host->tail = -24u;
	for (int i = 0; i < 300000; i++) {
		char text[40];

		snprintf(text, sizeof(text), "record %d%.*s", i, i % 20, "....................");
		put(ABI_RECORD_TEXT, text, true);
		if (i % 1000 == 0) {
			assert_int_equal(drain(false), 0);
			assert_string_equal(last_text, text);
		}
	}
	drain(false);
	assert_int_equal(taken, 300000);
}

static void longest(void **state)
{
	char text[ABI_RECORD_MAX - sizeof(struct abi_record) + 1];

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	host->head = host->tail = RING - 8;
	put(ABI_RECORD_TEXT, text, true);
	put(ABI_RECORD_TEXT, "next", true);
	assert_int_equal(drain(false), 0);
	assert_int_equal(taken, 2);
}

/* A head word that no guest of ours writes costs itself, not what follows. */
static void absurd_heads(void **state)
{
	static const uint32_t heads[] = {
		ABI_RECORD_TEXT,				/* size 0 */
		4 << 8 | ABI_RECORD_TEXT,
		12 << 8 | ABI_RECORD_TEXT,			/* not a multiple of 8 */
		(ABI_RECORD_MAX + 8) << 8 | ABI_RECORD_TEXT,
		0xfffff8u << 8 | ABI_RECORD_TEXT,
		64 << 8 | ABI_RECORD_TEXT,			/* beyond what is reserved */
		8 << 8,						/* type 0 */
		8 << 8 | ABI_RECORD_TYPES,
		8 << 8 | 0xff,
		~0u,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		uint32_t at = host->head;

		taken = 0;
		poke(at, heads[i]);
		poke(at + 4, heads[i]);
		host->head += 8;
		put(ABI_RECORD_TEXT, "behind", true);
		assert_int_equal(drain(false), 0);
		assert_int_equal(taken, 0);
		assert_int_equal(drain(true), 8);
		assert_int_equal(taken, 1);
		assert_string_equal(last_text, "behind");
	}
}

static void absurd_positions(void **state)
{
	static const uint32_t heads[] = { 8, RING, RING + 8, 0x7fffffff, 0x80000000, ~0u, 1, 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(heads) / sizeof(*heads); i++) {
		host->tail = 0;
		host->head = heads[i];
		drain(false);
		drain(true);
		assert_int_equal(taken, 0);
	}
}

/* The page with the positions is the guest's memory too. */
static void absurd_tail(void **state)
{
	static const uint32_t tails[] = { 1, 2, 3, 4, 5, 6, 7, RING / 2 + 5 };

	(void)state;
	for (size_t i = 0; i < sizeof(tails) / sizeof(*tails); i++) {
		host->tail = RING - tails[i];
		host->head = host->tail + 64;
		drain(false);
		drain(true);
		assert_int_equal(taken, 0);
	}
}

static void random_bytes(void **state)
{
	(void)state;
	srandom(1);
	for (int round = 0; round < 200; round++) {
		uint32_t length = random() % 65536 & ~7u;

		for (uint32_t i = 0; i < length; i += 4)
			poke(host->head + i, random() % 4 ? random() % 0x2000 : random());
		host->head += length;
		put(ABI_RECORD_TEXT, "sound", true);
		drain(random() % 2);
		drain(true);
		assert_int_equal(host->tail, host->head);
		assert_string_equal(last_text, "sound");
	}
}

#define LEDGER_TEST(name)	cmocka_unit_test_setup_teardown(name, ledger_new, ledger_free)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LEDGER_TEST(order),
		LEDGER_TEST(empty_payload),
		LEDGER_TEST(uncommitted),
		LEDGER_TEST(committed_late),
		LEDGER_TEST(wrong_sum),
		LEDGER_TEST(wraps),
		LEDGER_TEST(longest),
		LEDGER_TEST(absurd_heads),
		LEDGER_TEST(absurd_positions),
		LEDGER_TEST(absurd_tail),
		LEDGER_TEST(random_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
