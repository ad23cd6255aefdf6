/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controller, of version 2 (IHI 0048B) or 3 (IHI 0069). */
#ifndef GIC_H
#define GIC_H

#include <asm/io.h>
#include <base.h>
#include <defs/gic.h>

/**
 * gic_version() - 2 or 3, 0 if the device tree has none
 */
unsigned int gic_version(void);

/**
 * gic_enable() - the distributor and this CPU's interface, at first use
 *
 * SGIs are enabled, all else is not; all have GIC_PRIORITY.  Panics without a GIC.
 */
void gic_enable(void);

/**
 * gic_acknowledge() - take the highest pending interrupt
 * gic_intid() - its number, of what gic_acknowledge() returned
 * gic_eoi() - end it
 */
u32 gic_acknowledge(void);
u32 gic_intid(u32 iar);
void gic_eoi(u32 iar);

/**
 * gic_line_enable(), gic_line_disable() - let an interrupt through, or not
 *
 * Of SGIs and PPIs it is this CPU's, here and below.
 */
void gic_line_enable(unsigned int intid);
void gic_line_disable(unsigned int intid);

/**
 * gic_line_is_pending(), gic_line_is_active(), gic_line_is_enabled() - its state
 */
bool gic_line_is_pending(unsigned int intid);
bool gic_line_is_active(unsigned int intid);
bool gic_line_is_enabled(unsigned int intid);

/**
 * gic_line_set_pending(), gic_line_clear_pending(), gic_line_clear_active(),
 * gic_line_set_priority(), gic_line_priority() - change it, ask for it
 */
void gic_line_set_pending(unsigned int intid);
void gic_line_clear_pending(unsigned int intid);
void gic_line_clear_active(unsigned int intid);
void gic_line_set_priority(unsigned int intid, u8 priority);
u8 gic_line_priority(unsigned int intid);

/**
 * gic_set_mask() - priorities that this CPU takes: those below; returns the old one
 */
u8 gic_set_mask(u8 mask);

/**
 * gic_running_priority() - of the interrupt that is active, 0xff if none is
 */
u8 gic_running_priority(void);

/**
 * gic_split_eoi() - gic_eoi() drops the priority only, or deactivates too
 * gic_deactivate() - ends an interrupt then
 */
void gic_split_eoi(bool split);
void gic_deactivate(unsigned int intid);

/**
 * gic_sgi() - a software-generated interrupt to a CPU, which called gic_enable()
 * @cpu: by index
 * @sgi: 0 to 15
 */
void gic_sgi(unsigned int cpu, unsigned int sgi);

/**
 * gic_sgi_list() - the same to several, by as few writes as the GIC needs
 */
void gic_sgi_list(const unsigned int *cpus, unsigned int count, unsigned int sgi);

/**
 * gic_sgi_others() - to all CPUs but this
 */
void gic_sgi_others(unsigned int sgi);

/**
 * gic_distributor() - its registers
 * gic_redistributor() - this CPU's, GICv3
 * gic_cpu_interface() - GICv2
 */
struct io *gic_distributor(void);
struct io *gic_redistributor(void);
struct io *gic_cpu_interface(void);

#endif
