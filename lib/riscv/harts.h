/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine's harts, as its device tree lists them and HSM knows them. */
#ifndef HARTS_H
#define HARTS_H

#include <base.h>

struct cpu;

/**
 * hart_of() - the id of a CPU's hart: CPU 0 is the boot hart, the others follow in the
 *	tree's order
 */
unsigned long hart_of(unsigned int cpu);

/**
 * hart_absent() - an id that no hart has, above all that there are
 */
unsigned long hart_absent(void);

/**
 * hart_stop() - this CPU, which runs what on_cpu() gave it, leaves by HSM's hart_stop
 *
 * on_cpu() returns then.  It comes back, with the error, only if that fails.
 */
long hart_stop(void);

/**
 * hart_start_again() - start a CPU that has left; it waits for work again
 *
 * Returns HSM's answer.
 */
long hart_start_again(unsigned int cpu);

/**
 * harts_flush_page() - have the other harts, if they run, forget a translation
 */
void harts_flush_page(const void *address);

#endif
