/* SPDX-License-Identifier: BSD-2-Clause */
/* The running machine into another VM. */
#ifndef HOST_VMM_MIGRATE_H
#define HOST_VMM_MIGRATE_H

/**
 * machine_migrate() - go on in a VM that the kernel has just made
 *
 * All CPUs stand still.  What the kernel kept for the machine moves as it can be
 * taken and put; memory stays where it is.
 */
void machine_migrate(void);

#endif
