/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting by the CPU's clock. */
#include <asm/cpu.h>
#include <clock.h>

u64 clock_us_to_ticks(u32 us)
{
	/* Without a 64-bit division, which 32-bit images do not have. */
	return us / 1000 * (u64)clock_khz() +
		(us % 1000 * (u64)(clock_khz() / 1000 + 1));
}

void delay_us(u32 us)
{
	u64 ticks = clock_us_to_ticks(us), begin = clock_ticks();

	while (clock_ticks() - begin < ticks)
		cpu_relax();
}
