/* SPDX-License-Identifier: BSD-2-Clause */
/* What a machine has: devices that tests ask for, and the harness's own doors. */
#ifndef DEVICE_H
#define DEVICE_H

#include <asm/device.h>
#include <base.h>

/* X(constant, feature, name): the test device's, ABI_HOST_… features */
#define TESTDEVS(X)							\
	X(TESTDEV_NMI, NMI, "NMI injection by the VMM")			\
	X(TESTDEV_EXITS, EXITS, "exit counters of the VMM")		\
	X(TESTDEV_STATE, STATE, "state that the VMM takes and puts")	\
	X(TESTDEV_SMI, SMI, "SMI injection by the VMM")			\
	X(TESTDEV_MSI, MSI, "interrupts from the VMM")			\
	X(TESTDEV_MCE, MCE, "machine checks from the VMM")		\
	X(TESTDEV_SLOTS, SLOTS, "memory slots at the test's wish")	\
	X(TESTDEV_FAULTS, FAULTS, "pages that the VMM is slow to give")	\
	X(TESTDEV_FAULTS_WP, FAULTS_WP, "pages that the VMM is slow to let write") \
	X(TESTDEV_LOG, LOG, "dirty log of the VMM")			\
	X(TESTDEV_LOG_RING, LOG_RING, "dirty log of the VMM by rings")	\
	X(TESTDEV_MSRS, MSRS, "MSR filters of the VMM")			\
	X(TESTDEV_STOP, STOP, "CPUs that the VMM stops")		\
	X(TESTDEV_STEAL, STEAL, "time that the VMM steals")		\
	X(TESTDEV_CLOCK, CLOCK, "paravirtual clock that the VMM shifts") \
	X(TESTDEV_TSC, TSC, "TSC that the VMM shifts")			\
	X(TESTDEV_EVENTS, EVENTS, "pending events that the VMM tells")	\
	X(TESTDEV_STATS, STATS, "KVM's statistics from the VMM")

/**
 * enum device - what TESTs need by DEVICE(…)
 *
 * DEVICES(X) of <asm/device.h> lists X(constant, name) of the machine.
 */
enum device {
	DEVICE_NONE,
#define DEVICE_CONSTANT(constant, ...) constant,
	DEVICES(DEVICE_CONSTANT)
	DEVICES_OF_MACHINE,	/* those above, and TESTDEVS below */
	TESTDEVS(DEVICE_CONSTANT)
#undef DEVICE_CONSTANT
};

/**
 * device_present() - is it there? @name, if not NULL, is set to what to call it
 */
bool device_present(enum device device, const char **name);

/* What each architecture provides. */

/**
 * device_probe() - is a device of the machine there?  Called once for each that is
 * asked for
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
 * console_exit_status() - the line that tells @code to whoever reads the console, as the
 *	status that QEMU leaves with where it has a debug exit
 */
void console_exit_status(unsigned int code);

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
