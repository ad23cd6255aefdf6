/* SPDX-License-Identifier: BSD-2-Clause */
/* Bugs of host kernels that a test would run into, hanging or crashing the host. */
#ifndef ERRATA_H
#define ERRATA_H

#include <base.h>

/**
 * erratum_fixed() - is this one known to be fixed in the host's kernel?
 * @commit: twelve hexadecimal digits, as in the environment's ERRATA_<commit>=y
 *
 * ERRATA_FORCE=y in the environment says so of all.
 */
bool erratum_fixed(const char *commit);

#endif
