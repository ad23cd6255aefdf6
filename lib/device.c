/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices there are: each is probed when it is first asked for. */
#include <device.h>

bool device_present(enum device device, const char **name)
{
	static const char *const names[] = {
#define DEVICE_NAME(constant, text) [constant] = text,
		DEVICES(DEVICE_NAME)
#undef DEVICE_NAME
	};
	static u8 known[ARRAY_SIZE(names)];	/* 1: absent, 2: there */

	if (device == DEVICE_NONE || device >= ARRAY_SIZE(names))
		panic("unknown device %u", device);
	if (name)
		*name = names[device];
	if (!known[device])
		known[device] = 1 + device_probe(device);
	return known[device] == 2;
}
