/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and power of the machine: ACPI's tables and fixed hardware (ACPI 6,
 * chapters 4 and 5), and the MC146818.  Sleep is s3's, starting again init's.
 */
#include <acpi.h>
#include <apic.h>
#include <clock.h>
#include <rtc.h>
#include <scope.h>
#include <test.h>

#define FADT_FACS	36
#define FADT_DSDT	40
#define FADT_SCI	46
#define FADT_PM1A_EVENT	56
#define FADT_PM1A_CONTROL	64
#define PM_RTC		BIT(10)		/* in status and enable */
#define PM_WAKE		BIT(15)		/* in status */
#define VECTOR		0x40

static const struct acpi_header *fadt;

static bool fadt_find(void)
{
	fadt = acpi_table("FACP");
	if (!fadt)
		return skip("no ACPI"), false;
	return true;
}

TEST(tables, "FADT leads to FACS and DSDT; the DSDT names its sleep states")
{
	const struct acpi_header *dsdt;
	const char *facs;
	bool s3 = false, s5 = false;

	if (!fadt_find())
		return;
	facs = (const char *)(uintptr_t)acpi_field32(fadt, FADT_FACS);
	REQUIRE(facs && !((uintptr_t)facs & 63));
	EXPECT(!memcmp(facs, "FACS", 4));
	dsdt = (const void *)(uintptr_t)acpi_field32(fadt, FADT_DSDT);
	REQUIRE(dsdt && !memcmp(dsdt->signature, "DSDT", 4));
	for (u32 i = sizeof(*dsdt); i + 4 <= dsdt->length; i++) {
		const char *name = (const char *)dsdt + i;

		s3 |= !memcmp(name, "_S3_", 4);
		s5 |= !memcmp(name, "_S5_", 4);
	}
	EXPECT(s3 && s5);
}

TEST(pm_timer, "the PM timer goes on, 24 bits wide", DEVICE(DEVICE_PM_TIMER))
{
	u16 port;
	u32 begin, last;

	if (!fadt_find())
		return;
	port = acpi_field32(fadt, ACPI_FADT_PM_TIMER);
	begin = last = in32(port);
	for (unsigned int i = 0; i < 1000; i++) {
		u32 now = in32(port);

		EXPECT_EQ(now >> 24, 0);
		EXPECT(((now - last) & 0xffffff) < 0x800000);
		last = now;
	}
	delay_us(100);
	EXPECT(((in32(port) - begin) & 0xffffff) >= 300);
}

TEST(pm1, "PM1: enables are kept, status is cleared by ones")
{
	u16 event, old;

	if (!fadt_find())
		return;
	event = acpi_field32(fadt, FADT_PM1A_EVENT);
	REQUIRE(event && acpi_field32(fadt, FADT_PM1A_CONTROL));
	old = in16(event + 2);
	out16(event + 2, PM_RTC);
	EXPECT_EQ(in16(event + 2) & PM_RTC, PM_RTC);
	out16(event, 0xffff);
	EXPECT_EQ(in16(event) & PM_WAKE, 0);
	out16(event + 2, old);
}

#define RTC_LINE	8

TEST(rtc_update, "an update is announced, and over soon")
{
	if (!rtc_present())
		return;
	/* On some machines it takes less time than they may be away. */
	EXPECT(rtc_updating_within(30));
	for (unsigned int i = 0; i < 1000 && rtc_read(RTC_REG_A) & RTC_A_UPDATING; i++)
		delay_us(100);
	EXPECT_EQ(rtc_read(RTC_REG_A) & RTC_A_UPDATING, 0);
}

TEST(rtc_memory, "CMOS memory keeps what is written")
{
	u8 old;

	if (!rtc_present())
		return;
	old = rtc_read(0x7f);
	rtc_write(0x7f, 0xa5);
	rtc_write(0x7e, 0x00);
	EXPECT_EQ(rtc_read(0x7f), 0xa5);
	rtc_write(0x7f, old);
}

static unsigned int bcd(u8 byte)
{
	return (byte >> 4) * 10 + (byte & 0xf);
}

TEST(rtc_time, "the time is one, in BCD and 24 hours, and can be set")
{
	u8 b;

	if (!rtc_present())
		return;
	b = rtc_read(RTC_REG_B);
	EXPECT(bcd(rtc_read(0)) < 60 && bcd(rtc_read(2)) < 60 && bcd(rtc_read(4)) < 24);
	EXPECT(bcd(rtc_read(7)) - 1 < 31 && bcd(rtc_read(8)) - 1 < 12);
	rtc_write(RTC_REG_B, b | RTC_B_SET);
	rtc_write(4, 0x12);
	rtc_write(2, 0x34);
	rtc_write(0, 0x10);
	EXPECT_EQ(rtc_read(0), 0x10);
	rtc_write(RTC_REG_B, b);
	EXPECT_EQ(rtc_read(4), 0x12);
	EXPECT_EQ(rtc_read(2), 0x34);
	EXPECT(rtc_read(0) - 0x10 <= 2);
}

static void rtc_interrupt(void *arg)
{
	u32 *flags = arg;

	*flags |= rtc_read(RTC_REG_C);
}

static void rtc_alarm_run(u8 enable)
{
	volatile u32 flags = 0;
	u8 b = rtc_read(RTC_REG_B);

	rtc_alarm_each_second();
	apic_enable();
	ioapic_route(RTC_LINE, VECTOR, apic_id());
	rtc_updating_within(1);	/* so that the next second is near */
	WITH_IRQ(VECTOR, rtc_interrupt, (void *)&flags) {
		rtc_read(RTC_REG_C);
		rtc_write(RTC_REG_B, b | enable);
		irq_enable();
		for (unsigned int i = 0; i < 20000 && !flags; i++) {
			in8(0x80);	/* some hypervisors deliver at an exit */
			delay_us(100);
		}
		irq_disable();
		rtc_write(RTC_REG_B, b);
	}
	ioapic_route(RTC_LINE, IOAPIC_MASKED, 0);
	EXPECT_EQ(flags & (RTC_C_IRQ | enable), RTC_C_IRQ | enable);
	EXPECT_EQ(rtc_read(RTC_REG_C) & RTC_C_IRQ, 0);
}

TEST(rtc_alarm, "an alarm with wildcards goes off each second, on line 8",
     REQUIRES(CPU_APIC))
{
	if (rtc_present())
		rtc_alarm_run(RTC_B_ALARM);
}
