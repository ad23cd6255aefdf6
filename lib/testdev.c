/* SPDX-License-Identifier: BSD-2-Clause */
/* The test device: requests to the VMM. */
#include <abi/host.h>
#include <boot.h>
#include <device.h>
#include <testdev.h>

bool testdev_offers(u32 feature)
{
	return boot_info.host && boot_info.host->features & feature;
}

u32 testdev_exits(void)
{
	return host_read(ABI_PORT_EXITS);
}

void machine_point(const char *name)
{
	host_write(ABI_PORT_POINT, (uintptr_t)name);
}

static void machine_state(enum abi_state operation, unsigned int state)
{
	host_write(ABI_PORT_STATE, operation | ABI_STATE_NUMBER(state));
}

u32 machine_take(unsigned int state)
{
	machine_state(ABI_STATE_TAKE, state);
	return *(volatile u32 *)&boot_info.host->puts[state];
}

void machine_migrate(void)
{
	machine_state(ABI_STATE_MIGRATE, 0);
}

void machine_put(unsigned int state)
{
	machine_state(ABI_STATE_PUT, state);
	panic("the VMM did not put state %u", state);
}
