/* SPDX-License-Identifier: BSD-2-Clause */
/* Which devices there are: each is probed when it is first asked for. */
#include <abi/host.h>
#include <device.h>
#include <testdev.h>

bool device_present(enum device device, const char **name)
{
	static const char *const names[] = {
#define DEVICE_NAME(constant, text) [constant] = text,
		DEVICES(DEVICE_NAME)
#undef DEVICE_NAME
#define DEVICE_NAME(constant, feature, text) [constant] = text,
		TESTDEVS(DEVICE_NAME)
#undef DEVICE_NAME
	};
	static const u32 features[ARRAY_SIZE(names)] = {
#define DEVICE_FEATURE(constant, feature, text) [constant] = ABI_HOST_##feature,
		TESTDEVS(DEVICE_FEATURE)
#undef DEVICE_FEATURE
	};
	static u8 known[ARRAY_SIZE(names)];	/* 1: absent, 2: there */

	if (device >= ARRAY_SIZE(names) || !names[device])
		panic("unknown device %u", device);
	if (name)
		*name = names[device];
	if (!known[device])
		known[device] = 1 + (features[device] ?
				     testdev_offers(features[device]) :
				     device_probe(device));
	return known[device] == 2;
}

void console_exit_status(unsigned int code)
{
	char line[40];

	console_write(line, snprintf(line, sizeof(line), "\nEXIT: STATUS=%u\n", code << 1 | 1));
}
