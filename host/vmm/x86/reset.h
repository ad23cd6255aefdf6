/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * How a running machine starts again: INIT, shutdown codes, and what firmware
 * would do then.
 */
#ifndef HOST_VMM_X86_RESET_H
#define HOST_VMM_X86_RESET_H

#include <stdint.h>

#include "vmm/device.h"

/**
 * reset_control_read(), reset_control_write() - the register at port 0xcf9
 * (Intel chip set datasheets, RST_CNT)
 */
uint8_t reset_control_read(void);
void reset_control_write(uint8_t value);

/**
 * reset_init() - INIT at all CPUs, as soon as the current exit is complete
 *
 * The boot CPU goes to the reset vector, the others wait for a start-up IPI.
 */
void reset_init(void);

/**
 * reset_wake() - from now on the reset vector leads to this real-mode address
 * @vector: physical, below 1 MiB; taken once
 */
void reset_wake(uint32_t vector);

/**
 * rtc_cmos(), rtc_cmos_set() - the byte of the RTC's memory at @index
 *
 * From another device's handler, or while all CPUs stand still.
 */
uint8_t rtc_cmos(unsigned int index);
void rtc_cmos_set(unsigned int index, uint8_t value);

/**
 * rtc_sleep() - the machine sleeps until the RTC's alarm
 *
 * The RTC's time leaps there.  Returns false if no alarm is enabled.
 */
bool rtc_sleep(void);

/**
 * acpi_rtc_alarm() - tell power management that the RTC's alarm went off
 */
void acpi_rtc_alarm(void);

#endif
