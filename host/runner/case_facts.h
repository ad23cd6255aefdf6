/* SPDX-License-Identifier: BSD-2-Clause */
/* What a filter asks about a case. */
#ifndef HOST_RUNNER_CASE_FACTS_H
#define HOST_RUNNER_CASE_FACTS_H

#include <stdbool.h>

struct filter;
struct unit;

/**
 * case_holds() - is a filter true of a unit's case?
 * @unit: whose image is looked at if the filter asks about TESTs
 * @filter: which
 */
bool case_holds(const struct unit *unit, const struct filter *filter);

#endif
