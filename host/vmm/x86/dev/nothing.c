/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where nothing is, and images know it: they look for the exit, for an intercept,
 * or for ones.  Everywhere else an access that no device claims is worth telling.
 */
#include "vmm/machine.h"

static struct device nothing_device = {
	.name = "nothing",
	.text = "addresses that images access because nothing is there: all ones",
	.ranges = {
		{ BUS_PORT, 0x0000, 4, NULL, NULL, 0, "I/O bitmaps" },
		{ BUS_PORT, 0x1234, 4, NULL, NULL, 0, "an exit to this VMM" },
		{ BUS_PORT, 0x4fff, 5, NULL, NULL, 0, "I/O bitmaps" },
		{ BUS_PORT, 0x7fff, 5, NULL, NULL, 0, "I/O bitmaps" },
		{ BUS_PORT, 0x9000, 4, NULL, NULL, 0, "I/O bitmaps" },
		{ BUS_PORT, 0xfffc, 7, NULL, NULL, 0, "I/O bitmaps, and beyond" },
		{ BUS_MEMORY, 0xa0000, 0x20000, NULL, NULL, 0, "no RAM" },
		{ BUS_MEMORY, 0x13370000, 0x1000, NULL, NULL, 0,
		  "a page that nobody touches" },
		{ BUS_MEMORY, 0xfed40000, 0x1000, NULL, NULL, 0,
		  "where tests relocate the local APIC" },
		{ BUS_MEMORY, 0xfee00000, 0x1000, NULL, NULL, 0,
		  "local APIC while it is disabled or in x2APIC mode" },
	},
	.lockless = true,
};
DEVICE_REGISTER(nothing_device);
