/* SPDX-License-Identifier: BSD-2-Clause */
/* The guest's reader of device trees: a sound tree, and damaged ones. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "fdt.h"

/* A blob as it grows; its header is written last. */
#define HEADER	40
#define STRINGS	512

static uint8_t blob[1024];
static size_t at, names;

static void be32_put(size_t where, uint32_t value)
{
	blob[where] = value >> 24;
	blob[where + 1] = value >> 16;
	blob[where + 2] = value >> 8;
	blob[where + 3] = value;
}

static void word(uint32_t value)
{
	be32_put(at, value);
	at += 4;
}

static void bytes(const void *from, size_t size)
{
	memcpy(blob + at, from, size);
	at += (size + 3) / 4 * 4;
}

static void node(const char *name)
{
	word(1);
	bytes(name, strlen(name) + 1);
}

static void node_end(void)
{
	word(2);
}

static void property(const char *name, const void *value, size_t size)
{
	word(3);
	word(size);
	word(names);
	bytes(value, size);
	memcpy(blob + STRINGS + names, name, strlen(name) + 1);
	names += strlen(name) + 1;
}

static void numbers(const char *name, const uint32_t *value, size_t count)
{
	size_t value_at;

	property(name, value, 4 * count);
	value_at = at - 4 * count;
	for (size_t i = 0; i < count; i++)
		be32_put(value_at + 4 * i, value[i]);
}

static void number(const char *name, uint32_t value)
{
	numbers(name, &value, 1);
}

static int tree_new(void **state)
{
	static const uint32_t memory[] = { 0, 0x40000000, 0, 0x8000000, 1, 0, 0, 0x1000 };
	static const uint32_t uart[] = { 0, 0x9000000, 0, 0x1000 };
	static const char compatible[] = "arm,pl011\0arm,primecell";

	(void)state;
	memset(blob, 0, sizeof(blob));
	at = HEADER;
	names = 0;
	node("");
	number("#address-cells", 2);
	number("#size-cells", 2);
	word(4);
	node("chosen");
	property("bootargs", "one two", 8);
	property("stdout-path", "serial0:115200n8", 17);
	node_end();
	node("aliases");
	property("serial0", "/bus@0/uart@9000000", 20);
	node_end();
	node("memory@40000000");
	numbers("reg", memory, 8);
	node_end();
	node("bus@0");
	number("#address-cells", 2);
	number("#size-cells", 2);
	node("uart@9000000");
	property("compatible", compatible, sizeof(compatible));
	numbers("reg", uart, 4);
	node_end();
	node_end();
	node("cpus");
	number("#address-cells", 1);
	number("#size-cells", 0);
	node("cpu@3");
	number("reg", 3);
	node_end();
	node_end();
	node_end();
	word(9);
	be32_put(0, 0xd00dfeed);
	be32_put(4, sizeof(blob));
	be32_put(8, HEADER);
	be32_put(12, STRINGS);
	be32_put(20, 17);
	be32_put(24, 16);
	be32_put(28, 3);
	be32_put(32, names);
	be32_put(36, at - HEADER);
	assert_true(at <= STRINGS);
	return 0;
}

static void sound(void **state)
{
	struct fdt fdt;
	uint64_t base, size, value;
	int uart, memory, cpu, depth = 0;

	(void)state;
	assert_true(fdt_open(&fdt, blob, sizeof(blob)));
	assert_int_equal(fdt.boot_cpu, 3);
	assert_int_equal(fdt.size, STRINGS + names);
	assert_string_equal(fdt_text(&fdt, fdt_path(&fdt, "/chosen"), "bootargs"), "one two");
	uart = fdt_console(&fdt);
	assert_string_equal(fdt_name(&fdt, uart), "uart@9000000");
	assert_int_equal(fdt_compatible(&fdt, FDT_NONE, "arm,primecell"), uart);
	assert_int_equal(fdt_compatible(&fdt, uart, "arm,primecell"), FDT_NONE);
	assert_int_equal(fdt_compatible(&fdt, FDT_NONE, "arm"), FDT_NONE);
	assert_string_equal(fdt_name(&fdt, fdt_parent(&fdt, uart)), "bus@0");
	assert_int_equal(fdt_parent(&fdt, FDT_ROOT), FDT_NONE);
	assert_true(fdt_reg(&fdt, uart, 0, &base, &size));
	assert_int_equal(base, 0x9000000);
	assert_int_equal(size, 0x1000);
	assert_false(fdt_reg(&fdt, uart, 1, &base, &size));
	memory = fdt_path(&fdt, "/memory");
	assert_int_equal(memory, fdt_path(&fdt, "/memory@40000000"));
	assert_int_equal(FDT_NONE, fdt_path(&fdt, "/memory@4"));
	assert_true(fdt_reg(&fdt, memory, 1, &base, &size));
	assert_true(base == 0x100000000 && size == 0x1000);
	cpu = fdt_path(&fdt, "/cpus/cpu@3");
	assert_true(fdt_reg(&fdt, cpu, 0, &base, &size));
	assert_true(base == 3 && size == 0);
	assert_true(fdt_number(&fdt, cpu, "reg", 0, 1, &value) && value == 3);
	assert_false(fdt_number(&fdt, cpu, "reg", 1, 1, &value));
	assert_false(fdt_number(&fdt, cpu, "reg", 0, 2, &value));
	assert_null(fdt_text(&fdt, cpu, "reg"));
	assert_null(fdt_text(&fdt, FDT_NONE, "reg"));
	assert_int_equal(fdt_path(&fdt, "/no/such"), FDT_NONE);
	assert_int_equal(fdt_path(&fdt, "serial1"), FDT_NONE);
	assert_int_equal(fdt_path(&fdt, "/"), FDT_ROOT);
	for (int n = FDT_ROOT; n != cpu; n = fdt_next(&fdt, n, &depth))
		;
	assert_int_equal(depth, 2);
}

/* Anything that a reader could ask, of whatever tree it is. */
static void ask_all(const void *tree, size_t size)
{
	struct fdt fdt;
	int depth = 0, count = 0;
	uint64_t base, length;
	uint32_t bytes_;

	if (!fdt_open(&fdt, tree, size))
		assert_int_equal(fdt_path(&fdt, "/"), FDT_ROOT);
	fdt_path(&fdt, "serial0");
	for (int n = FDT_ROOT; n != FDT_NONE && count++ < 100; n = fdt_next(&fdt, n, &depth)) {
		fdt_name(&fdt, n);
		fdt_parent(&fdt, n);
		fdt_is_compatible(&fdt, n, "arm,pl011");
		fdt_reg(&fdt, n, 0, &base, &length);
		fdt_get(&fdt, n, "reg", &bytes_);
		fdt_text(&fdt, n, "bootargs");
	}
	assert_true(count <= 100);
}

static void cut(void **state)
{
	(void)state;
	for (size_t size = 0; size <= sizeof(blob); size++) {
		uint8_t *copy = malloc(size + 1);

		memcpy(copy, blob, size);
		ask_all(copy, size);
		if (size >= HEADER) {
			/* Its own size and its strings end with it. */
			struct fdt fdt;

			assert_int_equal(fdt_open(&fdt, copy, size), size >= STRINGS + names);
		}
		free(copy);
	}
}

static void damaged(void **state)
{
	uint8_t *copy = malloc(sizeof(blob));

	(void)state;
	srandom(1);
	for (int round = 0; round < 20000; round++) {
		memcpy(copy, blob, sizeof(blob));
		for (int n = 1 + random() % 4; n--;)
			copy[random() % (STRINGS + names)] =
				random() % 4 ? random() % 10 : random();
		ask_all(copy, sizeof(blob));
	}
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(sound, tree_new),
		cmocka_unit_test_setup(cut, tree_new),
		cmocka_unit_test_setup(damaged, tree_new),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
