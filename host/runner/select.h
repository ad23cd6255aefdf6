/* SPDX-License-Identifier: BSD-2-Clause */
/* Cases of a tree, and the jobs that they become. */
#ifndef HOST_RUNNER_SELECT_H
#define HOST_RUNNER_SELECT_H

#include <stdbool.h>

struct cfg;
struct cfg_case;
struct job;
struct session;
struct unit;

/**
 * select_in_group() - is this case in a group?
 * @one: the case
 * @group: the group's name
 */
bool select_in_group(const struct cfg_case *one, const char *group);

/**
 * case_timeout() - a case's timeout as its author wants it: $TIMEOUT, its own, or
 * the usual one
 * @one: the case
 */
const char *case_timeout(const struct cfg_case *one);

/**
 * select_by_shell() - does a shell say what the case's options are?
 * @one: the case
 *
 * Then they depend on when it is asked: "`date +%s`".
 */
bool select_by_shell(const struct cfg_case *one);

/* What of the user's wishes concerns every case. */
struct select_options {
	bool all;		/* also what is marked nodefault, */
	bool grouped;		/* a group or */
	bool named;		/* names have been given: such cases run too */
	double timeout_scale;	/* timeouts are so many times longer */
};

/**
 * select_job() - the job of a unit
 * @unit: stays
 * @options: what the user asked for
 * @label: what it is called in lines and logs; copied
 *
 * Returns a job that is set up, or one whose verdict stands already.
 */
struct job *select_job(struct unit *unit, const struct select_options *options,
		       const char *label);

/**
 * select_defaults() - add a case for each image that no case mentions
 * @session: whose
 * @cfg: where; in the order of their names
 *
 * Only images that say which TESTs they have become cases.
 */
void select_defaults(const struct session *session, struct cfg *cfg);

/**
 * select_protected() - add the second run of s390x's cases, under protection
 * @session: whose
 * @cfg: where; each behind the case that it is of
 *
 * Only where a host key document was configured.
 */
void select_protected(const struct session *session, struct cfg *cfg);

#endif
