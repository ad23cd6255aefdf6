/* SPDX-License-Identifier: BSD-2-Clause */
/* The TOD clock's frequency. */
#include <clock.h>

u32 clock_khz(void)
{
	return CLOCK_TICKS_A_US * 1000;
}
