/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way of a linear address through the page tables, as the CPU goes it: SDM 3A,
 * chapter 4, every paging mode.
 */
#ifndef HOST_VMM_X86_WALK_H
#define HOST_VMM_X86_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"

enum walk_mode { WALK_NONE, WALK_32, WALK_PAE, WALK_4, WALK_5, WALK_MODES };

enum walk_end {
	WALK_MAPPED,
	WALK_NOT_PRESENT,
	WALK_RESERVED,		/* the last entry has reserved bits set */
	WALK_NO_RAM,		/* a table lies where no memory is */
	WALK_NONCANONICAL,
};

#define WALK_LEVELS	5

struct walk_step {
	uint8_t level;		/* 5 for the PML5E … 1 for the PTE */
	uint8_t leaf;		/* 0 or 1 */
	uint16_t index;		/* of the entry in its table */
	uint64_t at;		/* physical address of the entry */
	uint64_t entry;
	uint64_t reserved;	/* which of the entry's bits must be 0 and are not */
};

struct walk {
	uint64_t linear;
	uint64_t root;		/* CR3 */
	uint8_t mode, end;	/* enum walk_mode, enum walk_end */
	uint8_t steps;
	uint8_t page_shift;	/* of the page, if mapped */
	uint8_t writable, user, executable;	/* as all entries together say; 0 or 1 */
	uint64_t physical;	/* if mapped */
	struct walk_step step[WALK_LEVELS];
};

/* What decides how the tables are read. */
struct walk_registers {
	uint64_t cr0, cr3, cr4, efer;
	unsigned int physical_bits;	/* MAXPHYADDR */
	bool (*read)(uint64_t physical, void *to, uint64_t size);
};

/**
 * walk_pages() - go the way of an address
 * @walk: filled in
 * @registers: how
 * @linear: which address
 *
 * No rights are checked, no bit is changed.  Returns whether it is mapped.
 */
bool walk_pages(struct walk *walk, const struct walk_registers *registers,
		uint64_t linear);

/**
 * walk_tables() - all page tables there are, from the root on
 * @registers: which
 * @fn: called with each table's physical address; returns false if those below it are
 *	known, as they are of a table that is its own
 */
typedef bool walk_table_fn(uint64_t table);
void walk_tables(const struct walk_registers *registers, walk_table_fn *fn);

/**
 * walk_check() - make a walk of doubtful origin safe for the functions below
 */
void walk_check(struct walk *walk);

/**
 * walk_text() - append a walk, one line a level, each with two tabs in front
 * @to: where to
 * @walk: which
 */
void walk_text(struct buf *to, const struct walk *walk);

/**
 * walk_json() - append a walk as an object
 * @json: where
 * @name: of the member, or NULL in an array
 * @walk: which
 */
void walk_json(struct json_out *json, const char *name, const struct walk *walk);

#endif
