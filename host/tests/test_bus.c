/* SPDX-License-Identifier: BSD-2-Clause */
/* The bus: who gets an access, and in which pieces; and the list of devices. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "vmm/machine.h"

static struct { uint64_t offset, value; unsigned int size; } seen[16];
static unsigned int count;

static uint64_t note_read(uint64_t offset, unsigned int size)
{
	assert_true(count < 16);
	seen[count].offset = offset;
	seen[count++].size = size;
	return 0x1122334455667788ull;
}

static void note_write(uint64_t offset, unsigned int size, uint64_t value)
{
	assert_true(count < 16);
	seen[count].offset = offset;
	seen[count].value = value;
	seen[count++].size = size;
}

static struct device narrow = {
	.name = "narrow",
	.text = "takes bytes",
	.ranges = { { BUS_PORT, 0x7100, 4, note_read, note_write, 1, "bytes" } },
};
DEVICE_REGISTER(narrow);

static struct device wide = {
	.name = "wide",
	.text = "takes anything",
	.ranges = { { BUS_PORT, 0x7104, 4, note_read, note_write, 0, "all" },
		    { BUS_MEMORY, 0x7104, 4, note_read, note_write, 0, "memory" },
		    { BUS_MEMORY, ~0ull - 7, 8, note_read, NULL, 0, "the end" } },
};
DEVICE_REGISTER(wide);

static struct device absent = {
	.name = "absent",
	.text = "asked for by nobody",
	.switches = { "shiny" },
	.optional = true,
	.ranges = { { BUS_PORT, 0x7108, 4, note_read, note_write, 0, "none" } },
};
DEVICE_REGISTER(absent);

static void words(void **state)
{
	(void)state;
	assert_true(vm_device_known("absent"));
	assert_true(vm_device_known("absent,shiny=on"));
	assert_true(vm_device_known("absent,shiny=off"));
	assert_false(vm_device_known("absen"));
	assert_false(vm_device_known("absent,shiny"));
	assert_false(vm_device_known("absent,shiny=maybe"));
	assert_false(vm_device_known("absent,shiny=on,dull=on"));
	assert_false(vm_device_known("wide,shiny=on"));
}

static int setup(void **state)
{
	(void)state;
	count = 0;
	for_each_device(d)
		d->there = d == &narrow || d == &wide;
	bus_init();
	return 0;
}

static void test_whole(void **state)
{
	uint32_t value = 0;

	(void)state;
	assert_true(bus_access(BUS_PORT, 0x7104, &value, 4, false));
	assert_int_equal(value, 0x55667788);
	assert_int_equal(count, 1);
	value = 0xcafe;
	assert_true(bus_access(BUS_MEMORY, 0x7106, &value, 2, true));
	assert_int_equal(seen[1].offset, 2);
	assert_int_equal(seen[1].size, 2);
	assert_int_equal(seen[1].value, 0xcafe);
}

static void test_split(void **state)
{
	uint64_t value = 0x8877665544332211ull;

	(void)state;
	/* Four bytes one by one, then the neighbour's in one. */
	assert_true(bus_access(BUS_PORT, 0x7100, &value, 8, true));
	assert_int_equal(count, 5);
	for (unsigned int i = 0; i < 4; i++) {
		assert_int_equal(seen[i].offset, i);
		assert_int_equal(seen[i].size, 1);
		assert_int_equal(seen[i].value, 0x11 * (i + 1));
	}
	assert_int_equal(seen[4].size, 4);
	assert_int_equal(seen[4].value, 0x88776655);
}

static void test_nobody(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_false(bus_access(BUS_PORT, 0x7106, &value, 4, false));
	assert_int_equal(value, 0xffff7788);
	assert_int_equal(count, 1);
	assert_false(bus_access(BUS_PORT, 0x70ff, &value, 1, true));
	assert_false(bus_access(BUS_MEMORY, 0x7100, &value, 1, true));
	assert_false(bus_access(BUS_PORT, 0x7108, &value, 4, false));
	assert_int_equal(count, 1);
}

static void test_end_of_space(void **state)
{
	uint64_t value = 0;

	(void)state;
	assert_true(bus_access(BUS_MEMORY, ~0ull, &value, 1, false));
	assert_int_equal(seen[0].offset, 7);
	assert_int_equal(value, 0x88);
	/* It does not come round. */
	bus_access(BUS_MEMORY, ~0ull, &value, 2, false);
	assert_int_equal(seen[1].size, 1);
}

static void test_movable(void **state)
{
	static const struct bus_range bar = {
		BUS_MEMORY, BUS_NOWHERE, 0x1000, note_read, note_write, 4, "BAR"
	};
	unsigned int id = bus_add(&wide, &bar);
	uint64_t value = 0;

	(void)state;
	assert_false(bus_access(BUS_MEMORY, 0xd000, &value, 4, false));
	bus_move(id, 0xd000);
	assert_true(bus_access(BUS_MEMORY, 0xdff8, &value, 8, false));
	assert_int_equal(count, 2);
	assert_int_equal(seen[1].offset, 0xffc);
	/* What does not move comes first. */
	bus_move(id, 0x7000);
	count = 0;
	assert_true(bus_access(BUS_MEMORY, 0x7104, &value, 4, false));
	assert_int_equal(seen[0].offset, 0);
	assert_true(bus_access(BUS_MEMORY, 0x7108, &value, 4, false));
	assert_int_equal(seen[1].offset, 0x108);
	bus_move(id, BUS_NOWHERE);
	assert_false(bus_access(BUS_MEMORY, 0x7108, &value, 4, false));
}

static void test_options(void **state)
{
	static const char *const devices[] = { "wide,one=1,two=,three=ab", NULL };
	const struct vm_config config = { .devices = devices };
	const char *value;
	size_t length;

	(void)state;
	machine.config = &config;
	value = device_option("wide", "three", &length);
	assert_non_null(value);
	assert_int_equal(length, 2);
	assert_memory_equal(value, "ab", 2);
	assert_non_null(device_option("wide", "two", &length));
	assert_int_equal(length, 0);
	assert_null(device_option("wide", "thre", &length));
	assert_null(device_option("narrow", "one", &length));
	machine.config = NULL;
}

/* What the listing promises. */
static void test_descriptions(void **state)
{
	(void)state;
	for_each_device(d) {
		assert_non_null(d->name);
		assert_non_null(d->text);
		assert_null(strpbrk(d->name, " \",=\\"));
		assert_null(strpbrk(d->text, "\"\\"));
		assert_true(!d->present == !d->when);
		assert_true(!d->state.size == !d->state.at);
		for (unsigned int i = 0; i < DEVICE_RANGES; i++) {
			const struct bus_range *r = &d->ranges[i];

			if (r->space == BUS_NONE)
				continue;
			assert_non_null(r->text);
			assert_null(strpbrk(r->text, "\"\\"));
			assert_true(r->size);
			assert_true(r->base + r->size - 1 >= r->base);
			if (r->space == BUS_PORT)
				assert_true(r->base + r->size <= 0x10003);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words),
		cmocka_unit_test_setup(test_whole, setup),
		cmocka_unit_test_setup(test_split, setup),
		cmocka_unit_test_setup(test_nobody, setup),
		cmocka_unit_test_setup(test_end_of_space, setup),
		cmocka_unit_test_setup(test_movable, setup),
		cmocka_unit_test(test_options),
		cmocka_unit_test(test_descriptions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
