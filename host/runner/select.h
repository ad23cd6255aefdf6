/* SPDX-License-Identifier: BSD-2-Clause */
/* Which cases run, and the jobs that they become. */
#ifndef HOST_RUNNER_SELECT_H
#define HOST_RUNNER_SELECT_H

#include <stdbool.h>
#include <stddef.h>

struct cfg;
struct cfg_case;
struct job;
struct session;

/* What the user asked for. */
struct selection {
	char **names;		/* cases by name, or none: all of them */
	size_t count;
	const char *group;	/* or NULL */
	bool all;		/* also what is marked nodefault */
};

/**
 * select_case() - is this case to be reported at all?
 * @selection: what the user asked for
 * @one: the case
 */
bool select_case(const struct selection *selection, const struct cfg_case *one);

/**
 * select_in_group() - is this case in a group?
 * @one: the case
 * @group: the group's name
 */
bool select_in_group(const struct cfg_case *one, const char *group);

/**
 * select_job() - the job of a case
 * @session: whose
 * @selection: what the user asked for
 * @one: the case; stays
 *
 * Returns a job that is set up, or one whose verdict stands already.
 */
struct job *select_job(struct session *session, const struct selection *selection,
		       const struct cfg_case *one);

/**
 * select_defaults() - add a case for each image that no case mentions
 * @session: whose
 * @cfg: where; in the order of their names
 *
 * Only images that say which TESTs they have become cases.
 */
void select_defaults(const struct session *session, struct cfg *cfg);

#endif
