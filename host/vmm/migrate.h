/* SPDX-License-Identifier: BSD-2-Clause */
/* The running machine into another VM. */
#ifndef HOST_VMM_MIGRATE_H
#define HOST_VMM_MIGRATE_H

struct vm_config;

/**
 * machine_migrate() - go on in a VM that the kernel has just made
 *
 * All CPUs stand still.  What the kernel kept for the machine moves as it can be
 * taken and put; memory stays where it is.
 */
void machine_migrate(void);

/**
 * machine_move() - go on in another process
 *
 * All CPUs stand still.  Only below machine_supervise().
 */
void machine_move(void);

/**
 * machine_supervise() - fork whenever the machine moves
 * @config: becomes the child's configuration
 *
 * Returns in a child that is to make the machine; the caller's process leaves as
 * the last child does.
 */
void machine_supervise(struct vm_config *config);

#endif
