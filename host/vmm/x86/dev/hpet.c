/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * HPET (IA-PC HPET specification 1.0a): the main counter, and three timers that
 * can be programmed but, as they say, are wired to no interrupt.
 */
#include <string.h>

#include "vmm/clock.h"
#include "vmm/machine.h"
#include "vmm/x86/acpi.h"

#define SIZE		0x400u
#define CAPABILITIES	0x000
#define CONFIG		0x010
#define COUNTER		0x0f0
#define TIMERS		0x100		/* 32 bytes each: configuration, comparator */
#define TIMER_COUNT	3u

#define HZ		100000000ull
#define PERIOD_FS	10000000ull	/* of one tick */
#define CAP_REVISION	1u
#define CAP_64_BIT	(1u << 13)
#define CAP_VENDOR	(0x8086u << 16)
#define CONFIG_ENABLE	(1u << 0)
#define TIMER_64_BIT	(1u << 5)	/* a timer's only capability */
#define TIMER_WRITABLE	0x0000014e	/* type, enable, periodic, set, 32-bit mode */

static struct {
	uint64_t config;
	uint64_t counter;		/* at @since if enabled, else now */
	uint64_t since;			/* machine's time */
	struct { uint64_t config, comparator; } timers[TIMER_COUNT];
} hpet;

static uint64_t counter_now(void)
{
	if (!(hpet.config & CONFIG_ENABLE))
		return hpet.counter;
	return hpet.counter + clock_ticks(clock_ns() - hpet.since, HZ);
}

static uint64_t register_get(uint64_t at)
{
	unsigned int n = (at - TIMERS) / 32;

	switch (at) {
	case CAPABILITIES:
		return CAP_REVISION | (TIMER_COUNT - 1) << 8 | CAP_64_BIT |
			CAP_VENDOR | PERIOD_FS << 32;
	case CONFIG:
		return hpet.config;
	case COUNTER:
		return counter_now();
	}
	if (at < TIMERS || n >= TIMER_COUNT)
		return 0;
	return at % 32 == 0 ? hpet.timers[n].config | TIMER_64_BIT :
		at % 32 == 8 ? hpet.timers[n].comparator : 0;
}

static void register_set(uint64_t at, uint64_t value)
{
	unsigned int n = (at - TIMERS) / 32;

	if (at == CONFIG) {
		hpet.counter = counter_now();
		hpet.since = clock_ns();
		hpet.config = value & CONFIG_ENABLE;
	} else if (at == COUNTER && !(hpet.config & CONFIG_ENABLE)) {
		hpet.counter = value;
	} else if (at >= TIMERS && n < TIMER_COUNT && at % 32 == 0) {
		hpet.timers[n].config = value & TIMER_WRITABLE;
	} else if (at >= TIMERS && n < TIMER_COUNT && at % 32 == 8) {
		hpet.timers[n].comparator = value;
	}
}

/* Registers are 64 bits wide, and read and written whole or by half. */
static uint64_t hpet_read(uint64_t offset, unsigned int size)
{
	(void)size;
	return register_get(offset & ~7ull) >> 8 * (offset & 7);
}

static void hpet_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint64_t whole;

	if ((size != 4 && size != 8) || offset & (size - 1))
		return;
	whole = register_get(offset & ~7ull);
	memcpy((uint8_t *)&whole + (offset & 7), &value, size);
	register_set(offset & ~7ull, whole);
}

static struct device hpet_device = {
	.name = "hpet",
	.text = "HPET main counter, 100 MHz, 64 bits",
	.ranges = { { BUS_MEMORY, ACPI_HPET, SIZE, hpet_read, hpet_write, 0,
		      "registers" } },
	.state = DEVICE_STATE(1, hpet),
};
DEVICE_REGISTER(hpet_device);
