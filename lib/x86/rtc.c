/* SPDX-License-Identifier: BSD-2-Clause */
/* The MC146818 at its ports. */
#include <asm/cpu.h>
#include <clock.h>
#include <rtc.h>
#include <test.h>

u8 rtc_read(u8 index)
{
	out8(0x70, index);
	return in8(0x71);
}

void rtc_write(u8 index, u8 value)
{
	out8(0x70, index);
	out8(0x71, value);
}

bool rtc_present(void)
{
	if (!(rtc_read(RTC_REG_D) & BIT(7)))
		return skip("no RTC"), false;
	return true;
}

/* An update comes each second, and sooner where a clock hurries for who polls. */
bool rtc_updating_within(u32 seconds)
{
	u64 begin = clock_ticks(), wait = clock_us_to_ticks(seconds * 1000000);

	while (!(rtc_read(RTC_REG_A) & RTC_A_UPDATING))
		if (clock_ticks() - begin > wait)
			return false;
	return true;
}

void rtc_alarm_each_second(void)
{
	rtc_write(1, 0xc0);
	rtc_write(3, 0xc0);
	rtc_write(5, 0xc0);
}
