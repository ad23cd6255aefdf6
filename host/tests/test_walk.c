/* SPDX-License-Identifier: BSD-2-Clause */
/* host/vmm/x86/walk.c: every paging mode on tables made by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "defs/cr.h"
#include "defs/msr.h"
#include "defs/page.h"
#include "vmm/x86/walk.h"

#define RAM	0x10000u

static uint8_t ram[RAM];

static bool ram_read(uint64_t at, void *to, uint64_t size)
{
	if (at >= RAM || size > RAM - at)
		return false;
	memcpy(to, ram + at, size);
	return true;
}

static void put(uint64_t at, uint64_t entry, unsigned int size)
{
	memcpy(ram + at, &entry, size);
}

#define LONG	{ .cr0 = CR0_PG | CR0_PE, .cr3 = 0x1000, .cr4 = CR4_PAE,		\
		  .efer = EFER_LME | EFER_LMA | EFER_NXE, .physical_bits = 46,	\
		  .read = ram_read }

static struct walk mapped(const struct walk_registers *r, uint64_t linear, uint64_t physical)
{
	struct walk walk;

	assert_true(walk_pages(&walk, r, linear));
	assert_int_equal(walk.end, WALK_MAPPED);
	assert_int_equal(walk.physical, physical);
	return walk;
}

static struct walk not_mapped(const struct walk_registers *r, uint64_t linear, enum walk_end end)
{
	struct walk walk;

	assert_false(walk_pages(&walk, r, linear));
	assert_int_equal(walk.end, end);
	return walk;
}

static int clear(void **state)
{
	(void)state;
	memset(ram, 0, sizeof(ram));
	return 0;
}

static void none(void **state)
{
	struct walk_registers r = { .cr0 = CR0_PE, .read = ram_read };

	(void)state;
	assert_int_equal(mapped(&r, 0x123456789, 0x23456789).mode, WALK_NONE);
}

static void legacy(void **state)
{
	struct walk_registers r = {
		.cr0 = CR0_PG | CR0_PE, .cr3 = 0x1018, .physical_bits = 40, .read = ram_read,
	};
	struct walk walk;

	(void)state;
	put(0x1000 + 4 * 1, 0x2000 | PTE_P | PTE_W | PTE_U, 4);
	put(0x2000 + 4 * 3, 0xabcde000 | PTE_P | PTE_U | PTE_A, 4);
	walk = mapped(&r, 0x00403123, 0xabcde123);
	assert_int_equal(walk.mode, WALK_32);
	assert_int_equal(walk.steps, 2);
	assert_int_equal(walk.step[1].at, 0x200c);
	assert_false(walk.writable);
	assert_true(walk.user && walk.executable);
	walk = not_mapped(&r, 0x00404000, WALK_NOT_PRESENT);
	assert_int_equal(walk.steps, 2);
	/* PS is ignored without CR4.PSE: this leads to a table at 0x3000. */
	put(0x1000 + 4 * 2, 0x3000 | PTE_PS | PTE_P, 4);
	not_mapped(&r, 0x00800000, WALK_NOT_PRESENT);
	r.cr4 = CR4_PSE;
	/* PSE-36: bits 20:13 are address bits 39:32. */
	put(0x1000 + 4 * 2, 0x00c00000 | 0x5a << 13 | PTE_PS | PTE_P, 4);
	walk = mapped(&r, 0x00812345, 0x5a00c12345);
	assert_int_equal(walk.page_shift, 22);
	r.physical_bits = 36;
	assert_int_equal(not_mapped(&r, 0x00812345, WALK_RESERVED).step[0].reserved, 0x50 << 13);
	put(0x1000 + 4 * 2, 0x00c00000 | 1 << 21 | PTE_PS | PTE_P, 4);
	assert_int_equal(not_mapped(&r, 0x00812345, WALK_RESERVED).step[0].reserved, 1 << 21);
	r.cr3 = 0xfffff000;
	not_mapped(&r, 0, WALK_NO_RAM);
}

static void pae(void **state)
{
	struct walk_registers r = {
		.cr0 = CR0_PG | CR0_PE, .cr3 = 0x1020, .cr4 = CR4_PAE, .efer = EFER_NXE,
		.physical_bits = 36, .read = ram_read,
	};
	struct walk walk;

	(void)state;
	put(0x1020 + 8 * 3, 0x2000 | PTE_P, 8);
	put(0x2000 + 8 * 511, 0x3000 | PTE_P | PTE_W | PTE_U, 8);
	put(0x3000 + 8 * 511, 0xf12345000 | PTE_P | PTE_W | PTE_NX, 8);
	walk = mapped(&r, 0xfffffabc, 0xf12345abc);
	assert_int_equal(walk.mode, WALK_PAE);
	assert_int_equal(walk.steps, 3);
	assert_true(walk.writable);
	assert_false(walk.user || walk.executable);
	r.efer = 0;
	assert_true(not_mapped(&r, 0xfffffabc, WALK_RESERVED).step[2].reserved == PTE_NX);
	/* W and U are reserved in a PDPTE. */
	put(0x1020 + 8 * 3, 0x2000 | PTE_P | PTE_W | PTE_U, 8);
	assert_int_equal(not_mapped(&r, 0xfffffabc, WALK_RESERVED).step[0].reserved,
			 PTE_W | PTE_U);
	put(0x1020, 0x2000 | PTE_P, 8);
	put(0x2000, 0x00600000 | PTE_PS | PTE_P, 8);
	assert_int_equal(mapped(&r, 0x123456, 0x723456).page_shift, 21);
	put(0x2000, 1ull << 62 | PTE_PS | PTE_P, 8);
	not_mapped(&r, 0, WALK_RESERVED);
}

static void four_levels(void **state)
{
	struct walk_registers r = LONG;
	uint64_t high = 0xffff800000000000;
	struct walk walk;

	(void)state;
	put(0x1000 + 8 * 256, 0x2000 | PTE_P | PTE_W | PTE_U, 8);
	put(0x2000, 0x3000 | PTE_P | PTE_W | PTE_U | PTE_NX, 8);
	put(0x3000, 0x4000 | PTE_P | PTE_W, 8);
	put(0x4000 + 8 * 5, 0x3ffffffff000 | PTE_P | PTE_W | PTE_U, 8);
	walk = mapped(&r, high + 0x5678, 0x3ffffffff678);
	assert_int_equal(walk.mode, WALK_4);
	assert_int_equal(walk.steps, 4);
	assert_true(walk.writable);
	assert_false(walk.user || walk.executable);
	put(0x4000 + 8 * 5, 1ull << 46 | PTE_P, 8);
	assert_true(not_mapped(&r, high + 0x5678, WALK_RESERVED).step[3].reserved == 1ull << 46);
	not_mapped(&r, 0x0000800000000000, WALK_NONCANONICAL);
	not_mapped(&r, 0xffff7fffffffffff, WALK_NONCANONICAL);
	assert_int_equal(not_mapped(&r, 0x00007fffffffffff, WALK_NOT_PRESENT).steps, 1);
	put(0x2000 + 8, 0x80000000 | PTE_P | PTE_PS, 8);
	assert_int_equal(mapped(&r, high + 0x7fedcba9, 0xbfedcba9).page_shift, 30);
	put(0x2000 + 8, 1 << 29 | PTE_P | PTE_PS, 8);
	not_mapped(&r, high + 0x40000000, WALK_RESERVED);
	put(0x1000 + 8 * 256, 0x2000 | PTE_P | PTE_PS, 8);
	not_mapped(&r, high, WALK_RESERVED);
}

static void five_levels(void **state)
{
	struct walk_registers r = LONG;
	struct walk walk;

	(void)state;
	r.cr4 |= CR4_LA57;
	put(0x1000 + 8 * 1, 0x2000 | PTE_P | PTE_W | PTE_U, 8);
	put(0x2000, 0x3000 | PTE_P | PTE_W | PTE_U, 8);
	put(0x3000, 0x4000 | PTE_P | PTE_W | PTE_U, 8);
	put(0x4000, 0x5000 | PTE_P | PTE_W | PTE_U, 8);
	put(0x5000, 0x6000 | PTE_P | PTE_U, 8);
	walk = mapped(&r, 0x0001000000000042, 0x6042);
	assert_int_equal(walk.mode, WALK_5);
	assert_int_equal(walk.steps, 5);
	assert_false(walk.writable);
	not_mapped(&r, 0x0100000000000000, WALK_NONCANONICAL);
	put(0x5000, 0, 8);
	not_mapped(&r, 0x0001000000000042, WALK_NOT_PRESENT);
}

static void told(void **state)
{
	struct walk_registers r = LONG;
	struct buf text = { 0 };
	struct json_out json = { .to = &text };
	struct walk walk;

	(void)state;
	put(0x1000, 0x2000 | PTE_P | PTE_W | PTE_A, 8);
	walk = not_mapped(&r, 0xdead000, WALK_NOT_PRESENT);
	walk_text(&text, &walk);
	assert_string_equal(buf_text(&text),
			    "\t\t0xdead000: 4-level paging, CR3 0x1000\n"
			    "\t\tPML4E[0] at 0x1000 = 0x2023: P W A\n"
			    "\t\tPDPTE[0] at 0x2000 = 0\n"
			    "\t\tnot present\n");
	text.length = 0;
	walk_json(&json, NULL, &walk);
	assert_string_equal(buf_text(&text),
			    "{\"linear\":\"0xdead000\",\"mode\":\"4-level paging\","
			    "\"cr3\":\"0x1000\",\"entries\":["
			    "{\"level\":\"PML4E\",\"index\":0,\"at\":\"0x1000\","
			    "\"entry\":\"0x2023\",\"reserved\":\"0\"},"
			    "{\"level\":\"PDPTE\",\"index\":0,\"at\":\"0x2000\","
			    "\"entry\":\"0\",\"reserved\":\"0\"}],"
			    "\"mapped\":false,\"end\":\"not present\"}");
	/* What a hostile process may leave. */
	memset(&walk, 0xff, sizeof(walk));
	walk_check(&walk);
	text.length = 0;
	walk_text(&text, &walk);
	buf_free(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(none, clear),
		cmocka_unit_test_setup(legacy, clear),
		cmocka_unit_test_setup(pae, clear),
		cmocka_unit_test_setup(four_levels, clear),
		cmocka_unit_test_setup(five_levels, clear),
		cmocka_unit_test_setup(told, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
