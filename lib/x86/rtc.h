/* SPDX-License-Identifier: BSD-2-Clause */
/* The MC146818: clock, alarm and CMOS memory. */
#ifndef RTC_H
#define RTC_H

#include <base.h>

#define RTC_REG_A		0x0a
#define RTC_REG_B		0x0b
#define RTC_REG_C		0x0c
#define RTC_REG_D		0x0d
#define RTC_A_UPDATING	BIT(7)
#define RTC_B_SET		BIT(7)
#define RTC_B_ALARM		BIT(5)
#define RTC_B_UPDATE	BIT(4)
#define RTC_C_IRQ		BIT(7)

/**
 * rtc_read(), rtc_write() - a register or a byte of memory
 */
u8 rtc_read(u8 index);
void rtc_write(u8 index, u8 value);

/**
 * rtc_present() - is there one?  Skips the TEST if not
 */
bool rtc_present(void);

/**
 * rtc_updating_within() - wait until an update is announced; false if none comes
 */
bool rtc_updating_within(u32 seconds);

/**
 * rtc_alarm_each_second() - alarm registers that match any time
 */
void rtc_alarm_each_second(void);

#endif
