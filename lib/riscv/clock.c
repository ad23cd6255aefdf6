/* SPDX-License-Identifier: BSD-2-Clause */
/* The clock's frequency, which the device tree tells. */
#include <boot.h>
#include <clock.h>
#include <fdt.h>

u32 clock_khz(void)
{
	static u32 khz;
	u64 hz;

	if (khz)
		return khz;
	if (!fdt_number(boot_info.fdt, fdt_path(boot_info.fdt, "/cpus"),
			"timebase-frequency", 0, 1, &hz) || hz < 1000)
		panic("the device tree has no timebase-frequency in /cpus");
	return khz = (u32)hz / 1000;
}
