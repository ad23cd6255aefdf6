/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Images, as the plan's reader and the VMM's loader take them: sound, cut off at
 * every length, and with bytes that changed.
 */
#include <byteswap.h>
#include <elf.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "abi/boot.h"
#include "abi/image.h"
#include "abi/verdict.h"
#include "base/range.h"
#include "runner/plan.h"
#include "vmm/machine.h"

#define ADDRESS		0x100000u
#define RAM_SIZE	0x1000u

/* What the loader uses of the machine; its end comes back here. */
static uint8_t guest[RAM_SIZE];
static uint8_t low[0x20000];		/* and of the RAM below, where no image goes */
static jmp_buf ended;
static char ended_why[300];

void machine_end(const struct vcpu *vcpu, enum vm_end_kind kind, uint32_t code,
		 const char *format, ...)
{
	va_list arguments;

	(void)vcpu;
	(void)code;
	assert_int_equal(kind, VM_END_ERROR);
	va_start(arguments, format);
	vsnprintf(ended_why, sizeof(ended_why), format, arguments);
	va_end(arguments);
	longjmp(ended, 1);
}

int must(int result, const char *what)
{
	if (result < 0)
		machine_end(NULL, VM_END_ERROR, 0, "%s", what);
	return result;
}

void *ram_at(gpa_t gpa, uint64_t size)
{
	const struct range ram = { ADDRESS, RAM_SIZE };
	const struct range below = { ADDRESS - sizeof(low), sizeof(low) };

	if (range_contains(below, gpa, size))
		return low + (gpa - below.base);
	return range_contains(ram, gpa, size) ? guest + (gpa - ADDRESS) : NULL;
}

void ram_write(gpa_t gpa, const void *from, uint64_t size)
{
	memcpy(ram_at(gpa, size), from, size);
}

/* An image with two TESTs, as the linker lays it out. */
struct image {
	Elf32_Ehdr elf;
	Elf32_Phdr segment;
	uint32_t multiboot[3];
	struct abi_image header __attribute__((aligned(16)));
	uint32_t tests[2][ABI_TEST_WORDS];
	char text[64];
};

#define AT(member)	(ADDRESS + (uint32_t)offsetof(struct image, member))

static char path[64];
static struct image image;

static void image_write(const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static int image_new(void **state)
{
	static const char text[] = "one\0two\0a sentence";

	(void)state;
	snprintf(path, sizeof(path), "/tmp/flatbed-test-image.%d", getpid());
	image = (struct image){
		.elf = {
			.e_ident = ELFMAG, .e_entry = ADDRESS, .e_ehsize = sizeof(Elf32_Ehdr),
			.e_phoff = offsetof(struct image, segment), .e_phnum = 1,
			.e_phentsize = sizeof(Elf32_Phdr), .e_machine = EM_386,
		},
		.segment = {
			.p_type = PT_LOAD, .p_vaddr = ADDRESS, .p_paddr = ADDRESS,
			.p_filesz = sizeof(image), .p_memsz = sizeof(image) + 100,
		},
		.multiboot = { 0x1badb002, 0, -0x1badb002u },
		.header = {
			.magic = { ABI_IMAGE_MAGIC0, ABI_IMAGE_MAGIC1 },
			.version = ABI_IMAGE_VERSION, .word_size = 4,
			.test_size = sizeof(image.tests[0]), .tests = AT(tests),
			.tests_end = AT(tests) + sizeof(image.tests),
		},
		.tests = {
			{ [ABI_TEST_NAME] = AT(text), [ABI_TEST_TEXT] = AT(text) + 8,
			  [ABI_TEST_LINE] = 12, [ABI_TEST_CPUS] = 2 },
			{ [ABI_TEST_NAME] = AT(text) + 4, [ABI_TEST_ENDS] = 1 },
		},
	};
	image.elf.e_ident[EI_CLASS] = ELFCLASS32;
	image.elf.e_ident[EI_DATA] = ELFDATA2LSB;
	memcpy(image.text, text, sizeof(text));
	memset(guest, 0, sizeof(guest));
	image_write(&image, sizeof(image));
	return 0;
}

static int image_gone(void **state)
{
	(void)state;
	return unlink(path);
}

static enum plan_status status_now(struct plan *plan)
{
	char why[300] = "";
	enum plan_status status = plan_read(plan, path, why, sizeof(why));

	assert_int_equal(status == PLAN_OK, !*why);
	return status;
}

static void plan_sound(void **state)
{
	struct plan plan;

	(void)state;
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_true(plan.ours);
	assert_false(plan.arguments);
	assert_int_equal(plan.count, 2);
	assert_string_equal(plan.tests[0].name, "one");
	assert_string_equal(plan.tests[0].text, "a sentence");
	assert_string_equal(plan.tests[0].needs, "");
	assert_int_equal(plan.tests[0].line, 12);
	assert_int_equal(plan.tests[0].cpus, 2);
	assert_string_equal(plan.tests[1].name, "two");
	assert_int_equal(plan.tests[1].ends, 1);
	plan_free(&plan);
}

static void plan_raw(void **state)
{
	struct image raw = image;
	struct plan plan;

	(void)state;
	memset(&raw.elf, 0, sizeof(raw.elf));
	raw.header.base = ADDRESS;
	image_write(&raw, sizeof(raw));
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_true(plan.ours);
	assert_int_equal(plan.count, 2);
	assert_string_equal(plan.tests[0].text, "a sentence");
	plan_free(&plan);
	raw.header.base = ADDRESS + sizeof(raw);
	image_write(&raw, sizeof(raw));
	assert_int_equal(status_now(&plan), PLAN_BAD);
}

#define SWAP(field)							\
	((field) = sizeof(field) == 2 ? bswap_16(field) :		\
		   sizeof(field) == 4 ? bswap_32(field) : bswap_64(field))

/* The same image for a machine of the other byte order. */
static struct image swapped_image(void)
{
	struct image other = image;

	SWAP(other.elf.e_phoff);
	SWAP(other.elf.e_phnum);
	SWAP(other.segment.p_type);
	SWAP(other.segment.p_vaddr);
	SWAP(other.segment.p_filesz);
	SWAP(other.segment.p_memsz);
	SWAP(other.header.magic[0]);
	SWAP(other.header.magic[1]);
	SWAP(other.header.version);
	SWAP(other.header.word_size);
	SWAP(other.header.test_size);
	SWAP(other.header.tests);
	SWAP(other.header.tests_end);
	for (size_t i = 0; i < 2; i++)
		for (size_t word = 0; word < ABI_TEST_WORDS; word++)
			SWAP(other.tests[i][word]);
	return other;
}

static void plan_swapped(void **state)
{
	struct image other = swapped_image();
	struct plan plan;

	(void)state;
	image_write(&other, sizeof(other));
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_true(plan.ours);
	assert_int_equal(plan.count, 2);
	assert_string_equal(plan.tests[0].text, "a sentence");
	assert_int_equal(plan.tests[0].line, 12);
	assert_int_equal(plan.tests[1].ends, 1);
	plan_free(&plan);
	other.header.version = ABI_IMAGE_VERSION;
	image_write(&other, sizeof(other));
	assert_int_equal(status_now(&plan), PLAN_BAD);
}

/* With the header where the first segment begins, beyond what is searched of a file. */
static void plan_segment_first(void **state)
{
	static uint8_t file[2 * ABI_IMAGE_SEARCH];
	struct image *far = (struct image *)file;
	struct plan plan;

	(void)state;
	*far = image;
	memset(&far->header, 0, sizeof(far->header));
	memcpy(file + ABI_IMAGE_SEARCH, &image, sizeof(image));
	far->segment.p_offset = ABI_IMAGE_SEARCH;
	image_write(file, sizeof(file));
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_int_equal(plan.count, 2);
	assert_string_equal(plan.tests[0].name, "one");
	plan_free(&plan);
	/* One that is not aligned is none, and neither is what the file does not have. */
	far->segment.p_offset = ABI_IMAGE_SEARCH + 4;
	far->segment.p_filesz = sizeof(image) - 4;
	image_write(file, sizeof(file));
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_false(plan.ours);
	plan_free(&plan);
	far->segment.p_offset = UINT32_MAX;
	image_write(file, sizeof(file));
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_false(plan.ours);
	plan_free(&plan);
}

static void plan_files(void **state)
{
	struct plan plan;
	char why[300];

	(void)state;
	assert_int_equal(plan_read(&plan, "/nowhere/at.all", why, sizeof(why)), PLAN_MISSING);
	assert_int_equal(plan_read(&plan, "/dev/null/x", why, sizeof(why)), PLAN_MISSING);
	assert_int_equal(plan_read(&plan, "/tmp", why, sizeof(why)), PLAN_BAD);
	image_write("", 0);
	assert_int_equal(status_now(&plan), PLAN_OK);
	assert_false(plan.ours);
	plan_free(&plan);
}

/* Cut off: not ours, bad, or whole; never a reason to read beyond the end. */
static void plan_cut(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(image); size++) {
		struct plan plan;

		image_write(&image, size);
		if (status_now(&plan) != PLAN_OK)
			continue;
		assert_false(plan.ours);
		plan_free(&plan);
	}
}

static void plan_damaged(void **state)
{
	struct plan plan;

	(void)state;
#define DAMAGED(member, value)						\
	do {								\
		struct image copy = image;				\
									\
		copy.member = (value);					\
		image_write(&copy, sizeof(copy));			\
		assert_int_equal(status_now(&plan), PLAN_BAD);		\
	} while (0)
	DAMAGED(header.version, ABI_IMAGE_VERSION + 1);
	DAMAGED(header.word_size, 5);
	DAMAGED(header.test_size, 0);
	DAMAGED(header.test_size, 4);
	DAMAGED(header.tests, 0);
	DAMAGED(header.tests, UINT64_MAX);
	DAMAGED(header.tests_end, AT(tests) + 1);
	DAMAGED(header.tests_end, UINT64_MAX);
	DAMAGED(header.tests_end, 0);
	DAMAGED(tests[0][ABI_TEST_NAME], 0);
	DAMAGED(tests[0][ABI_TEST_NAME], AT(text) + 3);
	DAMAGED(tests[1][ABI_TEST_TEXT], 1);
	DAMAGED(tests[1][ABI_TEST_FILE], ADDRESS + sizeof(image));
	DAMAGED(segment.p_filesz, 0);
	DAMAGED(segment.p_offset, 0xffffffff);
	DAMAGED(elf.e_phoff, 0xffffffff);
	DAMAGED(elf.e_phnum, 0);
}

static struct boot_door door;

static bool loads(void)
{
	if (setjmp(ended))
		return false;
	door = loader_load(path);
	return true;
}

static void loader_sound(void **state)
{
	(void)state;
	assert_true(loads());
	assert_false(door.pvh);
	assert_int_equal(door.eax, MULTIBOOT_MAGIC);
	assert_int_equal(door.entry, ADDRESS);
	assert_memory_equal(guest, &image, sizeof(image));
}

static void loader_cut(void **state)
{
	(void)state;
	for (size_t size = 0; size < sizeof(image); size++) {
		image_write(&image, size);
		assert_false(loads());
	}
	unlink(path);
	assert_false(loads());
	image_write("", 0);
}

static void loader_damaged(void **state)
{
	(void)state;
#define REFUSED(member, value, why)					\
	do {								\
		struct image copy = image;				\
									\
		copy.member = (value);					\
		image_write(&copy, sizeof(copy));			\
		assert_false(loads());					\
		if (!strstr(ended_why, why))				\
			fail_msg("%s", ended_why);			\
	} while (0)
	REFUSED(elf.e_ident[0], 0, "not an ELF");
	REFUSED(elf.e_ident[EI_CLASS], 9, "damaged");
	REFUSED(elf.e_ident[EI_DATA], ELFDATA2MSB, "another architecture");
	REFUSED(elf.e_machine, EM_ARM, "another architecture");
	REFUSED(elf.e_phentsize, sizeof(Elf64_Phdr), "damaged");
	REFUSED(multiboot[2], 0, "neither a multiboot header nor");
	REFUSED(segment.p_filesz, sizeof(image) + 1, "truncated");
	REFUSED(segment.p_offset, 0xffffffff, "truncated");
	REFUSED(segment.p_memsz, sizeof(image) - 1, "larger in the file");
	REFUSED(segment.p_memsz, RAM_SIZE + 1, "does not fit");
	REFUSED(segment.p_paddr, 0, "does not fit");
	REFUSED(segment.p_paddr, ADDRESS - sizeof(low), "boot information");
	REFUSED(segment.p_paddr, ADDRESS + RAM_SIZE - 1, "does not fit");
	REFUSED(elf.e_phoff, 0xfffffffc, "truncated");
	REFUSED(elf.e_phnum, 0xffff, "");
}

/* ELF headers in a page of their own, in front of a kernel at 1 MiB, as linkers lay them. */
static void loader_headers_below(void **state)
{
	(void)state;
	image.segment.p_paddr = image.segment.p_vaddr = ADDRESS - 0x1000;
	image.elf.e_entry = ADDRESS - 0x1000;
	image_write(&image, sizeof(image));
	assert_true(loads());
	assert_int_equal(door.entry, ADDRESS - 0x1000);
}

/* A kernel that is linked elsewhere than loaded begins where its entry was loaded. */
static void loader_linked_high(void **state)
{
	(void)state;
	image.segment.p_vaddr = 0xc0000000;
	image.elf.e_entry = 0xc0000010;
	image_write(&image, sizeof(image));
	assert_true(loads());
	assert_int_equal(door.entry, ADDRESS + 0x10);
	/* What is an address in memory already, is meant. */
	image.elf.e_entry = ADDRESS + 0x20;
	image_write(&image, sizeof(image));
	assert_true(loads());
	assert_int_equal(door.entry, ADDRESS + 0x20);
}

/* A file of no format, with a multiboot header that says where it goes (0.6.96, 3.1.3). */
static void loader_addresses(void **state)
{
	const uint32_t flags = 1 << 16;
	uint32_t file[16] = {
		0xaaaaaaaa, 0xbbbbbbbb, 0x1badb002, flags, -(0x1badb002 + flags),
		ADDRESS + 0x104, ADDRESS + 0x100, 0, 0, ADDRESS + 0x128, [15] = 0xcccccccc,
	};

	(void)state;
	/* From load_addr, 4 bytes in front of the header, to the file's end. */
	image_write(file, sizeof(file));
	assert_true(loads());
	assert_int_equal(door.entry, ADDRESS + 0x128);
	assert_memory_equal(guest + 0x100, file + 1, sizeof(file) - 4);
	assert_int_equal(guest[0xff], 0);
#define MADE(word, value, takes)					\
	do {								\
		uint32_t copy[16];					\
									\
		memset(guest, 0, sizeof(guest));			\
		memcpy(copy, file, sizeof(copy));			\
		copy[word] = (value);					\
		image_write(copy, sizeof(copy));			\
		assert_int_equal(loads(), takes);			\
	} while (0)
	MADE(7, ADDRESS + 0x108, true);		/* load_end_addr: two words are loaded */
	assert_memory_equal(guest + 0x100, file + 1, 4);
	assert_int_equal(guest[0x108], 0);
	MADE(7, ADDRESS + 0x200, false);	/* beyond the file's end */
	MADE(7, ADDRESS, false);
	MADE(8, ADDRESS + RAM_SIZE, true);	/* bss_end_addr */
	MADE(8, ADDRESS + RAM_SIZE + 1, false);
	MADE(6, ADDRESS + 0x105, false);	/* load_addr behind the header, */
	MADE(6, ADDRESS, false);		/* and further in front than the file has */
	image_write(file, 32);
	assert_false(loads());
}

/* Anything at all, as long as it is refused or taken in order. */
static void random_bytes(void **state)
{
	(void)state;
	srandom(1);
	for (int i = 0; i < 3000; i++) {
		struct image copy = image;
		struct plan plan;

		for (int n = 1 + random() % 4; n--;) {
			size_t at = 4 + random() % (offsetof(struct image, text) - 4);

			/* The loader reads program headers in place, which must be aligned. */
			if (at >= offsetof(Elf32_Ehdr, e_phoff) &&
			    at < offsetof(Elf32_Ehdr, e_flags))
				continue;
			((uint8_t *)&copy)[at] = random();
		}
		image_write(&copy, sizeof(copy));
		if (status_now(&plan) == PLAN_OK)
			plan_free(&plan);
		loads();
	}
}

static void selection(void **state)
{
	struct plan_test tests[] = { { .name = "map" }, { .name = "unmap" },
				     { .name = "map_end", .ends = ABI_ENDS_SHUTDOWN } };
	struct plan plan = { .ours = true, .count = 3, .tests = tests };
	static const struct {
		const char *arguments;
		bool selected[3];
	} rows[] = {
		{ NULL, { true, true, true } },
		{ "", { true, true, true } },
		{ " \t", { true, true, true } },
		{ "map", { true, false, false } },
		{ "map*", { true, false, false } },
		{ "*map", { true, true, false } },
		{ "*ma*", { true, true, false } },
		{ "*", { true, true, false } },
		{ "map_end", { false, false, true } },
		{ "-unmap", { true, false, false } },
		{ "-*map", { false, false, false } },
		{ "*map -unmap", { true, false, false } },
		{ "map_end -map_end", { false, false, false } },
		{ "Map", { false, false, false } },
		{ "map-end", { false, false, true } },
		{ "map-*", { false, false, false } },
		{ "-map-end", { true, true, false } },
		{ "size=3", { true, true, true } },
		{ "map size=3", { true, false, false } },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		for (size_t t = 0; t < 3; t++)
			if (plan_selects(&plan, t, rows[i].arguments) != rows[i].selected[t])
				fail_msg("'%s' and %s", rows[i].arguments, tests[t].name);
	tests[2].ends = ABI_ENDS_MIGRATION;
	assert_false(plan_selects(&plan, 2, NULL));
	assert_false(plan_selects(&plan, 2, "*"));
	assert_true(plan_selects(&plan, 2, "map-end"));
	plan.arguments = true;
	assert_true(plan_selects(&plan, 0, "anything"));
}

#define IMAGE_TEST(name)	cmocka_unit_test_setup_teardown(name, image_new, image_gone)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IMAGE_TEST(plan_sound),
		IMAGE_TEST(plan_raw),
		IMAGE_TEST(plan_swapped),
		IMAGE_TEST(plan_segment_first),
		IMAGE_TEST(plan_files),
		IMAGE_TEST(plan_cut),
		IMAGE_TEST(plan_damaged),
		IMAGE_TEST(loader_sound),
		IMAGE_TEST(loader_cut),
		IMAGE_TEST(loader_damaged),
		IMAGE_TEST(loader_headers_below),
		IMAGE_TEST(loader_linked_high),
		IMAGE_TEST(loader_addresses),
		IMAGE_TEST(random_bytes),
		cmocka_unit_test(selection),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
