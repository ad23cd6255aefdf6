/* SPDX-License-Identifier: BSD-2-Clause */
/* Exits printed live, one line each, on standard error. */
#ifndef HOST_VMM_TRACE_H
#define HOST_VMM_TRACE_H

#include <stdbool.h>
#include <stddef.h>

struct vcpu;
struct vm_exit;

/**
 * trace_known() - can these words be traced?
 * @groups: "io,msr": words of exit_group(), or "exits" for all of them
 * @why: on failure, what is wrong and what there is
 * @size: bytes at @why
 */
bool trace_known(const char *groups, char *why, size_t size);

/**
 * trace_begin() - print exits of these groups from now on
 * @groups: known ones, or NULL for none
 */
void trace_begin(const char *groups);

/**
 * trace_exit() - an exit has been dealt with
 * @vcpu: whose
 * @exit: what
 */
void trace_exit(const struct vcpu *vcpu, const struct vm_exit *exit);

#endif
