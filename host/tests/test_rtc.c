/* SPDX-License-Identifier: BSD-2-Clause */
/* The RTC's calendar against the C library's, and its alarm, without a machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <sys/ioctl.h>
#include <cmocka.h>

#include "vmm/machine.h"
#include "vmm/x86/reset.h"

#define B_SET		0x80
#define B_ALARM		0x20
#define B_BINARY	0x04
#define B_24_HOURS	0x02

static const struct vm_config config = { .cpus = 1 };

/* The C library's: interrupt lines go nowhere. */
int ioctl(int fd, unsigned long request, ...)
{
	(void)fd;
	(void)request;
	return 0;
}

static void put(uint8_t index, uint8_t value)
{
	bus_access(BUS_PORT, 0x70, &index, 1, true);
	bus_access(BUS_PORT, 0x71, &value, 1, true);
}

static uint8_t get(uint8_t index)
{
	uint8_t value;

	bus_access(BUS_PORT, 0x70, &index, 1, true);
	bus_access(BUS_PORT, 0x71, &value, 1, false);
	return value;
}

static int setup(void **state)
{
	(void)state;
	machine.config = &config;
	for_each_device(d)
		d->there = !strcmp(d->name, "mc146818rtc");
	bus_init();
	put(0x0b, B_24_HOURS);
	return 0;
}

static void time_put(const struct tm *tm)
{
	put(0x32, (tm->tm_year + 1900) / 100);
	put(0x09, tm->tm_year % 100);
	put(0x07, 1);			/* a day that every month has */
	put(0x08, tm->tm_mon + 1);
	put(0x07, tm->tm_mday);
	put(0x04, tm->tm_hour);
	put(0x02, tm->tm_min);
	put(0x00, tm->tm_sec);
}

static void calendar(void **state)
{
	(void)state;
	put(0x0b, B_SET | B_BINARY | B_24_HOURS);
	for (time_t t = 86400ll * 365; t < 13000000000ll; t += 86400 * 5 + 12347) {
		struct tm tm;

		gmtime_r(&t, &tm);
		time_put(&tm);
		assert_int_equal(get(0x00), tm.tm_sec);
		assert_int_equal(get(0x02), tm.tm_min);
		assert_int_equal(get(0x04), tm.tm_hour);
		assert_int_equal(get(0x06), tm.tm_wday + 1);
		assert_int_equal(get(0x07), tm.tm_mday);
		assert_int_equal(get(0x08), tm.tm_mon + 1);
		assert_int_equal(get(0x09), tm.tm_year % 100);
		assert_int_equal(get(0x32), (tm.tm_year + 1900) / 100);
	}
}

static void forms(void **state)
{
	static const struct { uint8_t b, hour, shown; } rows[] = {
		{ B_24_HOURS, 0x23, 0x23 }, { B_24_HOURS | B_BINARY, 23, 23 },
		{ 0, 0x91, 0x91 },	/* 11 p.m. */
		{ 0, 0x12, 0x12 },	/* midnight */
		{ 0, 0x92, 0x92 },	/* noon */
		{ B_BINARY, 0x8b, 0x8b },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		put(0x0b, B_SET | rows[i].b);
		put(0x04, rows[i].hour);
		assert_int_equal(get(0x04), rows[i].shown);
	}
}

/* What is no time must do no harm. */
static void nonsense(void **state)
{
	(void)state;
	for (unsigned int b = 0; b < 256; b += 2)
		for (unsigned int index = 0; index < 128; index++) {
			put(0x0b, b & ~B_ALARM);
			put(index, 0xff);
			get(index);
			put(index, b);
			get(index);
		}
}

static void alarms(void **state)
{
	struct tm tm = { .tm_year = 126, .tm_mon = 1, .tm_mday = 28, .tm_hour = 23,
			 .tm_min = 59, .tm_sec = 30 };

	(void)state;
	/* No alarm is on. */
	assert_false(rtc_sleep());
	put(0x0b, B_SET | B_BINARY | B_24_HOURS);
	time_put(&tm);
	put(0x01, 5);
	put(0x03, 0xc0);
	put(0x05, 0xff);
	put(0x0b, B_ALARM | B_BINARY | B_24_HOURS);
	/* It leaps to the next minute's second 5, which is in another month. */
	assert_true(rtc_sleep());
	assert_int_equal(get(0x00), 5);
	assert_int_equal(get(0x02), 0);
	assert_int_equal(get(0x04), 0);
	assert_int_equal(get(0x07), 1);
	assert_int_equal(get(0x08), 3);
	assert_int_equal(get(0x0c) & 0xa0, 0xa0);
	assert_int_equal(get(0x0c) & 0x80, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(calendar, setup),
		cmocka_unit_test_setup(forms, setup),
		cmocka_unit_test_setup(nonsense, setup),
		cmocka_unit_test_setup(alarms, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
