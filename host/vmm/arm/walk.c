/* SPDX-License-Identifier: BSD-2-Clause */
/* Stage 1 translation of EL1 and EL0, as DDI 0487, D8.2 and D8.3 have it. */
#include <endian.h>
#include <string.h>

#include "vmm/arm/autopsy.h"
#include "vmm/machine.h"

#define SCTLR_M		1u
#define VALID		1u
#define TABLE		2u
#define LAST_LEVEL	3
#define ADDRESS		0x0000fffffffff000ull

/* TCR's halves: TG0 and TG1 do not have the same encoding. */
static unsigned int page_shift(uint64_t tcr, bool upper)
{
	static const uint8_t shift0[4] = { 12, 16, 14, 12 }, shift1[4] = { 12, 14, 12, 16 };

	return upper ? shift1[tcr >> 30 & 3] : shift0[tcr >> 14 & 3];
}

bool guest_translate(const struct arm_record *r, uint64_t address, uint64_t *physical)
{
	const bool upper = address >> 55 & 1;
	const unsigned int shift = page_shift(r->tcr_el1, upper), bits = shift - 3;
	const unsigned int size = 64 - (r->tcr_el1 >> (upper ? 16 : 0) & 0x3f);
	uint64_t table = (upper ? r->ttbr1_el1 : r->ttbr0_el1) & ADDRESS;
	int level;

	*physical = address;
	if (!(r->sctlr_el1 & SCTLR_M))
		return true;
	if (size <= shift || size > 48)
		return false;
	level = LAST_LEVEL - (int)((size - shift - 1) / bits);
	for (;; level++) {
		const unsigned int at = shift + (LAST_LEVEL - level) * bits;
		const uint64_t inside_size = address & ((1ull << size) - 1);
		const uint64_t index = inside_size >> at & ((1ull << bits) - 1);
		const void *entry = ram_at(table + index * 8, 8);
		uint64_t value;

		if (!entry)
			return false;
		memcpy(&value, entry, sizeof(value));
		value = le64toh(value);
		if (!(value & VALID))
			return false;
		if (level == LAST_LEVEL || !(value & TABLE)) {
			const uint64_t inside = (1ull << at) - 1;

			*physical = (value & ADDRESS & ~inside) | (address & inside);
			return level < LAST_LEVEL || value & TABLE;
		}
		table = value & ADDRESS & ~((1ull << shift) - 1);
	}
}
