/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Containment: the process that holds a machine keeps what it needs, and loses the
 * rest before the guest's first instruction: descriptors, user, privileges, limits,
 * system calls.
 */
#ifndef HOST_VMM_CONTAIN_H
#define HOST_VMM_CONTAIN_H

#include <stdbool.h>
#include <stdint.h>

/**
 * contain_prepare() - make the filter of system calls for machines run so
 *
 * In the parent, once.  Returns false without memory.
 */
struct vm_conduct;
bool contain_prepare(const struct vm_conduct *conduct);

/**
 * contain_descriptors() - close what the parent had open, but for the machine's own
 *
 * Before anything else is opened.
 */
void contain_descriptors(void);

/**
 * contain() - from now on, no more than a machine needs
 *
 * All is open by now, and no thread but the caller's exists.
 */
void contain(void);

/**
 * contain_forbidden_name() - of a system call that the sandbox refused
 * @number: the kernel's
 *
 * Returns "openat" or the like, or NULL if it is not known.
 */
const char *contain_forbidden_name(uint32_t number);

#endif
