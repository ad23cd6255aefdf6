/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine into a file, and out of one. */
#ifndef HOST_VMM_SAVE_H
#define HOST_VMM_SAVE_H

#include <stdbool.h>

struct vcpu;
struct vm_config;

/**
 * save_machine() - write the whole machine, all CPUs standing still
 * @fd: an empty file
 *
 * Returns false with errno if the file cannot be written.
 */
bool save_machine(int fd);

/**
 * save_init() - look out for the point at which conduct.save wants a file
 */
void save_init(void);

/**
 * save_after_exit() - an exit has been dealt with: is it the point?
 */
void save_after_exit(void);

/**
 * save_point() - the guest is at a point that has a name
 */
void save_point(const char *name);

/**
 * load_config() - the machine that a saved one needs
 * @config: what it takes its ways from: console, ledger, conduct
 *
 * Maps the file conduct.load_fd.  The machine ends if it is no such file, or
 * damaged.  Returns a configuration that stays.
 */
const struct vm_config *load_config(const struct vm_config *config);

/**
 * load_machine() - make a new machine of that configuration the saved one
 */
void load_machine(void);

#endif
