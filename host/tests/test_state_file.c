/* SPDX-License-Identifier: BSD-2-Clause */
/* Saved machines' files: what is written is read back, what is damaged is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/hash.h"
#include "vmm/state_file.h"
#include "vmm/vm.h"

static char pages[3 * 4096];

/* A file of four sections in memory, and its size. */
static void *file_make(uint64_t *size)
{
	struct state_writer *writer = state_writer_new();
	int fd = memfd_create("file", MFD_CLOEXEC);
	void *file;

	for (size_t i = 0; i < sizeof(pages); i++)
		pages[i] = i * 7;
	state_writer_add(writer, "one", 0, "abc", 3);
	state_writer_add(writer, "one", 1, "defg", 4);
	state_writer_add(writer, "empty", 0, NULL, 0);
	state_writer_add(writer, "memory", 0, NULL, 0);
	state_writer_more(writer, pages, 4096);
	state_writer_more(writer, pages + 4096, 8192);
	assert_true(state_writer_end(writer, fd));
	*size = lseek(fd, 0, SEEK_END);
	file = malloc(*size);
	assert_int_equal(pread(fd, file, *size, 0), *size);
	close(fd);
	return file;
}

static void refused(const void *file, uint64_t size, const char *word)
{
	char why[200] = "";

	assert_false(state_file_check(file, size, why, sizeof(why)));
	if (!strstr(why, word))
		fail_msg("\"%s\" has no word \"%s\"", why, word);
}

static void round_trip(void **state)
{
	uint64_t size, part;
	char why[200], *file = file_make(&size);

	(void)state;
	assert_true(state_file_check(file, size, why, sizeof(why)));
	assert_memory_equal(state_file_find(file, "one", 0, &part), "abc", 3);
	assert_int_equal(part, 3);
	assert_memory_equal(state_file_find(file, "one", 1, &part), "defg", 4);
	assert_non_null(state_file_find(file, "empty", 0, &part));
	assert_int_equal(part, 0);
	assert_memory_equal(state_file_find(file, "memory", 0, &part), pages,
			    sizeof(pages));
	assert_int_equal(part, sizeof(pages));
	assert_null(state_file_find(file, "one", 2, &part));
	assert_null(state_file_find(file, "on", 0, &part));
	free(file);
}

static void every_byte(void **state)
{
	uint64_t size, used;
	char why[200], *file = file_make(&size);
	const struct state_file_header *header = (const void *)file;
	const struct state_file_section *sections = (const void *)(header + 1);

	(void)state;
	used = sizeof(*header) + header->sections * sizeof(*sections);
	for (uint64_t i = 0; i < used; i++) {
		file[i] ^= 0x40;
		assert_false(state_file_check(file, size, why, sizeof(why)));
		file[i] ^= 0x40;
	}
	for (uint32_t n = 0; n < header->sections; n++)
		for (uint64_t i = 0; i < sections[n].size; i += 61) {
			file[sections[n].offset + i] ^= 1;
			refused(file, size, sections[n].name);
			file[sections[n].offset + i] ^= 1;
		}
	assert_true(state_file_check(file, size, why, sizeof(why)));
	free(file);
}

static void cut_short(void **state)
{
	uint64_t size;
	char *file = file_make(&size);

	(void)state;
	refused(file, 0, "not a saved machine");
	refused(file, 31, "not a saved machine");
	for (uint64_t cut = 32; cut < size; cut += 97) {
		/* Nothing may be read behind the end: the copy has it exactly. */
		char *part = malloc(cut);

		memcpy(part, file, cut);
		refused(part, cut, "truncated");
		free(part);
	}
	free(file);
}

/* A table whose sum is right, and that makes no sense all the same. */
static void senseless(void **state)
{
	static const struct { uint64_t offset, size; } places[] = {
		{ 1ull << 40, 1 }, { 0, 1ull << 40 }, { -8ull, 16 }, { 8, -8ull }, { 3, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(*places); i++) {
		uint64_t size;
		char *file = file_make(&size);
		struct state_file_header *header = (void *)file;
		struct state_file_section *sections = (void *)(header + 1);

		sections[1].offset = places[i].offset;
		sections[1].size = places[i].size;
		header->sum = hash_bytes(sections, header->sections * sizeof(*sections));
		refused(file, size, "damaged");
		memset(sections[1].name, 'x', sizeof(sections[1].name));
		header->sections = 0xffffffff;
		refused(file, size, "damaged");
		free(file);
	}
}

static void hash(void **state)
{
	char bytes[200];
	struct hash h;

	(void)state;
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = i;
	for (size_t size = 0; size <= sizeof(bytes); size++)
		for (size_t first = 0; first <= size; first += HASH_STEP) {
			h = hash_begin();
			hash_add(&h, bytes, first);
			hash_add(&h, bytes + first, size - first);
			assert_int_equal(hash_end(&h), hash_bytes(bytes, size));
		}
	for (size_t i = 0; i < sizeof(bytes); i++) {
		uint64_t before = hash_bytes(bytes, sizeof(bytes));

		bytes[i] ^= 0x80;
		assert_int_not_equal(hash_bytes(bytes, sizeof(bytes)), before);
		bytes[i] ^= 0x80;
	}
	/* Zeros count by how many they are. */
	memset(bytes, 0, sizeof(bytes));
	assert_int_not_equal(hash_bytes(bytes, 64), hash_bytes(bytes, 65));
	assert_int_not_equal(hash_bytes(bytes, 0), hash_bytes(bytes, 1));
}

static void perturbations(void **state)
{
	(void)state;
	assert_null(vm_perturb_wrong("migrate"));
	assert_null(vm_perturb_wrong("migrate:3,slots,all:100"));
	assert_non_null(strstr(vm_perturb_wrong("migrate,nonsense"), "nonsense"));
	assert_non_null(strstr(vm_perturb_wrong("slots:0"), "slots:0"));
	assert_non_null(strstr(vm_perturb_wrong("slots:x"), "slots:x"));
	assert_non_null(strstr(vm_perturb_wrong("slots:"), "slots:"));
	assert_non_null(vm_perturb_wrong("slot"));
}

static void save_points(void **state)
{
	static const char *const good[] = {
		"m@1", "m@start", "a@b@77", "m@every:10", "m@a_test", "m@9lives",
	};
	static const char *const bad[] = { "m", "m@", "@1", "m@0", "m@every:0", "m@every:",
					     "m@every:5x", "m@every:-1" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_null(vm_save_wrong(good[i]));
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_non_null(vm_save_wrong(bad[i]));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(round_trip),
		cmocka_unit_test(every_byte),
		cmocka_unit_test(cut_short),
		cmocka_unit_test(senseless),
		cmocka_unit_test(hash),
		cmocka_unit_test(perturbations),
		cmocka_unit_test(save_points),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
