/* SPDX-License-Identifier: BSD-2-Clause */
/* Device trees that the host writes, read by who is to read them: the guest's reader. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "base/tree.h"
#include "fdt.h"

static void *blob;
static struct fdt fdt;

static int tree_make(void **state)
{
	struct tree tree = { 0 };
	size_t size;

	(void)state;
	tree_open(&tree, "");
	tree_cells(&tree, "#address-cells", 1, 2u);
	tree_cells(&tree, "#size-cells", 1, 2u);
	tree_open(&tree, "memory@40000000");
	tree_text(&tree, "device_type", "memory");
	tree_region(&tree, 4, (uint64_t)0x40000000, (uint64_t)0x8000000, (uint64_t)1 << 40,
		    (uint64_t)3 << 32);
	tree_close(&tree);
	tree_open(&tree, "uart");
	/* Two strings, and a name that begins like another. */
	tree_bytes(&tree, "compatible", "first,one\0second,one", 21);
	tree_flag(&tree, "compatible-with-nothing");
	tree_region(&tree, 2, (uint64_t)0x9000000, (uint64_t)0x1000);
	tree_open(&tree, "inner");
	tree_cells(&tree, "numbers", 3, 1u, 0xdeadbeefu, 3u);
	tree_close(&tree);
	tree_close(&tree);
	tree_close(&tree);
	blob = tree_finish(&tree, &size);
	return !fdt_open(&fdt, blob, size) || fdt.size != size;
}

static int tree_free(void **state)
{
	(void)state;
	free(blob);
	return 0;
}

static void regions_read_back(void **state)
{
	int memory = fdt_path(&fdt, "/memory@40000000");
	u64 base, size;

	(void)state;
	assert_true(memory != FDT_NONE);
	assert_true(fdt_reg(&fdt, memory, 0, &base, &size));
	assert_int_equal(base, 0x40000000);
	assert_int_equal(size, 0x8000000);
	assert_true(fdt_reg(&fdt, memory, 1, &base, &size));
	assert_int_equal(base, 1ull << 40);
	assert_int_equal(size, 3ull << 32);
	assert_false(fdt_reg(&fdt, memory, 2, &base, &size));
}

static void texts_read_back(void **state)
{
	int uart = fdt_compatible(&fdt, FDT_NONE, "second,one");
	u32 size = 1;

	(void)state;
	assert_int_equal(uart, fdt_path(&fdt, "/uart"));
	assert_true(fdt_is_compatible(&fdt, uart, "first,one"));
	assert_non_null(fdt_get(&fdt, uart, "compatible-with-nothing", &size));
	assert_int_equal(size, 0);
	assert_string_equal(fdt_text(&fdt, fdt_path(&fdt, "/memory@40000000"), "device_type"),
			    "memory");
}

static void nodes_nest(void **state)
{
	int inner = fdt_path(&fdt, "/uart/inner");
	u64 value;

	(void)state;
	assert_true(inner != FDT_NONE);
	assert_int_equal(fdt_path(&fdt, "/inner"), FDT_NONE);
	assert_true(fdt_number(&fdt, inner, "numbers", 1, 1, &value));
	assert_int_equal(value, 0xdeadbeef);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(regions_read_back, tree_make, tree_free),
		cmocka_unit_test_setup_teardown(texts_read_back, tree_make, tree_free),
		cmocka_unit_test_setup_teardown(nodes_nest, tree_make, tree_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
