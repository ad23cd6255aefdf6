/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * MC146818 real-time clock and its 128 bytes of CMOS memory (Motorola's data
 * sheet; Intel chip sets' RTC chapters).
 *
 * Nothing ticks: registers and flags are brought up to date when somebody looks,
 * and a timer runs only while an interrupt is enabled.  A guest that does nothing
 * but poll for the next update has it soon: the clock leaps there.
 */
#include <string.h>
#include <time.h>

#include "vmm/clock.h"
#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/x86/irq.h"
#include "vmm/x86/reset.h"

#define LINE		8

#define SECONDS		0x00
#define SECONDS_ALARM	0x01
#define MINUTES		0x02
#define MINUTES_ALARM	0x03
#define HOURS		0x04
#define HOURS_ALARM	0x05
#define WEEKDAY		0x06
#define DAY		0x07
#define MONTH		0x08
#define YEAR		0x09
#define REG_A		0x0a
#define REG_B		0x0b
#define REG_C		0x0c
#define REG_D		0x0d
#define CENTURY		0x32

#define A_UPDATING	0x80
#define A_RATE		0x0f
#define B_SET		0x80		/* time stands still, and may be written */
#define B_PERIODIC	0x40		/* enables: the same bits are C's flags */
#define B_ALARM		0x20
#define B_UPDATE	0x10
#define B_ENABLES	(B_PERIODIC | B_ALARM | B_UPDATE)
#define B_BINARY	0x04
#define B_24_HOURS	0x02
#define C_IRQ		0x80
#define D_VALID		0x80
#define ALARM_ANY	0xc0		/* both bits: any value fits */
#define HOURS_PM	0x80

/* An update takes 1984 us, and is announced 244 us before (data sheet, table 6). */
#define UPDATE_NS	2228000ull
#define POLLS		32u		/* so many in a row mean waiting */
#define DAY_SECONDS	86400u
#define UNIX_EPOCH	2208988800ull	/* seconds from 1900, where ours begins */

static struct {
	uint8_t index, flags;		/* flags of register C */
	uint8_t memory[128];
	uint32_t polls;			/* of register A, without anything between */
	uint64_t offset;		/* UTC in ns minus the machine's time; 0: not set */
	uint64_t held;			/* UTC in ns while B_SET */
	uint64_t seen;			/* UTC in ns up to which flags are right */
} rtc = { .memory = { [REG_A] = 0x26, [REG_B] = B_24_HOURS } };

static void rtc_timer(void);
static struct device rtc_device;
static struct timer timer = { .device = &rtc_device, .fn = rtc_timer };

static uint64_t utc_ns(void)
{
	if (!rtc.offset) {
		struct timespec t;

		clock_gettime(CLOCK_REALTIME, &t);
		rtc.offset = (t.tv_sec + UNIX_EPOCH) * NS_PER_S + t.tv_nsec -
			clock_ns();
		rtc.seen = rtc.offset + clock_ns();
	}
	return rtc.offset + clock_ns();
}

static unsigned int decode(uint8_t byte)
{
	if (rtc.memory[REG_B] & B_BINARY)
		return byte;
	return (byte >> 4) * 10 + (byte & 0xf);
}

static uint8_t encode(unsigned int value)
{
	if (rtc.memory[REG_B] & B_BINARY)
		return value;
	return value / 10 % 10 << 4 | value % 10;
}

static unsigned int decode_hours(uint8_t byte)
{
	unsigned int hours;

	if (rtc.memory[REG_B] & B_24_HOURS)
		return decode(byte);
	hours = decode(byte & ~HOURS_PM) % 12;
	return byte & HOURS_PM ? hours + 12 : hours;
}

static uint8_t encode_hours(unsigned int hours)
{
	if (rtc.memory[REG_B] & B_24_HOURS)
		return encode(hours);
	return encode((hours + 11) % 12 + 1) | (hours >= 12 ? HOURS_PM : 0);
}

/* The first second after @second, both in UTC, that the alarm fits; 0: none. */
static uint64_t alarm_after(uint64_t second)
{
	const uint8_t *m = rtc.memory;
	uint64_t at = second + 1;

	while (at <= second + DAY_SECONDS) {
		unsigned int day = at % DAY_SECONDS;

		if (m[HOURS_ALARM] < ALARM_ANY &&
		    day / 3600 != decode_hours(m[HOURS_ALARM]))
			at += 3600 - at % 3600;
		else if (m[MINUTES_ALARM] < ALARM_ANY &&
			 day / 60 % 60 != decode(m[MINUTES_ALARM]))
			at += 60 - at % 60;
		else if (m[SECONDS_ALARM] < ALARM_ANY &&
			 day % 60 != decode(m[SECONDS_ALARM]))
			at++;
		else
			return at;
	}
	return 0;
}

/* Ticks of the periodic interrupt up to @ns; 0 while it has no rate. */
static uint64_t periodic_ticks(uint64_t ns, uint64_t *hz)
{
	unsigned int rate = rtc.memory[REG_A] & A_RATE;

	if (!rate)
		return 0;
	/* The two fastest would need another time base: they are 256 and 128 Hz. */
	*hz = rate < 3 ? 512u >> rate : 65536u >> rate;
	return clock_ticks(ns, *hz);
}

/* When an enabled interrupt is due next, in UTC ns; 0: never. */
static uint64_t next_interrupt(uint64_t now)
{
	uint64_t at = 0, alarm, ticks, hz = 0;

	if (rtc.memory[REG_B] & B_PERIODIC) {
		ticks = periodic_ticks(now, &hz);
		if (hz)
			at = clock_tick_ns(ticks + 1, hz);
	}
	if (rtc.memory[REG_B] & B_SET)
		return at;
	if (rtc.memory[REG_B] & B_ALARM) {
		alarm = alarm_after(now / NS_PER_S) * NS_PER_S;
		if (alarm && (!at || alarm < at))
			at = alarm;
	}
	if (rtc.memory[REG_B] & B_UPDATE &&
	    (!at || (now / NS_PER_S + 1) * NS_PER_S < at))
		at = (now / NS_PER_S + 1) * NS_PER_S;
	return at;
}

/* Flags, line and timer as they are to be at @now. */
static void bring_up(uint64_t now)
{
	uint64_t hz, alarm, next;
	uint8_t before = rtc.flags & B_ALARM;

	if (periodic_ticks(now, &hz) != periodic_ticks(rtc.seen, &hz))
		rtc.flags |= B_PERIODIC;
	if (!(rtc.memory[REG_B] & B_SET) && now / NS_PER_S != rtc.seen / NS_PER_S) {
		rtc.flags |= B_UPDATE;
		alarm = alarm_after(rtc.seen / NS_PER_S);
		if (alarm && alarm <= now / NS_PER_S)
			rtc.flags |= B_ALARM;
	}
	rtc.seen = now;
	if (rtc.flags & ~before & rtc.memory[REG_B] & B_ALARM)
		acpi_rtc_alarm();
	irq_line(IRQ_FROM_RTC, LINE, rtc.flags & rtc.memory[REG_B] & B_ENABLES);
	next = next_interrupt(now);
	timer_set(&timer, next ? next - rtc.offset : TIMER_STOPPED);
}

static void rtc_timer(void)
{
	bring_up(utc_ns());
}

/* The clock leaps, and what it leaps over happens. */
static void leap_to(uint64_t ns)
{
	rtc.offset += ns - utc_ns();
	bring_up(ns);
}

static uint8_t read_a(void)
{
	uint64_t now = utc_ns();
	uint64_t update = (now / NS_PER_S + 1) * NS_PER_S - UPDATE_NS;

	if (rtc.memory[REG_B] & B_SET)
		return rtc.memory[REG_A];
	if (now < update && ++rtc.polls < POLLS)
		return rtc.memory[REG_A];
	if (now < update)
		leap_to(update);
	rtc.polls = 0;
	return rtc.memory[REG_A] | A_UPDATING;
}

static uint8_t read_c(void)
{
	uint8_t flags;

	bring_up(utc_ns());
	flags = rtc.flags;
	if (flags & rtc.memory[REG_B] & B_ENABLES)
		flags |= C_IRQ;
	rtc.flags = 0;
	irq_line(IRQ_FROM_RTC, LINE, false);
	return flags;
}

/*
 * The C library's conversions would read the host's time zone from a file.  Years
 * are counted from March, so that the leap day is the last.
 */
struct calendar {
	int64_t second, minute, hour, day, month, year;	/* day and month from 1 */
};

#define CYCLE_DAYS	146097	/* of 400 years */
#define EPOCH_DAYS	693901	/* from March 1 of year 0 to 1900 */

static int64_t days_of(struct calendar c)
{
	int64_t months = c.year * 12 + c.month - 3, year = months / 12;

	return year * 365 + year / 4 - year / 100 + year / 400 +
		(153 * (months % 12) + 2) / 5 + c.day - 1 - EPOCH_DAYS;
}

static struct calendar calendar_of(uint64_t seconds)
{
	int64_t days = seconds / DAY_SECONDS + EPOCH_DAYS;
	int64_t cycle = days / CYCLE_DAYS, day = days % CYCLE_DAYS;
	int64_t year = (day - day / 1460 + day / 36524 - day / (CYCLE_DAYS - 1)) / 365;
	int64_t in_year = day - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * in_year + 2) / 153;

	return (struct calendar){
		.second = seconds % 60, .minute = seconds / 60 % 60,
		.hour = seconds / 3600 % 24, .day = in_year - (153 * month + 2) / 5 + 1,
		.month = month < 10 ? month + 3 : month - 9,
		.year = cycle * 400 + year + (month >= 10),
	};
}

static uint64_t time_now(void)
{
	return (rtc.memory[REG_B] & B_SET ? rtc.held : utc_ns()) / NS_PER_S;
}

static uint8_t read_time(unsigned int index)
{
	uint64_t now = time_now();
	struct calendar c = calendar_of(now);

	switch (index) {
	case SECONDS:
		return encode(c.second);
	case MINUTES:
		return encode(c.minute);
	case HOURS:
		return encode_hours(c.hour);
	case WEEKDAY:			/* 1900 began on a Monday; Sunday is 1 */
		return encode((now / DAY_SECONDS + 1) % 7 + 1);
	case DAY:
		return encode(c.day);
	case MONTH:
		return encode(c.month);
	case YEAR:
		return encode(c.year % 100);
	default:
		return encode(c.year / 100);
	}
}

/* Values beyond a field's carry into the next. */
static void write_time(unsigned int index, uint8_t byte)
{
	struct calendar c = calendar_of(time_now());
	uint64_t ns;

	switch (index) {
	case SECONDS:
		c.second = decode(byte);
		break;
	case MINUTES:
		c.minute = decode(byte);
		break;
	case HOURS:
		c.hour = decode_hours(byte);
		break;
	case DAY:
		c.day = decode(byte);
		break;
	case MONTH:
		c.month = decode(byte);
		break;
	case YEAR:
		c.year = c.year / 100 * 100 + decode(byte);
		break;
	case CENTURY:
		c.year = decode(byte) * 100 + c.year % 100;
		break;
	}
	/* What other years would mean is nobody's concern. */
	if (c.year < 1901 || c.year >= 2400)
		return;
	ns = (days_of(c) * DAY_SECONDS + c.hour * 3600 + c.minute * 60 + c.second) *
		NS_PER_S;
	if (rtc.memory[REG_B] & B_SET) {
		rtc.held = ns;
		return;
	}
	rtc.seen = ns + utc_ns() % NS_PER_S;
	rtc.offset += rtc.seen - utc_ns();
}

static void write_b(uint8_t byte)
{
	uint8_t changed = byte ^ rtc.memory[REG_B];
	uint64_t now = utc_ns();

	bring_up(now);
	if (changed & byte & B_SET)
		rtc.held = now;
	if (changed & ~byte & B_SET) {
		rtc.offset += rtc.held - now;
		rtc.seen = now = rtc.held;
	}
	rtc.memory[REG_B] = byte;
	bring_up(now);
}

static bool is_time(unsigned int index)
{
	return index <= YEAR ? !(index & 1) || index > WEEKDAY : index == CENTURY;
}

static uint64_t rtc_read(uint64_t offset, unsigned int size)
{
	(void)size;
	if (!offset)
		return 0xff;	/* the index cannot be read back */
	if (rtc.index == REG_A)
		return read_a();
	rtc.polls = 0;
	if (rtc.index == REG_C)
		return read_c();
	if (rtc.index == REG_D)
		return D_VALID;
	return is_time(rtc.index) ? read_time(rtc.index) : rtc.memory[rtc.index];
}

static void rtc_write(uint64_t offset, unsigned int size, uint64_t value)
{
	uint8_t byte = value;

	(void)size;
	if (!offset) {
		rtc.index = value & 0x7f;
		return;
	}
	rtc.polls = 0;
	if (rtc.index == REG_B)
		return write_b(byte);
	if (rtc.index == REG_C || rtc.index == REG_D)
		return;
	if (is_time(rtc.index))
		return write_time(rtc.index, byte);
	bring_up(utc_ns());
	rtc.memory[rtc.index] = rtc.index == REG_A ? byte & ~A_UPDATING : byte;
	bring_up(utc_ns());
}

uint8_t rtc_cmos(unsigned int index)
{
	return rtc.memory[index];
}

void rtc_cmos_set(unsigned int index, uint8_t value)
{
	rtc.memory[index] = value;
}

bool rtc_sleep(void)
{
	uint64_t alarm = 0;

	pthread_mutex_lock(&rtc_device.lock);
	if ((rtc.memory[REG_B] & (B_ALARM | B_SET)) == B_ALARM)
		alarm = alarm_after(utc_ns() / NS_PER_S);
	if (alarm)
		leap_to(alarm * NS_PER_S);
	pthread_mutex_unlock(&rtc_device.lock);
	return alarm;
}

static void rtc_restore(void)
{
	uint64_t next = next_interrupt(utc_ns());

	timer_set(&timer, next ? next - rtc.offset : TIMER_STOPPED);
}

static void rtc_settle(void *copy)
{
	typeof(rtc) *r = copy;

	/* Flags are set as time goes by; the offset is found out when first needed. */
	r->flags = 0;
	r->offset = r->seen = 0;
}

static struct device rtc_device = {
	.name = "mc146818rtc",
	.text = "MC146818 real-time clock and CMOS memory",
	.ranges = { { BUS_PORT, 0x70, 2, rtc_read, rtc_write, 1,
		      "index; data" } },
	.state = DEVICE_STATE(1, rtc, .settle = rtc_settle),
	.restore = rtc_restore,
};
DEVICE_REGISTER(rtc_device);
