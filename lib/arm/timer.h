/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic timer (DDI 0487, D11; DDI 0406, B8). */
#ifndef TIMER_H
#define TIMER_H

#include <asm/cpu.h>
#include <clock.h>

#define TIMER_ENABLE	1	/* CNT…_CTL */
#define TIMER_IMASK	2
#define TIMER_ISTATUS	4

enum timer_kind { TIMER_VIRTUAL, TIMER_PHYSICAL, TIMERS };

/* At EL2 with VHE the same names reach EL2's own two timers. */
struct timer {
	const char *name;
	u64 (*count)(void);
	u64 (*ctl)(void);
	u64 (*cval)(void);
	u64 (*tval)(void);
	void (*set_ctl)(u64 value);
	void (*set_cval)(u64 value);
	void (*set_tval)(u64 value);
};

/**
 * timer_get() - a timer's registers
 */
const struct timer *timer_get(enum timer_kind kind);

/**
 * timer_intid() - its interrupt at this exception level, by the device tree; 0 if the
 * tree does not tell
 */
unsigned int timer_intid(enum timer_kind kind);

#endif
