/* SPDX-License-Identifier: BSD-2-Clause */
/* Bochs' ROM: where the loader finds what, and which images do not fit. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "abi/boot.h"
#include "base/buf.h"
#include "runner/bochs_rom.h"
#include "runner/plan.h"

#define MEMORY	(32ull << 20)

static struct {
	Elf32_Ehdr elf;
	Elf32_Phdr segments[3];
	char text[40];
} image;

static struct plan plan;

static int setup(void **state)
{
	(void)state;
	memset(&image, 0, sizeof(image));
	memcpy(image.elf.e_ident, ELFMAG, SELFMAG);
	image.elf.e_ident[EI_CLASS] = ELFCLASS32;
	image.elf.e_entry = 0x100004;
	image.elf.e_phoff = offsetof(typeof(image), segments);
	image.elf.e_phnum = 3;
	strcpy(image.text, "text and data");
	image.segments[0] = (Elf32_Phdr){
		.p_type = PT_LOAD, .p_offset = offsetof(typeof(image), text),
		.p_vaddr = 0x80100000, .p_paddr = 0x100000, .p_filesz = 13, .p_memsz = 0x1003,
	};
	image.segments[1] = (Elf32_Phdr){ .p_type = PT_NOTE, .p_offset = UINT32_MAX };
	image.segments[2] = (Elf32_Phdr){ .p_type = PT_LOAD, .p_paddr = 0x200000, .p_memsz = 16 };
	plan = (struct plan){ .map = &image, .size = sizeof(image) };
	return 0;
}

static uint32_t word(const struct buf *rom, uint32_t address)
{
	uint32_t value, offset = address + (uint32_t)rom->length;

	assert_true(offset <= rom->length - 4);
	memcpy(&value, rom->data + offset, 4);
	return value;
}

static const char *bytes(const struct buf *rom, uint32_t address)
{
	return rom->data + (uint32_t)(address + (uint32_t)rom->length);
}

static void layout(void **state)
{
	const struct bochs_boot boot = { MEMORY, "x86/a.flat b c", "A=1\nB=2\n" };
	const struct multiboot_info *info;
	const struct multiboot_memory *map;
	const struct multiboot_module *module;
	uint32_t table = -BOCHS_LOADER_SIZE, entry;
	struct buf rom = { 0 };
	char why[200] = "";
	const char *copied;

	(void)state;
	if (!bochs_rom_usable())
		skip();
	assert_true(bochs_rom_make(&rom, &plan, &boot, why, sizeof(why)));
	assert_int_equal(rom.length % 65536, 0);
	/* The CPU begins 16 bytes below 4 GiB, by a near jump backwards. */
	assert_int_equal(*bytes(&rom, -16u) & 0xff, 0xe9);
	assert_true((int16_t)word(&rom, -15u) < -16);
	assert_int_equal(word(&rom, table + BOCHS_COUNT), 3);
	assert_int_equal(word(&rom, table + BOCHS_EAX), MULTIBOOT_MAGIC);
	assert_int_equal(word(&rom, table + BOCHS_EBX), BOCHS_INFO);
	assert_int_equal(word(&rom, table + BOCHS_START), 0x100004);

	/* Where it is loaded, not where it runs; zeros behind; no file, only zeros. */
	assert_string_equal(bytes(&rom, word(&rom, table)), "text and data");
	assert_int_equal(word(&rom, table + 4), 0x100000);
	assert_int_equal(word(&rom, table + 8), 13);
	assert_int_equal(word(&rom, table + 12), 0x1003);
	entry = table + BOCHS_ENTRY_SIZE;
	assert_int_equal(word(&rom, entry + 4), 0x200000);
	assert_int_equal(word(&rom, entry + 8), 0);
	assert_int_equal(word(&rom, entry + 12), 16);

	entry += BOCHS_ENTRY_SIZE;
	assert_int_equal(word(&rom, entry + 4), BOCHS_INFO);
	copied = bytes(&rom, word(&rom, entry));
	info = (const void *)copied;
	assert_int_equal(info->flags, MULTIBOOT_HAS_MEMORY | MULTIBOOT_HAS_CMDLINE |
			 MULTIBOOT_HAS_MODULES | MULTIBOOT_HAS_MAP);
	assert_int_equal(info->mem_upper, 31 << 10);
	assert_string_equal(copied + info->cmdline - BOCHS_INFO, boot.command_line);
	map = (const void *)(copied + info->mmap_addr - BOCHS_INFO);
	assert_int_equal(info->mmap_length, 2 * sizeof(*map));
	assert_int_equal(map[1].base + map[1].length, MEMORY);
	module = (const void *)(copied + info->mods_addr - BOCHS_INFO);
	assert_int_equal(info->mods_count, 1);
	assert_int_equal(module->end - module->start, 8);
	assert_memory_equal(copied + module->start - BOCHS_INFO, boot.environment, 8);
	buf_free(&rom);
}

static void refused(const char *reason)
{
	const struct bochs_boot boot = { MEMORY, "a", "" };
	struct buf rom = { 0 };
	char why[200] = "";

	assert_false(bochs_rom_make(&rom, &plan, &boot, why, sizeof(why)));
	assert_non_null(strstr(why, reason));
	buf_free(&rom);
	setup(NULL);
}

static void refusals(void **state)
{
	char *line = mem_new(1 << 20);
	struct bochs_boot boot = { MEMORY, line, "" };
	struct buf rom = { 0 };
	char why[200];

	(void)state;
	image.elf.e_ident[0] = 0;
	refused("ELF files only");
	image.segments[0].p_paddr = MEMORY - 0x1000;
	refused("does not fit");
	image.segments[0].p_paddr = 0x1000;
	refused("does not fit");
	image.segments[0].p_memsz = UINT32_MAX;
	refused("does not fit");
	memset(line, 'a', (1 << 20) - 1);
	assert_false(bochs_rom_make(&rom, &plan, &boot, why, sizeof(why)));
	assert_non_null(strstr(why, "longer than"));
	buf_free(&rom);
	free(line);
}

static void too_large(void **state)
{
	size_t size = sizeof(image) + (2 << 20);
	char *file = mem_new(size);

	(void)state;
	image.segments[0].p_filesz = 2 << 20;
	image.segments[0].p_memsz = 2 << 20;
	memcpy(file, &image, sizeof(image));
	plan = (struct plan){ .map = file, .size = size };
	refused("larger than Bochs' ROM");
	free(file);
}

int main(void)
{
	const struct CMUnitTest unit_tests[] = {
		cmocka_unit_test_setup(layout, setup),
		cmocka_unit_test_setup(refusals, setup),
		cmocka_unit_test_setup(too_large, setup),
	};

	return cmocka_run_group_tests(unit_tests, NULL, NULL);
}
