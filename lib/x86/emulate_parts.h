/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of emulate.h's engine share. */
#ifndef EMULATE_PARTS_H
#define EMULATE_PARTS_H

#include <emulate.h>

struct way {
	const char *name;
	u8 cpl;
	bool forced, real;
	u8 device;		/* BIT(arena): in the device's memory */
};

/* The row at hand; static, as it is much for a stack. */
extern struct emulation {
	const struct insn_row *row;
	unsigned long start, end;	/* its code, where it runs */
	bool lacks;			/* a CPUID bit */
	bool can_force, has_device;
	unsigned int arenas;		/* BIT(arena): a memory operand's */
	size_t window;			/* offset of the window in arenas in use */
	struct step steps[EMULATE_MAX_INPUTS];
	struct outcome ends[EMULATE_MAX_INPUTS];
	unsigned int count;
} emulation;

/* Where an arena begins for the row at hand, and its operand in it. */
unsigned long arena_base(enum arena arena);
unsigned long operand_address(enum arena arena);
size_t arena_offset(const struct insn_row *row);
bool arena_has(enum arena arena, unsigned long address);

/**
 * arenas_map() - have the row's arenas in RAM, or in the device's memory
 * @device, @absent: BIT(arena) each
 */
void arenas_map(unsigned int device, unsigned int absent);

/**
 * arenas_fill(), arenas_fetch() - the windows, into the arenas and out of them
 * @start, @want: of a device, only the words that may differ are read anew, as each
 *	costs an exit; what else has changed shows when a fetch without @want is made
 */
void arenas_fill(const struct outcome *is);
void arenas_fetch(struct outcome *is, const struct outcome *start,
		  const struct outcome *want);

/**
 * emulate_agree() - is @got what is wanted?  If not, it is told
 * @open_flags: do not count; @got gets those of @want
 */
bool emulate_agree(struct step *step, const struct outcome *want,
		   struct outcome *got, const struct way *way,
		   unsigned long open_flags);

#endif
