/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Before each TEST runs for its verdict, it runs with its checks falsified: each site, in
 * each way that it has, the first time that it is reached after the way before.  Runs go
 * on as long as one of them leaves a way untried.
 */
#include <base.h>
#include <boot.h>
#include <mutate.h>
#include <report.h>
#include <test.h>

#define SITES	256	/* of one TEST that are told apart */

/* The outcome; a far bit of a value, the error code; the vector, the address. */
enum { AS_OUTCOME, AS_FAR, AS_OTHER, WAYS };

static const char *const ways[WAYS] = { "outcome", "far", "other" };

struct site {
	const struct check *check;
	u8 possible, tried;	/* BIT(way) */
	u8 fresh;		/* tried in this run */
	u8 held;		/* of those, it held all the same */
};

static struct {
	struct site sites[SITES], *now;
	unsigned int count, way;
} mutate;

const struct test *mutating;

int mutate_known = -1;

bool mutate_ask(void)
{
	u64 wanted = 0;

	if (boot_info.environment)
		environment_number(ABI_ENV_MUTATE, &wanted);
	mutate_known = wanted != 0;
	return mutate_known;
}

void mutate_begin(const struct test *test)
{
	mutating = test;
	mutate.count = 0;
	mutate.now = NULL;
}

static void tell(const struct site *site, unsigned int way, bool red)
{
	bool noticed = red && !(site->held & BIT(way));

	printf("MUTATED: %s: %s:%u %s: %s\n", mutating->name,
	       site->check->file, site->check->line, ways[way],
	       noticed ? "noticed" : "unnoticed");
}

bool mutate_again(bool red, bool whole)
{
	bool fresh = false, left = false;

	for (unsigned int i = 0; i < mutate.count; i++) {
		struct site *site = &mutate.sites[i];

		for (unsigned int way = 0; way < WAYS; way++)
			if (site->fresh & BIT(way))
				tell(site, way, red);
		fresh |= site->fresh != 0;
		left |= (site->possible & ~site->tried) != 0;
		site->fresh = 0;
	}
	/* What ended early may have more sites behind. */
	if (fresh && (left || !whole))
		return true;
	mutating = NULL;
	return false;
}

static struct site *site_of(const struct check *check)
{
	unsigned int n;

	for (n = 0; n < mutate.count; n++)
		if (mutate.sites[n].check == check)
			return &mutate.sites[n];
	if (n == SITES)
		return NULL;
	mutate.sites[n] = (struct site){ .check = check };
	mutate.count = n + 1;
	return &mutate.sites[n];
}

/*
 * How to falsify it now; WAYS: not at all.  Any CPU may check, but few do: of two that
 * come at once one may be forgotten.
 */
static unsigned int choose(const struct check *check, unsigned int possible)
{
	struct site *site;

	site = site_of(check);
	if (!site)
		return WAYS;
	site->possible |= possible;
	possible &= ~site->tried;
	if (!possible)
		return WAYS;
	for (mutate.way = 0; !(possible & BIT(mutate.way)); mutate.way++)
		;
	site->tried |= BIT(mutate.way);
	site->fresh |= BIT(mutate.way);
	mutate.now = site;
	return mutate.way;
}

bool falsify_condition(const struct check *check, bool held)
{
	return choose(check, BIT(AS_OUTCOME)) == AS_OUTCOME ? !held : held;
}

uint64_t falsify_value(const struct check *check, uint64_t got)
{
	switch (choose(check, BIT(AS_OUTCOME) | BIT(AS_FAR))) {
	case AS_OUTCOME:
		return got ^ 1;
	case AS_FAR:
		return got ^ 1ull << 63;
	}
	return got;
}

struct fault falsify_fault(const struct check *check, struct fault got)
{
	/* Without a fault there is nothing to be wrong about but that. */
	unsigned int possible = got.raised ? BIT(WAYS) - 1 : BIT(AS_OUTCOME);
	unsigned int way = choose(check, possible);

	if (way == AS_OUTCOME)
		got.raised = !got.raised;
	else if (way < WAYS)
		got = fault_falsify(got, way == AS_OTHER);
	return got;
}

void falsify_outcome(const struct check *check, bool held)
{
	if (!mutate.now || mutate.now->check != check)
		return;
	if (held)
		mutate.now->held |= BIT(mutate.way);
	mutate.now = NULL;
}
