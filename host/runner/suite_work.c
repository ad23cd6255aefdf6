/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs the units of a suite: in their order, again where wished, round by round. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/arch.h"
#include "runner/job.h"
#include "runner/parameters.h"
#include "runner/suite.h"

/* One round: units that share the host's parameters. */
struct round {
	struct suite *suite;
	size_t next, begin, end;	/* units */
	struct unit **again;		/* those to be tried again */
	size_t again_count, again_next;
	const char *blocked;		/* why none of them can run, or NULL */
};

static bool is_several_vmms(const struct suite *suite)
{
	return suite->vmm_count > 1;
}

struct job *suite_job(struct suite *suite, struct unit *unit)
{
	struct buf label = { 0 };
	struct job *job;

	unit_label(unit, suite->site_count > 1, is_several_vmms(suite), &label);
	job = select_job(unit, &suite->select, buf_text(&label));
	buf_free(&label);
	return job;
}

/* The known failures of an image are looked at once. */
static void known_look(struct suite *suite, const struct job *job)
{
	size_t *seen = map_at(&suite->images, job->image);

	if (!*seen && job->session->known.count)
		known_doubts(&job->session->known, job->image, job->session->target->name,
			     &job->plan, complain_line);
	*seen = 1;
}

static struct unit *unit_next(struct round *round)
{
	struct suite *suite = round->suite;

	if (suite->stop)
		return NULL;
	if (round->again_next < round->again_count)
		return round->again[round->again_next++];
	while (round->next < round->end || suite->until_fail) {
		struct unit *unit;

		if (round->next == round->end) {
			/* All over again, but for what needs no repeating. */
			round->next = round->begin;
			if (round->begin == round->end)
				return NULL;
		}
		unit = &suite->units.unit[round->next++];
		if (!unit->done)
			return unit;
		if (suite->until_fail && round->next == round->end)
			return NULL;
	}
	return NULL;
}

static struct job *job_take(void *context)
{
	struct round *round = context;
	struct unit *unit = unit_next(round);
	struct job *job;

	if (!unit)
		return NULL;
	job = suite_job(round->suite, unit);
	if (round->blocked && job->verdict == VERDICT_NONE)
		job_decide(job, VERDICT_SKIP, "%s", round->blocked);
	else
		known_look(round->suite, job);
	/* What never runs need not be looked at for ever. */
	unit->done |= round->suite->until_fail && job->verdict != VERDICT_NONE;
	return job;
}

/* What a shell says, such as the date, it may say otherwise by now. */
static struct job *job_renew(void *context, struct job *job)
{
	struct round *round = context;
	struct unit *unit = job->unit;

	if (job->verdict != VERDICT_NONE || !select_by_shell(job->cfg))
		return job;
	job_free(job);
	return suite_job(round->suite, unit);
}

static void try_again(struct round *round, struct job *job)
{
	struct unit *unit = mem_new(sizeof(*unit));

	*unit = *job->unit;
	unit->attempt++;
	round->again = mem_grow(round->again, round->again_count, sizeof(*round->again));
	round->again[round->again_count++] = unit;
	job->superseded = true;
}

/* Red before, and green now: that is not green. */
static void flaky_make(struct job *job)
{
	struct buf text = { 0 };

	buf_printf(&text, "flaky: red %u time%s before", job->attempt - 1,
		   job->attempt == 2 ? "" : "s");
	if (job->text.length)
		buf_printf(&text, "; %s", buf_text(&job->text));
	job->bare = false;
	job_decide(job, VERDICT_FLAKY, "%s", buf_text(&text));
	buf_free(&text);
}

static bool job_judged(void *context, struct job *job)
{
	struct round *round = context;
	struct suite *suite = round->suite;

	if (job->verdict == VERDICT_INTERRUPTED) {
		suite->incomplete = true;
	} else if (!job_red(job)) {
		if (job->attempt > 1)
			flaky_make(job);
	} else if (job->attempt <= suite->retries && job->boots) {
		try_again(round, job);
	} else if (suite->fail_fast || suite->until_fail) {
		suite->stop = true;
	}
	return !suite->stop;
}

/* What can be had without pressing what else runs here. */
static uint64_t memory_available(void)
{
	FILE *file = fopen("/proc/meminfo", "re");
	unsigned long long kib = 0;
	char line[200];

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "MemAvailable: %llu", &kib) == 1)
			break;
	if (file)
		fclose(file);
	return kib * 1024 / 4 * 3;
}

static void order_apply(struct suite *suite, size_t begin, size_t end)
{
	struct units part = { .unit = suite->units.unit + begin, .count = end - begin };

	if (suite->order == ORDER_SHUFFLED)
		units_shuffle(&part, suite->seed);
	else if (suite->order == ORDER_LONGEST)
		units_longest_first(&part);
}

static struct outcome round_run(struct suite *suite, size_t begin, size_t end,
				const char *blocked, uint64_t until)
{
	struct round round = {
		.suite = suite, .next = begin, .begin = begin, .end = end, .blocked = blocked,
	};
	struct work work = {
		.take = job_take, .renew = job_renew, .judged = job_judged, .context = &round,
		.cpus = suite->jobs, .memory = memory_available(), .until = until,
		.in_order = suite->jobs == 1,
	};
	struct outcome outcome = schedule(&suite->session, &work);

	for (size_t i = 0; i < round.again_count; i++)
		free(round.again[i]);
	free(round.again);
	suite->incomplete |= outcome.timeout || round.next < end;
	return outcome;
}

int suite_work(struct suite *suite)
{
	uint64_t until = suite->time_ns ? now_ns() + suite->time_ns : 0;
	struct units *units = &suite->units;
	struct outcome outcome = { 0 };
	size_t begin = 0, end;

	for (; begin < units->count && !outcome.signal && !suite->stop; begin = end) {
		const char *parameters = units->unit[begin].parameters;
		char why[300] = "";

		for (end = begin; end < units->count &&
		     units->unit[end].parameters == parameters; end++)
			;
		order_apply(suite, begin, end);
		if (parameters)
			parameters_set(parameters, suite->reload, why, sizeof(why));
		outcome = round_run(suite, begin, end, *why ? why : NULL, until);
		if (outcome.timeout)
			break;
	}
	suite->incomplete |= begin < units->count && !suite->until_fail;
	parameters_restore(suite->reload);
	return outcome.signal;
}
