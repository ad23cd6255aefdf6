/* SPDX-License-Identifier: BSD-2-Clause */
/* Resets that the image lives through: the PSW at location 0 leads back. */
#ifndef RESET_H
#define RESET_H

#include <base.h>

/**
 * reset_by() - DIAG 308 with a subcode that resets: 0 clears the CPUs, too, 1 does not
 *
 * Returns 1 when the machine has been reset, with control registers as before; 0 if
 * DIAG 308 came back.  The console wants console_begin() then.
 */
int reset_by(u64 subcode);

#endif
