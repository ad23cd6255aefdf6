/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Clocks and power of the machine: ACPI's tables and fixed hardware (ACPI 6,
 * chapters 4 and 5), the MC146818, sleep, and the ways to start again.
 */
#include <acpi.h>
#include <apic.h>
#include <boot.h>
#include <clock.h>
#include <resume.h>
#include <scope.h>
#include <test.h>

#define FADT_FACS	36
#define FADT_DSDT	40
#define FADT_SCI	46
#define FADT_PM1A_EVENT	56
#define FADT_PM1A_CONTROL	64
#define PM_RTC		BIT(10)		/* in status and enable */
#define PM_WAKE		BIT(15)		/* in status */
#define PM_SLEEP_S3	0x2400		/* SLP_TYP 1, SLP_EN */
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

#define REG_A		0x0a
#define REG_B		0x0b
#define REG_C		0x0c
#define REG_D		0x0d
#define A_UPDATING	BIT(7)
#define B_SET		BIT(7)
#define B_ALARM		BIT(5)
#define B_UPDATE	BIT(4)
#define C_IRQ		BIT(7)
#define RTC_LINE	8

static u8 rtc_read(u8 index)
{
	out8(0x70, index);
	return in8(0x71);
}

static void rtc_write(u8 index, u8 value)
{
	out8(0x70, index);
	out8(0x71, value);
}

static bool rtc_present(void)
{
	if (!(rtc_read(REG_D) & BIT(7)))
		return skip("no RTC"), false;
	return true;
}

/* An update comes each second, and sooner where a clock hurries for who polls. */
static bool updating_within(u32 seconds)
{
	u64 begin = clock_ticks(), wait = clock_us_to_ticks(seconds * 1000000);

	while (!(rtc_read(REG_A) & A_UPDATING))
		if (clock_ticks() - begin > wait)
			return false;
	return true;
}

TEST(rtc_update, "an update is announced, and over soon")
{
	if (!rtc_present())
		return;
	/* On some machines it takes less time than they may be away. */
	EXPECT(updating_within(30));
	for (unsigned int i = 0; i < 1000 && rtc_read(REG_A) & A_UPDATING; i++)
		delay_us(100);
	EXPECT_EQ(rtc_read(REG_A) & A_UPDATING, 0);
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
	b = rtc_read(REG_B);
	EXPECT(bcd(rtc_read(0)) < 60 && bcd(rtc_read(2)) < 60 && bcd(rtc_read(4)) < 24);
	EXPECT(bcd(rtc_read(7)) - 1 < 31 && bcd(rtc_read(8)) - 1 < 12);
	rtc_write(REG_B, b | B_SET);
	rtc_write(4, 0x12);
	rtc_write(2, 0x34);
	rtc_write(0, 0x10);
	EXPECT_EQ(rtc_read(0), 0x10);
	rtc_write(REG_B, b);
	EXPECT_EQ(rtc_read(4), 0x12);
	EXPECT_EQ(rtc_read(2), 0x34);
	EXPECT(rtc_read(0) - 0x10 <= 2);
}

static void rtc_interrupt(void *arg)
{
	u32 *flags = arg;

	*flags |= rtc_read(REG_C);
}

static void rtc_alarm_run(u8 enable)
{
	volatile u32 flags = 0;
	u8 b = rtc_read(REG_B);

	rtc_write(1, 0xc0);
	rtc_write(3, 0xc0);
	rtc_write(5, 0xc0);
	apic_enable();
	ioapic_route(RTC_LINE, VECTOR, apic_id());
	updating_within(1);	/* so that the next second is near */
	WITH_IRQ(VECTOR, rtc_interrupt, (void *)&flags) {
		rtc_read(REG_C);
		rtc_write(REG_B, b | enable);
		irq_enable();
		for (unsigned int i = 0; i < 20000 && !flags; i++) {
			in8(0x80);	/* some hypervisors deliver at an exit */
			delay_us(100);
		}
		irq_disable();
		rtc_write(REG_B, b);
	}
	ioapic_route(RTC_LINE, IOAPIC_MASKED, 0);
	EXPECT_EQ(flags & (C_IRQ | enable), C_IRQ | enable);
	EXPECT_EQ(rtc_read(REG_C) & C_IRQ, 0);
}

TEST(rtc_alarm, "an alarm with wildcards goes off each second, on line 8",
     REQUIRES(CPU_APIC))
{
	if (rtc_present())
		rtc_alarm_run(B_ALARM);
}

TEST(sleep, "S3 keeps RAM, ends by the RTC's alarm, and resumes at the waking vector",
     REQUIRES(CPU_APIC))
{
	static volatile u32 marker;
	volatile u32 *vector;
	struct jump jump;
	u16 event;
	u8 b;

	if (!fadt_find() || !rtc_present())
		return;
	event = acpi_field32(fadt, FADT_PM1A_EVENT);
	vector = (u32 *)(uintptr_t)(acpi_field32(fadt, FADT_FACS) + 12);
	resume_prepare(&jump);
	if (!jump_set(&jump)) {
		*vector = RESUME_PAGE;
		b = rtc_read(REG_B);
		rtc_write(1, 0xc0);
		rtc_write(3, 0xc0);
		rtc_write(5, 0xc0);
		rtc_write(REG_B, b | B_ALARM);
		rtc_read(REG_C);
		out16(event, 0xffff);
		out16(event + 2, PM_RTC);
		marker = 0x51ee9;
		out16(acpi_field32(fadt, FADT_PM1A_CONTROL), PM_SLEEP_S3);
		for (unsigned int i = 0; i < 50000; i++) {
			delay_us(100);
			marker = 0xa3a4e;
		}
		EXPECT(!"asleep");
		return;
	}
	EXPECT_EQ(marker, 0x51ee9);
	EXPECT(in16(event) & PM_WAKE);
	rtc_write(REG_B, rtc_read(REG_B) & ~B_ALARM);
	rtc_read(REG_C);
	out16(event + 2, 0);
}

/* Where firmware goes on after INIT, by the shutdown code (IBM AT). */
#define SHUTDOWN_CODE	0x0f
#define CODE_JUMP	0x0a
#define FAR_POINTER	0x467

static void init_port_a(void)
{
	out8(0x92, in8(0x92) & ~1);
	out8(0x92, in8(0x92) | 1);
}

static void init_keyboard(void)
{
	out8(0x64, 0xfe);
}

static void init_output_port(void)
{
	out8(0x64, 0xd0);
	while (!(in8(0x64) & 1))
		cpu_relax();
	in8(0x60);
	out8(0x64, 0xd1);
	while (in8(0x64) & 2)
		cpu_relax();
	out8(0x60, 0xce);
}

static void init_reset_control(void)
{
	out8(0xcf9, 0);
	out8(0xcf9, 4);
}

static void init_apic(void)
{
	apic_enable();
	apic_ipi(APIC_DM_INIT | APIC_INT_ASSERT, apic_id());
}

static const struct {
	const char *name;
	void (*run)(void);
} inits[] = {
	{ "port 0x92", init_port_a },
	{ "i8042 pulse", init_keyboard },
	{ "i8042 output port", init_output_port },
	{ "port 0xcf9", init_reset_control },
	{ "APIC", init_apic },
};

TEST(init, "INIT starts the boot CPU at firmware, which obeys the shutdown code",
     REQUIRES(CPU_APIC))
{
	struct jump jump;

	if (!boot_info.host)
		return skip("only the reference VMM goes on after it");
	for_each(init, inits) SUBTEST("%s", init->name) {
		volatile u16 *pointer = (u16 *)FAR_POINTER;
		volatile u32 visits = 0;

		asm("" : "+r"(pointer));
		pointer[0] = 0;
		pointer[1] = RESUME_PAGE >> 4;
		rtc_write(SHUTDOWN_CODE, CODE_JUMP);
		resume_prepare(&jump);
		if (!jump_set(&jump)) {
			init->run();
			for (unsigned int i = 0; i < 10000; i++)
				delay_us(100);
			EXPECT(!"reset");
			break;
		}
		visits++;
		EXPECT_EQ(visits, 1);
		EXPECT_EQ(rtc_read(SHUTDOWN_CODE), 0);
		if (init->run == init_port_a)
			EXPECT(in8(0x92) & 1);
	}
}

TEST(hard_reset, "a hard reset through 0xcf9 ends the run", ENDS(SHUTDOWN))
{
	if (!fadt_find())
		return;		/* nor anything that would end a run */
	out8(0xcf9, 2);
	out8(0xcf9, 6);
	for (unsigned int i = 0; i < 10000; i++)
		delay_us(100);
	EXPECT(!"reset");
}
