/* SPDX-License-Identifier: BSD-2-Clause */
/* OPAL, the firmware of machines without a hypervisor (skiboot's doc/opal-api). */
#ifndef OPAL_H
#define OPAL_H

#include <base.h>

struct fdt;

/* Numbers of calls. */
enum opal {
	OPAL_REINIT_CPUS = 70, OPAL_START_CPU = 41,
	OPAL_POLL_EVENTS = 10, OPAL_CEC_POWER_DOWN = 5,
	OPAL_CONSOLE_READ = 2, OPAL_CONSOLE_WRITE = 1,
};

/**
 * opal_find() - is there OPAL?  Learns how to call it
 */
bool opal_find(const struct fdt *fdt);

/**
 * opal_call() - call it, without translation and big-endian as it wants it
 *
 * Returns its status, 0 if all is well.
 */
long opal_call(enum opal call, u64 a, u64 b, u64 c);

/* What a platform is: see platform.h. */
void opal_interrupt_order(bool little);
void opal_write(const char *text, size_t size);
int opal_read(void);
void opal_off(void);
long opal_cpu_start(u32 server, uintptr_t entry);

#endif
