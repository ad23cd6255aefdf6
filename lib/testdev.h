/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The reference VMM's test device: a test acts on its own host.
 *
 * Each TEST that uses it says so by DEVICE(TESTDEV_…), and is SKIP elsewhere.
 */
#ifndef TESTDEV_H
#define TESTDEV_H

#include <base.h>

/**
 * testdev_offers() - does this VMM have a feature (ABI_HOST_…)?  Costs no exit
 */
bool testdev_offers(u32 feature);

/**
 * testdev_exits() - exits to the VMM so far, of all CPUs; this asks for one
 */
u32 testdev_exits(void);

/**
 * machine_take() - have the VMM take the whole machine's state
 * @state: which of ABI_STATES it replaces; a TEST's own begin at 1
 *
 * Returns how often it has been put since: 0 at first.  TESTDEV_STATE.
 */
u32 machine_take(unsigned int state);

/**
 * machine_put() - go back to where machine_take() returned, as it was then
 *
 * All of the machine is as it was but the host's page (struct abi_host).
 */
void machine_put(unsigned int state) __attribute__((noreturn));

/**
 * machine_migrate() - go on in another VM, that the kernel has just made
 *
 * TESTDEV_STATE.  What a guest can see is the same, but that time has passed.
 */
void machine_migrate(void);

/**
 * machine_point() - tell the VMM that this point is reached (--save=FILE@NAME)
 */
void machine_point(const char *name);

#endif
