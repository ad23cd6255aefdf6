/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls of a hypervisor that keeps to PAPR. */
#ifndef HCALL_H
#define HCALL_H

#include <base.h>
#include <defs/hcall.h>

/**
 * hcall() - a hypervisor call (LoPAPR 1.1, 14.5.4)
 * @results: four values that it returns beside its status, or NULL
 *
 * Returns H_…
 */
#define hcall(number, ...)						\
	hcall_to(NULL, number, ##__VA_ARGS__)
#define hcall_to(results, number, ...)					\
	hcall_array(results, number, (const u64 [6]){ __VA_ARGS__ })
long hcall_array(u64 *results, unsigned long number, const u64 *arguments);

#endif
