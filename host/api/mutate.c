/* SPDX-License-Identifier: BSD-2-Clause */
/* In the process of a TEST: the one check that is falsified. */
#include "api/mutate.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "abi/verdict.h"

static struct mutation *mutation;	/* NULL: nothing is falsified */

bool mutate_wanted(void)
{
	const char *value = getenv(ABI_ENV_MUTATE);

	return value && !strcmp(value, "1");
}

void mutate_begin(struct mutation *m)
{
	int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);

	if (nowhere >= 0)
		dup2(nowhere, STDOUT_FILENO);
	m->there = m->done = false;
	m->count = 0;
	mutation = m;
}

static unsigned int site_of(const struct check *check)
{
	unsigned int n;

	for (n = 0; n < mutation->count; n++)
		if (mutation->sites[n].line == check->line &&
		    !strcmp(mutation->sites[n].file, check->file))
			return n;
	if (n < MUTATE_SITES) {
		mutation->sites[n] = (struct mutate_site){ check->file, check->line };
		mutation->count = n + 1;
	}
	return n;
}

/* Whether to falsify it now, in mutation->way.  The first time that a site is reached. */
static bool is_turn(const struct check *check, unsigned int ways)
{
	if (!mutation || mutation->there || site_of(check) != mutation->site)
		return false;
	mutation->there = true;
	mutation->ways = ways;
	mutation->done = mutation->way < ways;
	return mutation->done;
}

bool mutate_condition(const struct check *check, bool held)
{
	return is_turn(check, 1) ? !held : held;
}

uint64_t mutate_value(const struct check *check, uint64_t got)
{
	if (!is_turn(check, MUTATE_WAYS))
		return got;
	return got ^ (mutation->way == MUTATE_FAR ? 1ull << 63 : 1);
}

int mutate_result(const struct check *check, int result)
{
	if (!is_turn(check, result < 0 ? MUTATE_WAYS : 1))
		return result;
	if (result >= 0)
		return -EIO;
	return mutation->way == MUTATE_FAR ? result - 1 : 0;
}
