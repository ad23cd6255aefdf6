/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Protection keys (SDM 3A 4.6.2): one rule for two registers, PKRU for pages of user
 * mode and IA32_PKRS for the supervisor's.
 */
#ifndef KEYS_H
#define KEYS_H

#include <paging.h>
#include <test.h>
#include <touch.h>

#define KEYS		16
#define KEY_AD(key)	(1u << 2 * (key))	/* access disable */
#define KEY_WD(key)	(2u << 2 * (key))	/* write disable */

/* The page under test, and what it maps: memory that touch() can work on. */
#define KEY_PAGE	((u64 *)SPACE_FREE)

/**
 * key_page_map() - map KEY_PAGE with @key, in the split space that is current
 * @user: as a page of user mode
 */
void key_page_map(unsigned int key, bool user);

/* What one kind of access comes to, by the rights of the page's key. */
struct key_access {
	enum touch_kind kind;
	bool user;		/* CPL 3 */
	struct fault ad;	/* AD set */
	struct fault wd;	/* WD set, CR0.WP set */
	struct fault wd_clear;	/* WD set, CR0.WP clear */
};

/* The last ones are user mode's. */
extern const struct key_access key_accesses[];
extern const unsigned int key_access_count, key_access_supervisors;

/**
 * key_access_try() - make the access to KEY_PAGE
 */
struct fault key_access_try(const struct key_access *access);

/**
 * keys_check() - every kind of access of the first @count, under AD and WD of @key
 * @write: writes the register
 *
 * KEY_PAGE has that key.  One SUBTEST each.
 */
void keys_check(unsigned int count, unsigned int key, void (*write)(u32 rights));

/**
 * keys_check_open() - the same accesses are all allowed, whatever @write writes
 */
void keys_check_open(unsigned int count, void (*write)(u32 rights));

#endif
