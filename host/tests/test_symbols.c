/* SPDX-License-Identifier: BSD-2-Clause */
/* host/base: symbols of this program and of files made up; instructions as text. */
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/disasm.h"
#include "base/symbols.h"

static int sink;
#ifdef HAVE_LIBDW
static int inner_line, outer_line;
#endif

static __attribute__((noinline)) const char *where(void)
{
	sink++;
	return (const char *)__builtin_return_address(0) - 1;
}

static inline __attribute__((always_inline)) const char *test_inner(void)
{
	const char *at;

#ifdef HAVE_LIBDW
	inner_line = __LINE__ + 2;
#endif
	at = where();
	sink--;
	return at;
}

static __attribute__((noinline)) const char *test_outer(void)
{
	const char *at;

#ifdef HAVE_LIBDW
	outer_line = __LINE__ + 2;
#endif
	at = test_inner();
	sink--;
	return at;
}

static int first_base(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	*(uint64_t *)base = info->dlpi_addr;
	return 1;
}

static void own_program(void **state)
{
	struct symbols *s = symbols_open("/proc/self/exe");
	struct symbol places[4];
	struct buf text = { 0 };
	uint64_t base = 0, address;
	unsigned int n;

	(void)state;
	assert_non_null(s);
	dl_iterate_phdr(first_base, &base);
	assert_true(symbols_find(s, "test_outer", &address));
	assert_int_equal(address, (uintptr_t)test_outer - base);
	assert_false(symbols_find(s, "no_such_function", &address));
	n = symbols_at(s, (uintptr_t)test_outer() - base, places, 4);
	assert_true(n > 0);
	assert_string_equal(places[n - 1].function, "test_outer");
	assert_true(places[n - 1].offset > 0);
#ifdef HAVE_LIBDW
	assert_int_equal(n, 2);
	assert_string_equal(places[0].function, "test_inner");
	assert_string_equal(places[0].file, "host/tests/test_symbols.c");
	assert_int_equal(places[0].line, inner_line);
	assert_int_equal(places[1].line, outer_line);
	assert_int_equal(symbols_at(s, (uintptr_t)test_outer() - base, places, 1), 1);
	assert_true(symbols_describe(s, (uintptr_t)test_outer() - base, &text));
	assert_non_null(strstr(buf_text(&text), "test_inner() at host/tests/test_symbols.c:"));
	assert_non_null(strstr(buf_text(&text), ", inlined in test_outer() at "));
#endif
	assert_int_equal(symbols_at(s, 0, places, 4), 0);
	assert_false(symbols_describe(NULL, address, &text));
	buf_free(&text);
	symbols_close(s);
	symbols_close(NULL);
}

/* A big-endian ELF32 with two functions, a label behind them, and what is no symbol. */
struct elf {
	Elf32_Ehdr header;
	Elf32_Shdr sections[3];
	Elf32_Sym symbols[6];
	char names[32];
};

static void elf_make(struct elf *elf)
{
	static const char names[] = "\0one\0two\0label\0$x\0file";
	static const struct {
		unsigned int name, value, size, type, section;
	} rows[] = {
		{ 0, 0, 0, STT_NOTYPE, SHN_UNDEF },
		{ 5, 0x2000, 0x10, STT_FUNC, 1 }, { 1, 0x1000, 0x20, STT_FUNC, 1 },
		{ 9, 0x3000, 0, STT_NOTYPE, 1 }, { 15, 0x1008, 0, STT_NOTYPE, 1 },
		{ 18, 0x1010, 0, STT_FILE, 1 },
	};

	*elf = (struct elf){ .header = {
		.e_ident = { 0x7f, 'E', 'L', 'F', ELFCLASS32, ELFDATA2MSB },
		.e_shoff = htobe32(offsetof(struct elf, sections)),
		.e_shentsize = htobe16(sizeof(Elf32_Shdr)), .e_shnum = htobe16(3),
	} };
	elf->sections[1] = (Elf32_Shdr){
		.sh_type = htobe32(SHT_SYMTAB), .sh_link = htobe32(2),
		.sh_offset = htobe32(offsetof(struct elf, symbols)),
		.sh_size = htobe32(sizeof(elf->symbols)),
	};
	elf->sections[2] = (Elf32_Shdr){
		.sh_type = htobe32(SHT_STRTAB),
		.sh_offset = htobe32(offsetof(struct elf, names)),
		.sh_size = htobe32(sizeof(elf->names)),
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		elf->symbols[i] = (Elf32_Sym){
			.st_name = htobe32(rows[i].name), .st_value = htobe32(rows[i].value),
			.st_size = htobe32(rows[i].size), .st_info = rows[i].type,
			.st_shndx = htobe16(rows[i].section),
		};
	memcpy(elf->names, names, sizeof(names));
}

static void file_write(const char *path, const void *bytes, size_t size)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), size);
	close(fd);
}

static void foreign_table(void **state)
{
	static const struct {
		uint64_t address;
		const char *function;
		uint64_t offset;
	} rows[] = {
		{ 0xfff, NULL, 0 }, { 0x1000, "one", 0 }, { 0x101f, "one", 0x1f },
		{ 0x1020, NULL, 0 }, { 0x200f, "two", 0xf }, { 0x2010, NULL, 0 },
		{ 0x3123, "label", 0x123 },
	};
	char path[] = "/tmp/flatbed-symbols-XXXXXX";
	struct symbol place;
	struct symbols *s;
	struct elf elf;

	(void)state;
	close(mkstemp(path));
	elf_make(&elf);
	file_write(path, &elf, sizeof(elf));
	s = symbols_open(path);
	assert_non_null(s);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		unsigned int n = symbols_at(s, rows[i].address, &place, 1);

		assert_int_equal(n, rows[i].function != NULL);
		if (n) {
			assert_string_equal(place.function, rows[i].function);
			assert_int_equal(place.offset, rows[i].offset);
			assert_null(place.file);
		}
	}
	symbols_close(s);
	/* A file cut anywhere is read as far as it goes. */
	for (size_t size = 0; size < sizeof(elf); size++) {
		file_write(path, &elf, size);
		s = symbols_open(path);
		symbols_at(s, 0x1000, &place, 1);
		symbols_close(s);
	}
	/* Nor does a wild offset lead out of it. */
	for (size_t at = 0; at < sizeof(elf); at += 4) {
		struct elf wild = elf;

		memset((char *)&wild + at, 0xff, 4);
		file_write(path, &wild, sizeof(wild));
		s = symbols_open(path);
		symbols_at(s, 0x1000, &place, 1);
		symbols_close(s);
	}
	unlink(path);
}

static void instructions(void **state)
{
	static const uint8_t int3[] = { 0xcc, 0x90 };
	char text[128];

	(void)state;
	disasm_insn(ISA_X86_64, 0, NULL, 0, text, sizeof(text));
	assert_string_equal(text, "an instruction whose bytes cannot be read");
	if (disasm(ISA_X86_64, 0, int3, 2, text, sizeof(text))) {
		assert_string_equal(text, "int3");
		disasm_insn(ISA_X86_16, 0, int3, 2, text, sizeof(text));
		assert_string_equal(text, "\"int3\" (cc)");
		assert_int_equal(disasm(ISA_X86_32, 0, "\xff\xff", 2, text, sizeof(text)), 0);
		assert_string_equal(text, "");
		assert_int_equal(disasm(ISA_X86_64, 0x1000, "\xeb\xfe", 2, text, sizeof(text)), 2);
		assert_non_null(strstr(text, "0x"));
	} else {
		disasm_insn(ISA_X86_64, 0, int3, 2, text, sizeof(text));
		assert_string_equal(text, "the instruction with bytes cc 90");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(own_program),
		cmocka_unit_test(foreign_table),
		cmocka_unit_test(instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
