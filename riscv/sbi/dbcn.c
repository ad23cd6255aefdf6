/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SBI's debug console (12).  What arrives there, nobody in the machine sees: lines that
 * begin with "DBCN" are for the reader of the log.
 */
#include <asm/cpu.h>
#include <asm/page.h>
#include <boot.h>
#include <fdt.h>
#include <memory.h>
#include <paging.h>
#include <sbi.h>
#include <test.h>

static struct sbi_result console(unsigned long function, unsigned long size, u64 at)
{
	return sbi_call(SBI_DBCN, function, size, (unsigned long)at,
			IS_64BIT ? 0 : (unsigned long)(at >> 32));
}

/* It may take less than all at once, but something. */
static void check_write(const char *text, u64 at)
{
	unsigned long left = strlen(text);

	while (left) {
		struct sbi_result result = console(SBI_DBCN_WRITE, left, at);

		REQUIRE_EQ(result.error, SBI_SUCCESS);
		REQUIRE(result.value > 0 && (unsigned long)result.value <= left);
		left -= result.value;
		at += result.value;
	}
}

TEST(dbcn_write, "text at any place in RAM", DEVICE(DEVICE_SBI_DBCN))
{
	static const char text[] = "DBCN: a line across two pages\n";
	char *pages = pages_alloc_zeroed(2);

	SUBTEST("in a page") {
		memcpy(pages, text, sizeof(text));
		check_write(pages, (uintptr_t)pages);
	}
	for (unsigned int before = 1; before < sizeof(text); before += 9)
		SUBTEST("%u bytes before a page's end", before) {
			char *at = pages + PAGE_SIZE - before;

			memcpy(at, text, sizeof(text));
			check_write(at, (uintptr_t)at);
		}
	SUBTEST("nothing") {
		struct sbi_result result = console(SBI_DBCN_WRITE, 0, (uintptr_t)pages);

		EXPECT_EQ(result.error, SBI_SUCCESS);
		EXPECT_EQ(result.value, 0);
	}
}

static bool is_ram(u64 at, u64 size)
{
	for (unsigned int i = 0; i < boot_info.memories; i++) {
		const struct boot_memory *ram = &boot_info.memory[i];

		if (at >= ram->base && at - ram->base < ram->size &&
		    size <= ram->base + ram->size - at)
			return true;
	}
	return false;
}

TEST(dbcn_high, "text at and across 4 GiB", DEVICE(DEVICE_SBI_DBCN))
{
	static const char text[] = "DBCN: a line high up\n";
	static const struct {
		const char *name, *omit;
		u64 at;
	} rows[] = {
		{ "across", "SBI_DBCN_SKIP_HIGH_BOUNDARY", (1ull << 32) - 8 },
		{ "above", "SBI_DBCN_SKIP_HIGH_PAGE", 1ull << 32 },
	};

	for_each(row, rows) SUBTEST("%s", row->name) {
		u64 omit = 0, at = row->at, page, none = 0;
		char *window = (char *)PAGES_SPARE;

		environment_number(row->omit, &omit);
		environment_number("SBI_HIGHMEM_NOT_SUPPORTED", &none);
		if (row->at == 1ull << 32)
			environment_number("HIGH_PAGE", &at);
		if (omit || none || !is_ram(at, sizeof(text))) {
			skip(omit || none ? "by the environment" : "no RAM there");
			continue;
		}
		page = ALIGN_DOWN(at, PAGE_SIZE);
		page_map(window, page, PAGE_DATA);
		page_map(window + PAGE_SIZE, page + PAGE_SIZE, PAGE_DATA);
		memcpy(window + (at - page), text, sizeof(text));
		check_write(window + (at - page), at);
	}
}

/* What the firmware keeps for itself: the device tree says where that is. */
static bool firmware_memory(u64 *at)
{
	int node = fdt_path(boot_info.fdt, "/reserved-memory");
	int depth = 0;
	u64 size;

	if (environment_number("INVALID_ADDR", at))
		return true;
	while ((node = fdt_next(boot_info.fdt, node, &depth)) != FDT_NONE && depth > 0)
		if (!strncmp(fdt_name(boot_info.fdt, node), "mmode_resv", 10))
			return fdt_reg(boot_info.fdt, node, 0, at, &size);
	return false;
}

TEST(dbcn_invalid, "memory that is not the supervisor's is INVALID_PARAM",
     DEVICE(DEVICE_SBI_DBCN))
{
	u64 at;

	if (!firmware_memory(&at))
		return skip("no such memory is known: INVALID_ADDR");
	EXPECT_EQ(console(SBI_DBCN_WRITE, 1, at).error, SBI_INVALID_PARAM);
	EXPECT_EQ(console(SBI_DBCN_READ, 1, at).error, SBI_INVALID_PARAM);
}

TEST(dbcn_read, "nothing to read is no error, and nothing", DEVICE(DEVICE_SBI_DBCN))
{
	static char text[8] = "abcdefg";
	struct sbi_result result = console(SBI_DBCN_READ, sizeof(text), (uintptr_t)text);

	EXPECT_EQ(result.error, SBI_SUCCESS);
	EXPECT_EQ(result.value, 0);
	EXPECT(!strcmp(text, "abcdefg"));
}

TEST(dbcn_byte, "one byte, the lowest of its argument", DEVICE(DEVICE_SBI_DBCN))
{
	static const unsigned long words[] = { 'a', 0x64636261, '\n' };

	for_each(word, words) {
		struct sbi_result result = sbi_call(SBI_DBCN, SBI_DBCN_WRITE_BYTE, *word);

		EXPECT_EQ(result.error, SBI_SUCCESS);
		EXPECT_EQ(result.value, 0);
	}
}
