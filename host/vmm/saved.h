/* SPDX-License-Identifier: BSD-2-Clause */
/* Sections of a saved machine beside the pieces of its state. */
#ifndef HOST_VMM_SAVED_H
#define HOST_VMM_SAVED_H

#include <stdint.h>

#define SAVED_CONFIG	"configuration"	/* lines of NAME=value */
#define SAVED_SLOTS	"memory slots"	/* SLOTS of struct saved_slot */
#define SAVED_RUNS	"pages"		/* any number of struct saved_run */
#define SAVED_MEMORY	"memory"	/* the pages of those runs, one after another */
#define SAVED_LOGGED	"logged pages"	/* ram_logged(); nothing without a log */

enum saved_kind {
	SAVED_NONE,
	SAVED_RAM,		/* of the guest's mapping */
	SAVED_OTHER,		/* the test device's region: each machine has its own */
};

struct saved_slot {
	uint64_t gpa, size;
	uint64_t offset;	/* in the guest's mapping */
	uint32_t flags;
	uint32_t kind;
};

struct saved_run {
	uint64_t first, count;	/* pages as ram_page() counts them */
};

#endif
