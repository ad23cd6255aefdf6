/* SPDX-License-Identifier: BSD-2-Clause */
/* What the environment says of the host's kernel. */
#include <errata.h>

static bool is_yes(const char *name)
{
	const char *value = environment(name);

	return value && (*value | 0x20) == 'y';
}

bool erratum_fixed(const char *commit)
{
	char name[32];

	if (is_yes("ERRATA_FORCE"))
		return true;
	snprintf(name, sizeof(name), "ERRATA_%s", commit);
	return is_yes(name);
}
