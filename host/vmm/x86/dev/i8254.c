/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * i8254, where it is not in the kernel (82C54 data sheet).  Channel 0 drives line
 * 0; channel 2 has its gate and output at port 0x61, and nobody hears it.
 *
 * Nothing counts: a count is computed when somebody looks, and a timer waits for
 * the next rise of channel 0's output while lines can be raised.
 */
#include "vmm/clock.h"
#include "vmm/loop.h"
#include "vmm/machine.h"
#include "vmm/x86/irq.h"

#define HZ		1193182ull
#define CHANNELS	3
#define LINE		0
#define SHORTEST_NS	100000u		/* from tick to tick */

#define ACCESS_LATCH	0		/* bits 5:4 of a control word */
#define ACCESS_LOW	1
#define ACCESS_HIGH	2
#define ACCESS_BOTH	3
#define READ_BACK	3		/* bits 7:6 */
#define GATE		0x01		/* port 0x61 */
#define SPEAKER		0x02
#define REFRESH		0x10
#define OUTPUT		0x20

struct channel {
	uint64_t start;			/* machine's time at which it was loaded */
	uint32_t count;			/* from 1 to 65536 */
	uint16_t latched;
	uint8_t access, mode, bcd;
	uint8_t latches;		/* bytes of @latched to be read */
	uint8_t status, has_status;
	uint8_t write_high, read_high;	/* the next byte is the upper one */
	uint8_t low;			/* the lower one, while it waits */
	uint8_t loaded;
};

/* A count is never 0, not even before the first: it is what pit_restore() insists on. */
static struct {
	struct channel channels[CHANNELS];
	uint8_t port61;
} pit = {
	.channels = { { .count = 65536 }, { .count = 65536 }, { .count = 65536 } },
};

static void pit_timer(void);
static struct device pit_device;
static struct timer timer = { .device = &pit_device, .fn = pit_timer };

static uint64_t ticks(const struct channel *c, uint64_t now)
{
	return clock_ticks(now - c->start, HZ);
}

static bool periodic(const struct channel *c)
{
	return c->mode == 2 || c->mode == 3;
}

static uint16_t count_now(const struct channel *c)
{
	uint64_t t = ticks(c, clock_ns());
	uint32_t count;

	if (c->mode == 3)		/* counts by twos */
		count = c->count - t * 2 % c->count;
	else if (periodic(c))
		count = c->count - t % c->count;
	else
		count = c->count - t;
	if (!c->bcd)
		return count;
	count %= 10000;
	return count / 1000 << 12 | count / 100 % 10 << 8 | count / 10 % 10 << 4 |
		count % 10;
}

static bool output_at(const struct channel *c, uint64_t now)
{
	uint64_t t = ticks(c, now);

	if (!c->loaded)
		return c->mode != 0;
	switch (c->mode) {
	case 0:
	case 1:
		return t >= c->count;
	case 2:
		return t % c->count != c->count - 1;
	case 3:
		return t % c->count < (c->count + 1) / 2;
	default:
		return t != c->count;
	}
}

/* When the output rises next; TIMER_STOPPED: never. */
static uint64_t rise_after(const struct channel *c, uint64_t now)
{
	uint64_t t = ticks(c, now), at;

	if (!c->loaded)
		return TIMER_STOPPED;
	if (periodic(c))
		at = (t / c->count + 1) * c->count;
	else if (t < c->count)
		at = c->count;
	else
		return TIMER_STOPPED;
	return c->start + clock_tick_ns(at, HZ);
}

/*
 * Ticks that nobody could take are lost, not made up for: the line rises once
 * for each time that somebody looked.
 */
static void pit_timer(void)
{
	uint64_t now = clock_ns(), next = rise_after(&pit.channels[0], now);

	irq_line(IRQ_FROM_PIT, LINE, false);
	irq_line(IRQ_FROM_PIT, LINE, true);
	if (next != TIMER_STOPPED && next < now + SHORTEST_NS)
		next = now + SHORTEST_NS;
	timer_set(&timer, next);
}

static void channel_load(struct channel *c, uint16_t value)
{
	uint32_t count = value;

	if (c->bcd)
		count = (value >> 12) * 1000 + (value >> 8 & 15) * 100 +
			(value >> 4 & 15) * 10 + (value & 15);
	c->count = count ? count : c->bcd ? 10000 : 65536;
	c->start = clock_ns();
	c->loaded = 1;
	if (c == &pit.channels[0]) {
		irq_line(IRQ_FROM_PIT, LINE, output_at(c, c->start));
		timer_set(&timer, rise_after(c, c->start));
	}
}

static void latch(struct channel *c)
{
	if (c->latches)
		return;			/* until it is read */
	c->latched = count_now(c);
	c->latches = c->access == ACCESS_BOTH ? 2 : 1;
}

static void read_back(uint8_t value)
{
	for (unsigned int i = 0; i < CHANNELS; i++) {
		struct channel *c = &pit.channels[i];

		if (!(value >> (i + 1) & 1))
			continue;
		if (!(value & 0x20))
			latch(c);
		if (!(value & 0x10) && !c->has_status) {
			c->status = output_at(c, clock_ns()) << 7 | !c->loaded << 6 |
				c->access << 4 | c->mode << 1 | c->bcd;
			c->has_status = 1;
		}
	}
}

static void control(uint8_t value)
{
	struct channel *c;
	uint8_t mode = value >> 1 & 7;

	if (value >> 6 == READ_BACK) {
		read_back(value);
		return;
	}
	c = &pit.channels[value >> 6];
	if ((value >> 4 & 3) == ACCESS_LATCH) {
		latch(c);
		return;
	}
	*c = (struct channel){
		.access = value >> 4 & 3, .mode = mode > 5 ? mode - 4 : mode,
		.bcd = value & 1, .count = 65536, .start = clock_ns(),
	};
	if (c == &pit.channels[0]) {
		timer_set(&timer, TIMER_STOPPED);
		irq_line(IRQ_FROM_PIT, LINE, output_at(c, c->start));
	}
}

static void channel_write(struct channel *c, uint8_t value)
{
	switch (c->access) {
	case ACCESS_LOW:
		channel_load(c, value);
		break;
	case ACCESS_HIGH:
		channel_load(c, value << 8);
		break;
	default:
		if (c->write_high)
			channel_load(c, c->low | value << 8);
		else
			c->low = value;
		c->write_high ^= 1;
		break;
	}
}

static uint8_t channel_read(struct channel *c)
{
	uint16_t count = c->latches ? c->latched : count_now(c);
	bool high = c->access == ACCESS_HIGH;

	if (c->has_status) {
		c->has_status = 0;
		return c->status;
	}
	if (c->access == ACCESS_BOTH) {
		high = c->read_high;
		c->read_high ^= 1;
	}
	if (c->latches)
		c->latches--;
	return high ? count >> 8 : count;
}

static uint64_t pit_read(uint64_t offset, unsigned int size)
{
	(void)size;
	return offset < CHANNELS ? channel_read(&pit.channels[offset]) : 0xff;
}

static void pit_write(uint64_t offset, unsigned int size, uint64_t value)
{
	(void)size;
	if (offset < CHANNELS)
		channel_write(&pit.channels[offset], value);
	else
		control(value);
}

/* Bit 4 toggles with each refresh of memory, some 15 us. */
static uint64_t port61_read(uint64_t offset, unsigned int size)
{
	uint64_t now = clock_ns();

	(void)offset;
	(void)size;
	return (pit.port61 & (GATE | SPEAKER)) | (now / 15085 & 1 ? REFRESH : 0) |
		(output_at(&pit.channels[2], now) ? OUTPUT : 0);
}

static void port61_write(uint64_t offset, unsigned int size, uint64_t value)
{
	struct channel *c = &pit.channels[2];

	(void)offset;
	(void)size;
	/* A rising gate starts the count anew, but in the modes that it enables. */
	if (value & ~pit.port61 & GATE && c->mode != 0 && c->mode != 4)
		c->start = clock_ns();
	pit.port61 = value;
}

static bool pit_present(void)
{
	return machine.config->pit &&
		machine.config->platform.irqchip != VM_IRQCHIP_KERNEL;
}

static void pit_restore(void)
{
	/* A file may say anything; nothing is divided by it. */
	for (unsigned int i = 0; i < CHANNELS; i++)
		if (!pit.channels[i].count || pit.channels[i].count > 65536)
			pit.channels[i].count = 65536;
	timer_set(&timer, rise_after(&pit.channels[0], clock_ns()));
}

static struct device pit_device = {
	.name = "i8254",
	.text = "interval timer",
	.present = pit_present,
	.when = "with a PIT, without an in-kernel irqchip; else KVM has it",
	.ranges = {
		{ BUS_PORT, 0x40, 4, pit_read, pit_write, 1,
		  "channels 0 to 2, control" },
		{ BUS_PORT, 0x61, 1, port61_read, port61_write, 1,
		  "channel 2: gate and output" },
	},
	.state = DEVICE_STATE(1, pit),
	.restore = pit_restore,
};
DEVICE_REGISTER(pit_device);
