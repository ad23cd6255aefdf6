/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LPIs and the Interrupt Translation Service (IHI 0069, chapter 5).  An event of a
 * device becomes an LPI in a collection, which is a CPU's.
 */
#ifndef ITS_H
#define ITS_H

#include <base.h>
#include <gic.h>

/**
 * its_enable() - tables for devices and collections, and the command queue
 *
 * Once for all, on the boot CPU.  Panics without an ITS.
 */
void its_enable(void);

/**
 * its_registers() - its control registers
 */
struct io *its_registers(void);

/**
 * lpi_prepare() - this CPU's tables of LPIs; its redistributor does not use them yet
 * lpi_enable() - from now on it does
 * lpi_pending_table() - a CPU's bits, by INTID; for before lpi_enable()
 */
void lpi_prepare(void);
void lpi_enable(void);
u8 *lpi_pending_table(unsigned int cpu);

/**
 * lpi_configure() - an LPI's byte of configuration
 * @config: priority in the upper bits, LPI_ENABLE
 *
 * its_inv() or its_invall() make it known.
 */
void lpi_configure(unsigned int intid, u8 config);
u8 lpi_configuration(unsigned int intid);

/**
 * its_map_device() - MAPD: a device, with up to 2^@event_bits events
 * its_unmap_device() - MAPD with V = 0
 * its_map_collection() - MAPC: a collection to a CPU, by index
 * its_map_event() - MAPTI: a device's event to an LPI in a collection
 * its_move_event() - MOVI
 * its_discard() - DISCARD: an event's mapping, and the LPI if it is pending
 * its_int(), its_clear() - INT, CLEAR: make it pending, or not
 * its_inv(), its_invall() - INV, INVALL: the configuration of an LPI, of all in a
 *	collection, has changed
 *
 * Each waits until the ITS has taken the command.
 */
void its_map_device(u32 device, unsigned int event_bits);
void its_unmap_device(u32 device);
void its_map_collection(u16 collection, unsigned int cpu);
void its_map_event(u32 device, u32 event, u32 intid, u16 collection);
void its_move_event(u32 device, u32 event, u16 collection);
void its_discard(u32 device, u32 event);
void its_int(u32 device, u32 event);
void its_clear(u32 device, u32 event);
void its_inv(u32 device, u32 event);
void its_invall(u16 collection);

#endif
