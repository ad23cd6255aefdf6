/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL031 real-time clock: DDI 0224, chapter 3. */
#include <asm/cpu.h>
#include <boot.h>
#include <clock.h>
#include <fdt.h>
#include <gic.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

#define RTC_DR		0x00	/* seconds */
#define RTC_MR		0x04	/* match */
#define RTC_LR		0x08	/* load */
#define RTC_CR		0x0c	/* bit 0: started */
#define RTC_IMSC	0x10	/* bit 0: the interrupt is let through */
#define RTC_RIS		0x14	/* raw */
#define RTC_MIS		0x18	/* as it is let through */
#define RTC_ICR		0x1c	/* write 1: cleared */
#define RTC_ID		0xfe0	/* eight words with a byte each */

static struct io *rtc;
static unsigned int intid;

static u32 get(u32 reg)
{
	return io_read32(rtc, reg);
}

static void set(u32 reg, u32 value)
{
	io_write32(rtc, reg, value);
}

static void rtc_find(void)
{
	int node = fdt_compatible(boot_info.fdt, FDT_NONE, "arm,pl031");
	u64 base, size, number;

	REQUIRE(fdt_reg(boot_info.fdt, node, 0, &base, &size));
	/* An SPI, its number, its trigger. */
	REQUIRE(fdt_number(boot_info.fdt, node, "interrupts", 1, 1, &number));
	rtc = io_map(base, size);
	intid = GIC_SPI(number);
}

TEST(identification, "the peripheral and cell identification registers",
     DEVICE(DEVICE_PL031))
{
	static const u8 id[] = { 0x31, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };

	rtc_find();
	for (unsigned int i = 0; i < ARRAY_SIZE(id); i++)
		EXPECT_EQ(get(RTC_ID + 4 * i), id[i]);
}

TEST(read_only, "what is read-only does not change, written in whatever width",
     DEVICE(DEVICE_PL031))
{
	static const u32 regs[] = {
		RTC_RIS, RTC_MIS, RTC_ID, RTC_ID + 4, RTC_ID + 8, RTC_ID + 12,
		RTC_ID + 16, RTC_ID + 20, RTC_ID + 24, RTC_ID + 28,
	};

	rtc_find();
	for_each(reg, regs) SUBTEST("%#x", *reg) {
		u32 old = get(*reg);

		io_write8(rtc, *reg, ~old);
		EXPECT_EQ(get(*reg), old);
		io_write16(rtc, *reg, ~old);
		EXPECT_EQ(get(*reg), old);
		set(*reg, ~old);
		EXPECT_EQ(get(*reg), old);
	}
}

/* A second's beginning lies between two readings of the counter. */
struct edge {
	u32 second;
	u64 least, most;
};

static struct edge edge_wait(u32 second)
{
	struct edge edge = { .most = clock_ticks() };

	do {
		edge.least = edge.most;
		edge.second = get(RTC_DR);
		edge.most = clock_ticks();
		cpu_relax();
	} while (edge.second - second >= BIT(31) || edge.second == second);
	return edge;
}

TEST(seconds, "it counts seconds", DEVICE(DEVICE_PL031))
{
	struct edge begin, end;
	u64 us;

	rtc_find();
	begin = edge_wait(get(RTC_DR));
	end = edge_wait(begin.second + 1);
	/*
	 * Both are clocks of one machine, and agree to a tenth.  A host that is busy
	 * makes edges wide, and may even lose one: then more seconds were counted.
	 */
	us = (end.second - begin.second) * 1000000ull;
	EXPECT(end.most - begin.least >= clock_us_to_ticks(us - us / 10));
	EXPECT(end.least - begin.most <= clock_us_to_ticks(us + us / 10));
	METRIC("two seconds", end.most - begin.most, "ticks");
}

static volatile u32 taken, raw_seen, masked_seen;

static void on_match(void *arg)
{
	(void)arg;
	raw_seen = get(RTC_RIS);
	masked_seen = get(RTC_MIS);
	set(RTC_ICR, 1);
	taken++;
}

static void wait_for_match(void)
{
	u64 begin = clock_ticks();

	while (!get(RTC_RIS) && !taken && clock_ticks() - begin < clock_us_to_ticks(3000000))
		irq_window();
}

TEST(match, "the match register interrupts, if it is let through",
     DEVICE(DEVICE_PL031, DEVICE_GIC))
{
	rtc_find();
	taken = 0;
	set(RTC_IMSC, 0);
	set(RTC_ICR, 1);
	WITH_IRQ(intid, on_match, NULL) {
		SUBTEST("not let through") {
			set(RTC_MR, get(RTC_DR) + 1);
			wait_for_match();
			EXPECT_EQ(get(RTC_RIS), 1);
			EXPECT_EQ(get(RTC_MIS), 0);
			irq_window();
			EXPECT(!gic_line_is_pending(intid));
			EXPECT_EQ(taken, 0);
			set(RTC_ICR, 1);
			EXPECT_EQ(get(RTC_RIS), 0);
		}
		SUBTEST("let through") {
			set(RTC_IMSC, 1);
			set(RTC_MR, get(RTC_DR) + 1);
			wait_for_match();
			irq_window();
			EXPECT_EQ(taken, 1);
			EXPECT_EQ(raw_seen, 1);
			EXPECT_EQ(masked_seen, 1);
			EXPECT_EQ(get(RTC_RIS), 0);
			EXPECT(!gic_line_is_pending(intid));
		}
		set(RTC_IMSC, 0);
	}
}
