/* SPDX-License-Identifier: BSD-2-Clause */
/* What a filter asks about a case. */
#include "runner/case_facts.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "runner/arch.h"
#include "runner/filter.h"
#include "runner/machine.h"
#include "runner/plan.h"
#include "runner/select.h"
#include "runner/session.h"
#include "runner/units.h"
#include "runner/words.h"

struct facts {
	const struct unit *unit;
	struct plan plan;	/* of the image, once asked for */
	bool plan_read;
	struct machine machine;	/* once asked for */
	bool machine_read;
};

typedef bool (*fits_fn)(void *match, const char *value);

static bool any_word(const char *text, const char *separators, fits_fn fits, void *match)
{
	const char *word;
	size_t length;
	bool found = false;

	while (!found && text && (word = str_word(&text, separators, &length))) {
		char *copy;

		/* A feature's sign is no part of its name. */
		if (*word == '+' || *word == '-') {
			word++;
			length--;
		}
		copy = mem_text(word, length);
		found = fits(match, copy);
		free(copy);
	}
	return found;
}

static const struct plan *plan_get(struct facts *facts)
{
	const struct unit *unit = facts->unit;

	if (!facts->plan_read) {
		char *path = session_image(unit->site->session,
					   unit->one->file ? unit->one->file : "");
		char why[600];

		plan_read(&facts->plan, path, why, sizeof(why));
		free(path);
	}
	facts->plan_read = true;
	return &facts->plan;
}

static bool any_test(struct facts *facts, enum filter_field field, fits_fn fits, void *match)
{
	const struct plan *plan = plan_get(facts);

	for (size_t i = 0; i < plan->count; i++) {
		const struct plan_test *test = &plan->tests[i];

		if (field == FILTER_test ? fits(match, test->name) :
		    any_word(test->needs, " ,", fits, match) ||
		    any_word(test->devices, " ,", fits, match))
			return true;
	}
	return false;
}

static bool any(void *context, enum filter_field field, fits_fn fits, void *match)
{
	struct facts *facts = context;
	const struct unit *unit = facts->unit;
	const struct cfg_case *one = unit->one;

	switch (field) {
	case FILTER_name:
		return fits(match, one->name);
	case FILTER_group:
		return any_word(one->groups, " \t", fits, match);
	case FILTER_file:
		return fits(match, one->file ? one->file : "");
	case FILTER_arch:
		return fits(match, unit->site->session->arch);
	case FILTER_backend:
		return fits(match, unit->vmm->word);
	case FILTER_machine:
		return fits(match, one->machine ? one->machine : "");
	case FILTER_accel:
		return fits(match, one->accel ? one->accel : "");
	case FILTER_cpu:
		return any_word(one->cpu, ",", fits, match);
	case FILTER_device:
		return any_word(one->devices, " \t", fits, match);
	case FILTER_test:
		return any_test(facts, field, fits, match);
	case FILTER_needs:
		return any_word(one->cpu, ",", fits, match) ||
		       any_test(facts, field, fits, match);
	default:
		return false;
	}
}

/* By the same reader that makes the job's machine. */
static const struct machine *machine_get(struct facts *facts)
{
	const struct cfg_case *one = facts->unit->one;
	struct settings *config = &facts->unit->site->session->config;
	struct words options = { 0 };
	char why[200];

	if (facts->machine_read)
		return &facts->machine;
	words_add(&options, "-smp");
	words_evaluate(&options, one->smp && *one->smp ? one->smp : "1", config, why, sizeof(why));
	if (one->memory) {
		words_add(&options, "-m");
		words_evaluate(&options, one->memory, config, why, sizeof(why));
	}
	if (one->qemu_params)
		words_evaluate(&options, one->qemu_params, config, why, sizeof(why));
	machine_read(&facts->machine, &options);
	facts->machine_read = true;
	words_free(&options);
	return &facts->machine;
}

static uint64_t number(void *context, enum filter_field field)
{
	struct facts *facts = context;
	uint64_t ns = 0;

	switch (field) {
	case FILTER_smp:
		return machine_get(facts)->cpus;
	case FILTER_memory:
		return machine_get(facts)->memory >> 20;
	default:
		duration_ns(case_timeout(facts->unit->one), &ns);
		return ns / 1000000000;
	}
}

bool case_holds(const struct unit *unit, const struct filter *filter)
{
	struct facts facts = { .unit = unit };
	const struct filter_facts ask = { .any = any, .number = number, .context = &facts };
	bool holds = filter_holds(filter, &ask);

	plan_free(&facts.plan);
	if (facts.machine_read)
		machine_free(&facts.machine);
	return holds;
}
