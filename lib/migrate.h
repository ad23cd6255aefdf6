/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Asks whoever runs this image to migrate the machine.  They watch the console for
 * some words, migrate, and send a byte to the console of whichever machine then runs.
 * For a TEST that MIGRATES.
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include <base.h>

/**
 * migrate_once() - returns when the machine has been migrated
 */
void migrate_once(void);

/**
 * migrate_skip() - nothing will be migrated; to be said before such a TEST is skipped
 */
void migrate_skip(void);

/**
 * migrate_begin() - from now on the machine is migrated again and again
 * migrate_count() - how often it has been by now, since then
 * migrate_end() - returns when that has ended
 */
void migrate_begin(void);
u32 migrate_count(void);
void migrate_end(void);

#endif
