/* SPDX-License-Identifier: BSD-2-Clause */
/* VT-d's tables: they are the guest's, and read anew for each access. */
#include <string.h>

#include "vmm/machine.h"
#include "vmm/x86/vtd.h"

#define PRESENT		1u
#define QUIET		2u		/* context and interrupt entries: no fault records */
#define ADDRESS		0x000ffffffffff000ull
#define CONTEXT_TYPE(low)	((low) >> 2 & 3)
#define TYPE_TABLES	0
#define TYPE_PASS	2		/* pass-through, which we do not announce */
#define CONTEXT_WIDTH(high)	((high) & 7)
#define WIDTH_39	1		/* three levels */
#define LEVELS		3
#define PTE_READ	1u
#define PTE_WRITE	2u
#define PTE_LARGE	(1u << 7)

/* Fields of a message's address in remappable format (5.1.5.2). */
#define MESSAGE_REMAPPABLE	(1u << 4)
#define MESSAGE_SUBHANDLE	(1u << 3)

/* Fields of an interrupt remapping table entry (9.10). */
#define IRTE_LOGICAL	(1u << 2)
#define IRTE_REDIRECTION	(1u << 3)
#define IRTE_LEVEL	(1u << 4)
#define IRTE_POSTED	(1u << 15)
#define TABLE_SIZE(irta)	(2ull << ((irta) & 0xf))
#define TABLE_WIDE	(1u << 11)	/* 32-bit APIC ids: not announced */

static bool entry_get(uint64_t at, uint64_t entry[2])
{
	const void *ram = ram_at(at, 16);

	if (ram)
		memcpy(entry, ram, 16);
	return ram;
}

static enum vtd_fault walk(uint64_t table, bool write, uint64_t *address)
{
	uint64_t permission = write ? PTE_WRITE : PTE_READ, pte;

	for (unsigned int level = LEVELS; level; level--) {
		unsigned int shift = 12 + 9 * (level - 1);
		uint64_t at = (table & ADDRESS) + (*address >> shift & 0x1ff) * 8;
		const void *ram = ram_at(at, sizeof(pte));

		if (!ram)
			return VTD_BAD_TABLE;
		memcpy(&pte, ram, sizeof(pte));
		/* Each level must allow it. */
		if (!(pte & permission))
			return write ? VTD_NO_WRITE : VTD_NO_READ;
		if (level == 1 || pte & PTE_LARGE) {
			uint64_t offset = (1ull << shift) - 1;

			if (pte & ADDRESS & offset)
				return VTD_RESERVED_ENTRY;
			*address = (pte & ADDRESS) | (*address & offset);
			return VTD_OK;
		}
		table = pte;
	}
	return VTD_BAD_TABLE;		/* not reached: level 1 is a leaf */
}

enum vtd_fault vtd_translate(const struct vtd_tables *tables, uint16_t source,
			     bool write, uint64_t *address, bool *quiet)
{
	uint64_t root[2], context[2];

	*quiet = false;
	if (!entry_get((tables->root & ADDRESS) + (source >> 8) * 16, root))
		return VTD_BAD_ROOT_POINTER;
	if (!(root[0] & PRESENT))
		return VTD_NO_ROOT;
	if (root[0] & ~(ADDRESS | PRESENT) || root[1])
		return VTD_RESERVED_ROOT;
	if (!entry_get((root[0] & ADDRESS) + (source & 0xff) * 16, context))
		return VTD_BAD_CONTEXT_POINTER;
	*quiet = context[0] & QUIET;
	if (!(context[0] & PRESENT))
		return VTD_NO_CONTEXT;
	if (CONTEXT_TYPE(context[0]) != TYPE_TABLES ||
	    CONTEXT_WIDTH(context[1]) != WIDTH_39)
		return VTD_BAD_CONTEXT;
	if (context[0] & ~(ADDRESS | PRESENT | QUIET) || context[1] & ~0xffff7full)
		return VTD_RESERVED_CONTEXT;
	if (*address >> VTD_ADDRESS_BITS)
		return VTD_BEYOND;
	return walk(context[0], write, address);
}

/* Whether an entry is for this source (9.10, SVT, SQ and SID). */
static bool source_allowed(uint64_t high, uint16_t source)
{
	static const uint16_t ignored[] = { 0, 4, 6, 7 };
	uint16_t id = high;

	switch (high >> 18 & 3) {
	case 0:
		return true;
	case 1:
		return !((id ^ source) & ~ignored[high >> 16 & 3]);
	case 2:				/* any of these buses */
		return source >> 8 >= id >> 8 && source >> 8 <= (id & 0xff);
	default:
		return false;
	}
}

enum vtd_fault vtd_remap(const struct vtd_tables *tables, uint16_t source,
			 uint64_t *address, uint32_t *data, uint32_t *index,
			 bool *quiet)
{
	uint64_t entry[2];

	*quiet = false;
	*index = 0;
	if (!(*address & MESSAGE_REMAPPABLE))
		return tables->compatible ? VTD_OK : VTD_IR_COMPATIBLE;
	*index = (*address >> 5 & 0x7fff) | (*address & 4) << 13;
	if (*address & MESSAGE_SUBHANDLE)
		*index += *data & 0xffff;
	if (*index >= TABLE_SIZE(tables->interrupts))
		return VTD_IR_BEYOND;
	if (!entry_get((tables->interrupts & ADDRESS) + *index * 16ull, entry))
		return VTD_IR_BAD_POINTER;
	*quiet = entry[0] & QUIET;
	if (!(entry[0] & PRESENT))
		return VTD_IR_ABSENT;
	if (entry[0] & IRTE_POSTED || entry[1] >> 20 || tables->interrupts & TABLE_WIDE)
		return VTD_IR_RESERVED;
	if (!source_allowed(entry[1], source))
		return VTD_IR_SOURCE;
	*address = 0xfee00000u | (entry[0] >> 40 & 0xff) << 12 |
		(entry[0] & IRTE_REDIRECTION) | (entry[0] & IRTE_LOGICAL);
	*data = (entry[0] >> 16 & 0xff) | (entry[0] >> 5 & 7) << 8 |
		(entry[0] & IRTE_LEVEL ? 3u << 14 : 0);
	return VTD_OK;
}
