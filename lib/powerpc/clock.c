/* SPDX-License-Identifier: BSD-2-Clause */
/* The timebase's frequency, which the device tree knows. */
#include <boot.h>
#include <boot_tree.h>
#include <clock.h>
#include <fdt.h>

u32 clock_khz(void)
{
	static u32 khz;
	u64 hz;

	if (!khz) {
		if (!fdt_number(boot_info.fdt, boot_tree_cpu(0), "timebase-frequency", 0, 1,
				&hz))
			panic("the device tree does not tell the timebase's frequency");
		khz = hz / 1000;
	}
	return khz;
}
