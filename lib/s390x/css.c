/* SPDX-License-Identifier: BSD-2-Clause */
/* Subchannels found, and reports of channel paths. */
#include <css.h>

#define SUBCHANNELS	0x10000

u32 css_find(struct schib *schib)
{
	for (u32 n = 0; n < SUBCHANNELS; n++) {
		struct css_result result = stsch(SCHID(n), schib);

		/* Condition code 3: there is none from here on. */
		if (result.fault.raised || result.cc == 3)
			return 0;
		if (!result.cc && schib->pmcw.flags & PMCW_DEVICE_VALID)
			return SCHID(n);
	}
	return 0;
}

bool css_crw_provoke(const struct schib *schib)
{
	struct css_result result = rchp(schib->pmcw.chpid[0]);

	return !result.fault.raised && !result.cc;
}

void css_crw_drain(void)
{
	u32 crw;

	while (!stcrw(&crw).cc)
		;
}
