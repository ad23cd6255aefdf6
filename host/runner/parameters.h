/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parameters of the host's kernel modules, as an axis of a run: "kvm.x=0,1"
 * asks for a round with each value.  Only what the user names is touched, and
 * put back afterwards.
 */
#ifndef HOST_RUNNER_PARAMETERS_H
#define HOST_RUNNER_PARAMETERS_H

#include <stdbool.h>
#include <stddef.h>

struct words;

/**
 * parameters_rounds() - every combination of the values asked for
 * @wishes: "MODULE.PARAMETER=VALUE[,VALUE]…", one each
 * @rounds: filled in with texts "MODULE.PARAMETER=VALUE", joined by ','; the
 * first wish changes last, so that what is costly is done seldom
 *
 * Returns false, after a message, if a wish cannot be understood.
 */
bool parameters_rounds(const struct words *wishes, struct words *rounds);

/**
 * parameters_set() - make a combination hold
 * @round: from parameters_rounds()
 * @reload: modules may be removed and loaded again for it
 * @why: if it cannot be done, a one-line reason
 * @size: bytes at @why
 *
 * What holds already costs nothing; what can be written in /sys is; the rest
 * takes a reload, one for each module.
 */
bool parameters_set(const char *round, bool reload, char *why, size_t size);

/**
 * parameters_restore() - put back what parameters_set() changed
 * @reload: as for parameters_set()
 */
void parameters_restore(bool reload);

/**
 * parameters_root() - where to look instead of /sys/module
 * @path: stays
 */
void parameters_root(const char *path);

#endif
