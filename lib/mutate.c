/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * In each TEST the N-th distinct check site that is reached is falsified, every
 * time it is reached.  "MUTATED: TEST: FILE:LINE" says which it was.
 */
#include <base.h>
#include <boot.h>
#include <mutate.h>
#include <test.h>

#define SITES	128	/* of one TEST that are told apart */

/* How: outcome; a far bit of a value, the error code; the vector, the address. */
enum { AS_OUTCOME, AS_FAR, AS_OTHER };

static struct {
	u64 site, as;		/* site 0: none */
	bool known;		/* the environment has been asked */
	const struct test *test;
	unsigned int count;
	const struct check *sites[SITES];
} mutate;

void mutate_begin(const struct test *test)
{
	if (!mutate.known) {
		environment_number(ABI_ENV_MUTATE, &mutate.site);
		environment_number(ABI_ENV_MUTATE_AS, &mutate.as);
		mutate.known = true;
	}
	mutate.test = test;
	mutate.count = 0;
}

/* Any CPU may check, but few do: two that come at once may count a site twice. */
static bool chosen(const struct check *check)
{
	unsigned int n;

	if (!mutate.site || !mutate.test)
		return false;
	for (n = 0; n < mutate.count; n++)
		if (mutate.sites[n] == check)
			return n + 1 == mutate.site;
	if (n == SITES)
		return false;
	mutate.sites[n] = check;
	mutate.count = n + 1;
	if (n + 1 != mutate.site)
		return false;
	printf("MUTATED: %s: %s:%u\n", mutate.test->name, check->file, check->line);
	return true;
}

bool mutate_condition(const struct check *check, bool held)
{
	return mutate.as == AS_OUTCOME && chosen(check) ? !held : held;
}

uint64_t mutate_value(const struct check *check, uint64_t got)
{
	if (mutate.as == AS_OTHER || !chosen(check))
		return got;
	return got ^ (mutate.as == AS_FAR ? 1ull << 63 : 1);
}

struct fault mutate_fault(const struct check *check, struct fault got)
{
	/* Without a fault there is nothing to be wrong about but that. */
	if ((mutate.as != AS_OUTCOME && !got.raised) || !chosen(check))
		return got;
	if (mutate.as == AS_OUTCOME)
		got.raised = !got.raised;
	else
		got = fault_falsify(got, mutate.as == AS_OTHER);
	return got;
}
