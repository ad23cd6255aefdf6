/* SPDX-License-Identifier: BSD-2-Clause */
/* What is below the image: a hypervisor of PAPR, or a machine with OPAL. */
#ifndef PLATFORM_H
#define PLATFORM_H

#include <base.h>

struct fdt;

/**
 * platform_find() - look at the tree which it is; once, before all else here
 */
void platform_find(const struct fdt *fdt);

/**
 * platform_is_papr() - is a hypervisor there?  Otherwise OPAL is
 */
bool platform_is_papr(void);

/**
 * platform_interrupt_order() - have interrupts taken in this image's order of bytes
 */
void platform_interrupt_order(void);

/**
 * platform_write(), platform_read() - the console
 */
void platform_write(const char *text, size_t size);
int platform_read(void);

/**
 * platform_off() - turn the machine off; may return
 */
void platform_off(void);

/**
 * platform_cpu_start() - start a CPU that is stopped at start_other
 * @server: its interrupt server number
 *
 * Returns what firmware says: 0 if all is well.
 */
long platform_cpu_start(u32 server);

/**
 * platform_boot_server() - the boot CPU's interrupt server number
 */
u32 platform_boot_server(void);

#endif
