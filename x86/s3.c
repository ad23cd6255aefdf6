/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * S3, suspend to RAM (ACPI 6, "Sleeping States", "Waking and Sleeping", "Firmware ACPI
 * Control Structure"): memory is kept, CPUs are not, the RTC's alarm ends it, and the
 * boot CPU goes on in real mode at the FACS's waking vector.
 */
#include <acpi.h>
#include <apic.h>
#include <clock.h>
#include <memory.h>
#include <resume.h>
#include <rtc.h>
#include <scope.h>
#include <test.h>

#define FADT_FACS	36
#define FADT_PM1A_EVENT	56
#define FADT_PM1A_CONTROL 64
#define FACS_VECTOR	12
#define PM_RTC		BIT(10)		/* in status and enable */
#define PM_WAKE		BIT(15)		/* in status */
#define PM_TYPE_S3	0x0400		/* SLP_TYP 1 */
#define PM_SLEEP	BIT(13)		/* SLP_EN */
#define AWAKE_US	5000000		/* so much later it does not sleep */

static const struct acpi_header *fadt;
static u16 event, control;

static bool sleep_present(void)
{
	fadt = acpi_table("FACP");
	if (!fadt)
		return skip("no ACPI"), false;
	if (!rtc_present())
		return false;
	event = acpi_field32(fadt, FADT_PM1A_EVENT);
	control = acpi_field32(fadt, FADT_PM1A_CONTROL);
	return EXPECT(event && control && acpi_field32(fadt, FADT_FACS));
}

static void alarm_begin(void)
{
	rtc_alarm_each_second();
	rtc_write(RTC_REG_B, rtc_read(RTC_REG_B) | RTC_B_ALARM);
	rtc_read(RTC_REG_C);
	out16(event, 0xffff);
	out16(event + 2, PM_RTC);
}

static void alarm_end(void)
{
	rtc_write(RTC_REG_B, rtc_read(RTC_REG_B) & ~RTC_B_ALARM);
	rtc_read(RTC_REG_C);
	out16(event + 2, 0);
	out16(event, 0xffff);
}

static volatile u32 marker;

/* Until the alarm, to go on at @vector.  Returns whether it slept. */
static bool sleep_until_alarm(u32 vector)
{
	volatile u32 *waking = (u32 *)(uintptr_t)(acpi_field32(fadt, FADT_FACS) +
						  FACS_VECTOR);
	struct jump jump;

	resume_prepare(&jump);
	if (!jump_set(&jump)) {
		*waking = vector;
		alarm_begin();
		marker = 0x51ee9;
		out16(control, PM_TYPE_S3 | PM_SLEEP);
		/* Not another word is written, if the CPU is off. */
		for (u32 us = 0; us < AWAKE_US; us += 100) {
			delay_us(100);
			marker = 0xa3a4e;
		}
		alarm_end();
		return EXPECT(!"asleep");
	}
	return EXPECT_EQ(marker, 0x51ee9);
}

TEST(type_alone, "the type without SLP_EN puts nothing to sleep")
{
	u16 old;

	if (!sleep_present())
		return;
	old = in16(control);
	out16(control, (old & 0x3ff) | PM_TYPE_S3);
	EXPECT_EQ(in16(control) & 0x1c00, PM_TYPE_S3);
	out16(control, old);
}

#define WORDS		65536

static u32 pattern(unsigned int i)
{
	return i * 0x9e3779b1u ^ 0x5eed;
}

/* Free in RESUME_PAGE: mov %cs, %cs:(0x25); ljmp $RESUME_PAGE >> 4, $0 */
#define STUB		(RESUME_PAGE + 0x800)
#define STUB_CS		0x25

static const u8 stub[] = {
	0x2e, 0x8c, 0x0e, STUB_CS, 0, 0xea, 0, 0, (RESUME_PAGE >> 4) & 0xff,
	RESUME_PAGE >> 12,
};

static const struct {
	const char *name;
	u32 reg, before, value;
} apic[] = {
	{ "TPR", APIC_TPR, 0x40, 0 },
	{ "LDR", APIC_LDR, 0x01000000, 0 },
	{ "timer", APIC_LVT_TIMER, APIC_LVT_MASKED | 0x44, APIC_LVT_MASKED },
	{ "error", APIC_LVT_ERROR, APIC_LVT_MASKED | 0x45, APIC_LVT_MASKED },
};

static struct {
	u32 *memory;
	u8 cmos;
	volatile u16 *cs;	/* that the stub saw */
} before;

static void prepare(void)
{
	before.memory = pages_alloc_zeroed(WORDS * sizeof(u32) / 4096);
	for (u32 i = 0; i < WORDS; i++)
		before.memory[i] = pattern(i);
	before.cmos = rtc_read(0x7f);
	rtc_write(0x7f, 0xa5);
	before.cs = (u16 *)(STUB + STUB_CS);
	asm("" : "+r"(before.cs));
	memcpy((void *)(STUB + 5), stub, sizeof(stub));
	*before.cs = 0;
	if (!cpu_has(CPU_APIC))
		return;
	apic_enable();
	for_each(row, apic)
		apic_write(row->reg, row->before);
}

static u32 words_changed(void)
{
	u32 changed = 0;

	for (u32 i = 0; i < WORDS; i++)
		changed += before.memory[i] != pattern(i);
	return changed;
}

static void expect_apic_reset(void)
{
	for_each(row, apic) SUBTEST("%s", row->name) {
		EXPECT_EQ(apic_read(row->reg), row->value);
		apic_write(row->reg, row->value);
	}
}

/* Each sleep takes the RTC's second, so that one has to do for all that it changes. */
TEST(sleep, "S3 ends by the RTC's alarm, and keeps memory, not the CPU")
{
	if (!sleep_present())
		return;
	prepare();
	if (!sleep_until_alarm(STUB + 5))
		return;
	SUBTEST("PM1") {
		EXPECT(in16(event) & PM_WAKE);
		/* SLP_EN is write-only. */
		EXPECT_EQ(in16(control) & PM_SLEEP, 0);
		alarm_end();
		EXPECT_EQ(in16(event) & PM_WAKE, 0);
	}
	SUBTEST("memory")
		EXPECT_EQ(words_changed(), 0);
	SUBTEST("CMOS")
		EXPECT_EQ(rtc_read(0x7f), 0xa5);
	rtc_write(0x7f, before.cmos);
	/* CS:IP, the lower four bits in IP */
	SUBTEST("waking vector")
		EXPECT_EQ(*before.cs, STUB >> 4);
	if (cpu_has(CPU_APIC))
		SUBTEST("local APIC")
			expect_apic_reset();
}

TEST(again, "a machine that has slept can sleep again")
{
	if (!sleep_present() || !sleep_until_alarm(RESUME_PAGE))
		return;
	EXPECT(in16(event) & PM_WAKE);
	alarm_end();
}
