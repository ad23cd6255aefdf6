/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine has: devices that tests ask for, and the harness's own doors. */
#ifndef DEVICE_H
#define DEVICE_H

#include <asm/device.h>
#include <base.h>

/**
 * enum device - what TESTs need by DEVICE(…)
 *
 * DEVICES(X) of <asm/device.h> lists X(constant, name).
 */
enum device {
	DEVICE_NONE,
#define DEVICE_CONSTANT(constant, name) constant,
	DEVICES(DEVICE_CONSTANT)
#undef DEVICE_CONSTANT
};

/**
 * device_present() - is it there? @name, if not NULL, is set to what to call it
 */
bool device_present(enum device device, const char **name);

/* What each architecture provides. */

/**
 * device_probe() - find out; called once for each device that is asked for
 */
bool device_probe(enum device device);

/**
 * console_write() - bytes to the console
 */
void console_write(const char *text, size_t size);

/**
 * console_read() - the next byte of input, -1 if there is none yet
 */
int console_read(void);

/**
 * machine_exit() - leave with @code by every means that the machine might have
 */
void machine_exit(unsigned int code) __attribute__((noreturn));

/**
 * host_read(), host_write() - a register of the reference VMM's test device
 * @port: ABI_PORT_…
 */
u32 host_read(unsigned int port);
void host_write(unsigned int port, u32 value);

/**
 * machine_cpu_count() - what the firmware says, 0 if it says nothing
 */
unsigned int machine_cpu_count(void);

#endif
