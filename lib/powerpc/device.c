/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's devices as far as the harness uses or finds them. */
#include <abi/verdict.h>
#include <asm/cpu.h>
#include <boot.h>
#include <device.h>
#include <fdt.h>
#include <platform.h>

void console_write(const char *text, size_t size)
{
	platform_write(text, size);
}

int console_read(void)
{
	return platform_read();
}

void machine_exit(unsigned int code)
{
	console_exit_status(code);
	platform_off();
	for (;;)
		cpu_relax();
}

/* The reference VMM runs none of this architecture: boot_info.host is NULL. */
u32 host_read(unsigned int port)
{
	panic("a test device's register %u, and there is no such device", port);
}

void host_write(unsigned int port, u32 value)
{
	panic("a test device's register %u (%#x), and there is no such device", port, value);
}

bool device_probe(enum device device)
{
	switch (device) {
	case DEVICE_PAPR:
		return platform_is_papr();
	case DEVICE_RTAS:
		return fdt_path(boot_info.fdt, "/rtas") != FDT_NONE;
	case DEVICE_OPAL:
		return !platform_is_papr();
	default:
		break;
	}
	return false;
}
