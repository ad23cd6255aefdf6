/* SPDX-License-Identifier: BSD-2-Clause */
/* The plan: which TESTs an image has. */
#include "runner/plan.h"

#include <byteswap.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "abi/verdict.h"
#include "base/buf.h"
#include "base/str.h"

/* More TESTs than any image has: a count beyond it is a damaged header. */
#define MAX_TESTS	65536

bool plan_is_elf(const struct plan *plan)
{
	return plan->map && !memcmp(plan->map, ELFMAG, SELFMAG);
}

static uint64_t swap(uint64_t value, size_t size)
{
	switch (size) {
	case 2:
		return bswap_16(value);
	case 4:
		return bswap_32(value);
	default:
		return bswap_64(value);
	}
}

/* A field of the image in this machine's byte order. */
#define FIELD(plan, field)							\
	((plan)->swapped ? swap(field, sizeof(field)) : (uint64_t)(field))

#define HEADER_READ(bits)							\
static bool header_read##bits(const struct plan *plan, size_t index,		\
			      struct plan_segment *segment)			\
{										\
	const Elf##bits##_Ehdr *header = plan->map;				\
	Elf##bits##_Phdr entry;							\
										\
	uint64_t table = FIELD(plan, header->e_phoff), offset;			\
										\
	if (index >= FIELD(plan, header->e_phnum) || table > plan->size ||	\
	    plan->size - table < (index + 1) * sizeof(entry))			\
		return false;							\
	memcpy(&entry, (const char *)plan->map + table +			\
	       index * sizeof(entry), sizeof(entry));				\
	*segment = (struct plan_segment){					\
		.address = FIELD(plan, entry.p_vaddr),				\
		.physical = FIELD(plan, entry.p_paddr) };			\
	if (FIELD(plan, entry.p_type) != PT_LOAD)				\
		return true;							\
	offset = FIELD(plan, entry.p_offset);					\
	if (offset > plan->size ||						\
	    FIELD(plan, entry.p_filesz) > plan->size - offset ||		\
	    FIELD(plan, entry.p_memsz) < FIELD(plan, entry.p_filesz))		\
		return false;							\
	segment->size = FIELD(plan, entry.p_filesz);				\
	segment->memory = FIELD(plan, entry.p_memsz);				\
	segment->bytes = (const char *)plan->map + offset;			\
	return true;								\
}

HEADER_READ(32)
HEADER_READ(64)

static bool is_64(const struct plan *plan)
{
	return ((const unsigned char *)plan->map)[EI_CLASS] == ELFCLASS64;
}

bool plan_segment(const struct plan *plan, size_t index, struct plan_segment *segment)
{
	return is_64(plan) ? header_read64(plan, index, segment) :
		header_read32(plan, index, segment);
}

uint64_t plan_start(const struct plan *plan)
{
	if (!plan_is_elf(plan))
		return 0;
	return is_64(plan) ? FIELD(plan, ((const Elf64_Ehdr *)plan->map)->e_entry) :
		FIELD(plan, ((const Elf32_Ehdr *)plan->map)->e_entry);
}

/* The bytes at an address of the image; sets how many follow in the file. */
static const void *image_at(const struct plan *plan, uint64_t address, uint64_t *left)
{
	struct plan_segment segment;

	if (!plan_is_elf(plan)) {
		if (address < plan->base || address - plan->base >= plan->size)
			return NULL;
		*left = plan->size - (address - plan->base);
		return (const char *)plan->map + (address - plan->base);
	}
	for (size_t i = 0; plan_segment(plan, i, &segment); i++) {
		uint64_t into = address - segment.address;

		if (address < segment.address || into >= segment.size)
			continue;
		*left = segment.size - into;
		return (const char *)segment.bytes + into;
	}
	return NULL;
}

static const char *text_at(const struct plan *plan, uint64_t address)
{
	uint64_t left;
	const char *text;

	if (!address)
		return "";
	text = image_at(plan, address, &left);
	return text && memchr(text, '\0', left) ? text : NULL;
}

static uint64_t word_at(const struct plan *plan, const char *record, enum abi_test_word word)
{
	uint32_t narrow;
	uint64_t wide;

	if (plan->word_size == 4) {
		memcpy(&narrow, record + word * sizeof(narrow), sizeof(narrow));
		return FIELD(plan, narrow);
	}
	memcpy(&wide, record + word * sizeof(wide), sizeof(wide));
	return FIELD(plan, wide);
}

static bool test_read(const struct plan *plan, const char *record, struct plan_test *test)
{
	const struct {
		enum abi_test_word word;
		const char **text;
	} texts[] = {
		{ ABI_TEST_NAME, &test->name }, { ABI_TEST_TEXT, &test->text },
		{ ABI_TEST_FILE, &test->file }, { ABI_TEST_NEEDS_TEXT, &test->needs },
		{ ABI_TEST_LACKS_TEXT, &test->lacks },
		{ ABI_TEST_DEVICES_TEXT, &test->devices },
		{ ABI_TEST_XFAIL, &test->xfail },
	};

	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		*texts[i].text = text_at(plan, word_at(plan, record, texts[i].word));
		if (!*texts[i].text)
			return false;
	}
	test->line = word_at(plan, record, ABI_TEST_LINE);
	test->cpus = word_at(plan, record, ABI_TEST_CPUS);
	test->memory = word_at(plan, record, ABI_TEST_MEMORY);
	test->ends = word_at(plan, record, ABI_TEST_ENDS);
	return *test->name;
}

static const char *tests_read(struct plan *plan, const struct abi_image *header)
{
	uint64_t tests = FIELD(plan, header->tests), end = FIELD(plan, header->tests_end);
	uint64_t bytes = end - tests, size = FIELD(plan, header->test_size), left = 0;
	const char *records;

	plan->word_size = FIELD(plan, header->word_size);
	if ((FIELD(plan, header->version) & ~(uint64_t)ABI_IMAGE_HOST) != ABI_IMAGE_VERSION)
		return "its header is of another version";
	if ((plan->word_size != 4 && plan->word_size != 8) ||
	    size < ABI_TEST_WORDS * plan->word_size || end < tests || bytes % size ||
	    bytes / size > MAX_TESTS)
		return "its header is damaged";
	plan->ours = true;
	plan->host = FIELD(plan, header->version) & ABI_IMAGE_HOST;
	plan->arguments = header->arguments;
	plan->base = FIELD(plan, header->base);
	if (!bytes)
		return NULL;
	records = image_at(plan, tests, &left);
	if (!records || left < bytes)
		return "its table of TESTs lies outside of the file";
	plan->count = bytes / size;
	plan->tests = mem_new(plan->count * sizeof(*plan->tests));
	for (size_t i = 0; i < plan->count; i++)
		if (!test_read(plan, records + i * size, &plan->tests[i]))
			return "a TEST's record is damaged";
	return NULL;
}

/* Also tells in which byte order the image is. */
static const struct abi_image *header_search(struct plan *plan, const char *from, size_t size)
{
	size_t end = size < ABI_IMAGE_SEARCH ? size : ABI_IMAGE_SEARCH;

	for (size_t at = 0; at + sizeof(struct abi_image) <= end; at += 16) {
		const struct abi_image *header = (const void *)(from + at);

		plan->swapped = header->magic[0] == bswap_32(ABI_IMAGE_MAGIC0);
		if (FIELD(plan, header->magic[0]) == ABI_IMAGE_MAGIC0 &&
		    FIELD(plan, header->magic[1]) == ABI_IMAGE_MAGIC1)
			return header;
	}
	plan->swapped = false;
	return NULL;
}

static const struct abi_image *header_find(struct plan *plan)
{
	const struct abi_image *header = header_search(plan, plan->map, plan->size);
	struct plan_segment segment;
	bool big;

	if (header || !plan_is_elf(plan))
		return header;
	big = ((const unsigned char *)plan->map)[EI_DATA] == ELFDATA2MSB;
	plan->swapped = big == (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__);
	if (!plan_segment(plan, 0, &segment) || (uintptr_t)segment.bytes % 16) {
		plan->swapped = false;
		return NULL;
	}
	return header_search(plan, segment.bytes, segment.size);
}

/* A copy, since images are built anew while others run; nothing if it is too short. */
static bool file_take(struct plan *plan, int fd)
{
	size_t got = 0;
	ssize_t more;
	char *copy;

	if (plan->size < sizeof(Elf64_Ehdr))
		return true;
	copy = malloc(plan->size);
	if (!copy)
		return false;
	while (got < plan->size) {
		more = pread(fd, copy + got, plan->size - got, got);
		if (more < 0) {
			free(copy);
			return false;
		}
		if (!more)
			break;
		got += more;
	}
	memset(copy + got, 0, plan->size - got);
	plan->map = copy;
	return true;
}

enum plan_status plan_read(struct plan *plan, const char *path, char *why, size_t size)
{
	const struct abi_image *header;
	const char *wrong = NULL;
	struct stat info;
	bool good;
	int fd;

	*plan = (struct plan){ 0 };
	fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0 || fstat(fd, &info) < 0) {
		snprintf(why, size, "%s: %s", path, strerror(errno));
		if (fd >= 0)
			close(fd);
		return errno == ENOENT || errno == ENOTDIR ? PLAN_MISSING : PLAN_BAD;
	}
	if (!S_ISREG(info.st_mode)) {
		close(fd);
		snprintf(why, size, "%s: not a file", path);
		return PLAN_BAD;
	}
	plan->size = info.st_size;
	good = file_take(plan, fd);
	if (!good)
		snprintf(why, size, "%s: %s", path, strerror(errno));
	close(fd);
	if (!good)
		return PLAN_BAD;
	header = plan->map ? header_find(plan) : NULL;
	if (header)
		wrong = tests_read(plan, header);
	if (wrong) {
		snprintf(why, size, "%s: %s; build it anew", path, wrong);
		plan_free(plan);
		return PLAN_BAD;
	}
	return PLAN_OK;
}

void plan_free(struct plan *plan)
{
	free(plan->tests);
	free(plan->map);
	*plan = (struct plan){ 0 };
}

/* What is an identifier in C may be written with hyphens. */
static bool same_name(const char *a, const char *b, size_t length)
{
	for (; length; length--, a++, b++)
		if ((*a == '-' ? '_' : *a) != (*b == '-' ? '_' : *b))
			return false;
	return true;
}

bool name_matches(const char *pattern, size_t length, const char *name)
{
	bool before = length && pattern[0] == '*';
	bool after = length > 1 && pattern[length - 1] == '*';
	size_t size = strlen(name);

	pattern += before;
	length -= before + after;
	if (size < length)
		return false;
	if (!before)
		return (after || size == length) && same_name(name, pattern, length);
	if (!after)
		return same_name(name + size - length, pattern, length);
	for (size_t at = 0; at + length <= size; at++)
		if (same_name(name + at, pattern, length))
			return true;
	return false;
}

/* The next word that selects TESTs; NAME=VALUE is a parameter, and does not. */
static const char *selector_next(const char **arguments, size_t *length)
{
	const char *word;

	while ((word = str_word(arguments, " \t", length)))
		if (!memchr(word, '=', *length))
			return word;
	return NULL;
}

bool plan_selectors(const struct plan *plan, const char *arguments)
{
	size_t length;

	return !plan->arguments && arguments && selector_next(&arguments, &length);
}

bool plan_selects(const struct plan *plan, size_t index, const char *arguments)
{
	const struct plan_test *test = &plan->tests[index];
	bool included = false, exact = false, named = false, any = false;
	const char *word;
	size_t length;

	/* Whoever migrates machines asks for it by name. */
	if (plan->arguments || !arguments)
		return test->ends != ABI_ENDS_MIGRATION;
	while ((word = selector_next(&arguments, &length))) {
		any = true;
		if (*word == '-') {
			if (name_matches(word + 1, length - 1, test->name))
				return false;
			continue;
		}
		named = true;
		included |= name_matches(word, length, test->name);
		exact |= strlen(test->name) == length && same_name(word, test->name, length);
	}
	if (test->ends == ABI_ENDS_MIGRATION)
		return exact;
	if (test->ends)
		return exact || !any;
	return included || !named;
}
