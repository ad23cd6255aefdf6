/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ACPI's fixed hardware (ACPI 6, chapter 4): the power-management timer, event
 * and control registers, and sleep.
 */
#include <string.h>

#include "vmm/clock.h"
#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/x86/acpi.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/reset.h"

#define TIMER_HZ	3579545ull
#define TIMER_BITS	24

#define STATUS		0		/* offsets of the registers */
#define ENABLE		2
#define CONTROL		4

#define EVENT_TIMER	(1u << 0)	/* in status and enable */
#define EVENT_RTC	(1u << 10)
#define EVENT_WAKE	(1u << 15)	/* in status only */
#define ENABLES		(EVENT_TIMER | 1u << 5 | 1u << 8 | 1u << 9 | EVENT_RTC)
#define SCI_ENABLED	(1u << 0)	/* in control; there is no other mode */
#define SLEEP_TYPE(v)	((v) >> 10 & 7)
#define SLEEP_NOW	(1u << 13)	/* reads as 0 */

static struct {
	uint16_t registers[4];		/* status, enable, control, nothing */
	uint64_t seen;			/* machine's time of the last look */
} pm = { .registers = { 0, 0, SCI_ENABLED, 0 } };

static void pm_timer(void);
static struct device acpi_device;
static struct timer timer = { .device = &acpi_device, .fn = pm_timer };

static uint16_t *status(void)
{
	return &pm.registers[STATUS / 2];
}

static uint16_t *enabled(void)
{
	return &pm.registers[ENABLE / 2];
}

/* The timer's status is set whenever its highest bit changes (4.8.3.3). */
static uint64_t timer_turns(uint64_t ns)
{
	return clock_ticks(ns, TIMER_HZ) >> (TIMER_BITS - 1);
}

/* Status, line and timer as they are to be now. */
static void bring_up(void)
{
	uint64_t now = clock_ns(), turns = timer_turns(now), next = TIMER_STOPPED;

	if (pm.seen && turns != timer_turns(pm.seen))
		*status() |= EVENT_TIMER;
	pm.seen = now;
	irq_line(IRQ_FROM_ACPI, ACPI_SCI, *status() & *enabled() & ENABLES);
	if (*enabled() & EVENT_TIMER)
		next = clock_tick_ns((turns + 1) << (TIMER_BITS - 1), TIMER_HZ);
	timer_set(&timer, next);
}

static void pm_timer(void)
{
	bring_up();
}

void acpi_rtc_alarm(void)
{
	pthread_mutex_lock(&acpi_device.lock);
	*status() |= EVENT_RTC;
	bring_up();
	pthread_mutex_unlock(&acpi_device.lock);
}

/*
 * All CPUs stand still, and so they would until the alarm; as nobody can tell
 * how long that took but by the RTC, it is over at once.
 */
static void sleep_now(void *arg)
{
	uint32_t vector;

	(void)arg;
	if (!(*enabled() & EVENT_RTC) || !rtc_sleep())
		machine_end(NULL, VM_END_POWER_OFF, 0,
			    "asleep (S3) for ever: no alarm is enabled");
	vector = acpi_waking_vector();
	if (!vector || vector >= 1u << 20)
		machine_end(NULL, VM_END_SHUTDOWN, 0,
			    "woke from S3 with waking vector %#x", vector);
	*status() |= EVENT_WAKE;
	reset_wake(vector);
	reset_init();
}

static void control_write(uint16_t value)
{
	pm.registers[CONTROL / 2] = (value & ~SLEEP_NOW) | SCI_ENABLED;
	if (!(value & SLEEP_NOW))
		return;
	if (SLEEP_TYPE(value) == ACPI_SLEEP_S3)
		vcpu_after_exit(sleep_now, NULL);
	else if (SLEEP_TYPE(value) == ACPI_SLEEP_S5)
		machine_end(vcpu_current(), VM_END_POWER_OFF, 0,
			    "power-off through ACPI");
}

static uint64_t register_read(uint64_t offset, unsigned int size)
{
	uint64_t value = 0;

	bring_up();
	memcpy(&value, (uint8_t *)pm.registers + offset, size);
	return value;
}

static void register_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint16_t registers[4];

	bring_up();
	memcpy(registers, pm.registers, sizeof(registers));
	/* Status bits are cleared by writing ones: what is not written is zero. */
	registers[STATUS / 2] = 0;
	memcpy((uint8_t *)registers + offset, &value, size);
	*status() &= ~registers[STATUS / 2];
	*enabled() = registers[ENABLE / 2] & ENABLES;
	if (offset + size > CONTROL)
		control_write(registers[CONTROL / 2]);
	bring_up();
}

static uint64_t timer_read(uint64_t offset, unsigned int size)
{
	uint64_t ticks = clock_ticks(clock_ns(), TIMER_HZ);

	(void)size;
	return (ticks & ((1u << TIMER_BITS) - 1)) >> 8 * offset;
}

static void acpi_restore(void)
{
	bring_up();
}

static void acpi_settle(void *copy)
{
	typeof(pm) *p = copy;

	/* The timer's status is set as time goes by. */
	p->registers[STATUS / 2] &= ~EVENT_TIMER;
	p->seen = 0;
}

static struct device acpi_device = {
	.name = "acpi",
	.text = "ACPI power management, and the tables that lead to it",
	.init = acpi_tables_write,
	.ranges = {
		{ BUS_PORT, ACPI_PM_EVENT, 8, register_read, register_write, 4,
		  "PM1 status, enable, control" },
	},
	.state = DEVICE_STATE(1, pm, .settle = acpi_settle),
	.restore = acpi_restore,
};
DEVICE_REGISTER(acpi_device);

/* Apart from the registers: it is what benchmarks read, and has no state. */
static struct device pm_timer_device = {
	.name = "acpi-pm-timer",
	.text = "ACPI power-management timer",
	.ranges = { { BUS_PORT, ACPI_PM_TIMER, 4, timer_read, NULL, 4,
		      "3.579545 MHz, 24 bits" } },
	.lockless = true,
};
DEVICE_REGISTER(pm_timer_device);
