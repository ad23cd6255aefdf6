/* SPDX-License-Identifier: BSD-2-Clause */
/* The way of a linear address through the page tables: SDM 3A, chapter 4. */
#include "vmm/x86/walk.h"

#include "defs/cr.h"
#include "defs/msr.h"
#include "defs/page.h"

static const struct shape {
	const char *name;
	unsigned int levels, entry_size, linear_bits;
} shapes[WALK_MODES] = {
	[WALK_NONE] = { "no paging", 0, 0, 32 },
	[WALK_32] = { "32-bit paging", 2, 4, 32 },
	[WALK_PAE] = { "PAE paging", 3, 8, 32 },
	[WALK_4] = { "4-level paging", 4, 8, 48 },
	[WALK_5] = { "5-level paging", 5, 8, 57 },
};

static enum walk_mode mode_of(const struct walk_registers *r)
{
	if (!(r->cr0 & CR0_PG))
		return WALK_NONE;
	if (!(r->cr4 & CR4_PAE))
		return WALK_32;
	if (!(r->efer & EFER_LMA))
		return WALK_PAE;
	return r->cr4 & CR4_LA57 ? WALK_5 : WALK_4;
}

static uint64_t bits(unsigned int from, unsigned int to)
{
	return from > to ? 0 : (2ull << to) - (1ull << from);
}

/* How many bits of the linear address are below the index of a level. */
static unsigned int shift_of(enum walk_mode mode, unsigned int level)
{
	return PAGE_SHIFT + (level - 1) * (mode == WALK_32 ? 10 : 9);
}

static unsigned int index_of(enum walk_mode mode, unsigned int level, uint64_t linear)
{
	uint64_t mask = mode == WALK_32 ? 0x3ff : mode == WALK_PAE && level == 3 ? 3 : 0x1ff;

	return linear >> shift_of(mode, level) & mask;
}

static bool is_leaf(const struct walk_registers *r, enum walk_mode mode,
		    unsigned int level, uint64_t entry)
{
	if (level == 1)
		return true;
	if (!(entry & PTE_PS) || level > 3 || (mode == WALK_PAE && level == 3))
		return false;
	return mode != WALK_32 || r->cr4 & CR4_PSE;
}

/* Which bits must be 0: "Reserved bits" of tables 4-4 to 4-20. */
static uint64_t reserved_of(const struct walk_registers *r, enum walk_mode mode,
			    unsigned int level, bool leaf)
{
	uint64_t reserved;

	if (mode == WALK_32) {
		unsigned int high = r->physical_bits < 40 ? r->physical_bits : 40;

		/* Bits 20:13 of a 4-MiB page are address bits 39:32 (PSE-36). */
		return leaf && level == 2 ? bits(high - 32 + 13, 21) : 0;
	}
	if (mode == WALK_PAE && level == 3)
		return bits(1, 2) | bits(5, 8) | bits(r->physical_bits, 63);
	reserved = bits(r->physical_bits, mode == WALK_PAE ? 62 : 51);
	if (!(r->efer & EFER_NXE))
		reserved |= PTE_NX;
	if (level > 3)
		reserved |= PTE_PS;
	else if (leaf && level > 1)
		reserved |= bits(13, shift_of(mode, level) - 1);
	return reserved;
}

static uint64_t address_of(enum walk_mode mode, const struct walk_step *step)
{
	unsigned int shift = shift_of(mode, step->level);

	if (!step->leaf)
		return step->entry & PTE_ADDRESS;
	if (mode == WALK_32 && step->level == 2)
		return (step->entry & bits(22, 31)) | (step->entry & bits(13, 20)) << (32 - 13);
	return step->entry & PTE_ADDRESS & ~bits(0, shift - 1);
}

static bool canonical(uint64_t linear, unsigned int wide)
{
	uint64_t high = linear >> (wide - 1);

	return !high || high == ~0ull >> (wide - 1);
}

/* One level; returns whether there is a next one. */
static bool walk_level(struct walk *walk, const struct walk_registers *r,
		       unsigned int level, uint64_t table)
{
	struct walk_step *step = &walk->step[walk->steps++];
	enum walk_mode mode = walk->mode;

	step->level = level;
	step->index = index_of(mode, level, walk->linear);
	step->at = table + step->index * shapes[mode].entry_size;
	step->entry = 0;
	if (!r->read(step->at, &step->entry, shapes[mode].entry_size)) {
		walk->end = WALK_NO_RAM;
		return false;
	}
	if (!(step->entry & PTE_P)) {
		walk->end = WALK_NOT_PRESENT;
		return false;
	}
	step->leaf = is_leaf(r, mode, level, step->entry);
	step->reserved = step->entry & reserved_of(r, mode, level, step->leaf);
	if (step->reserved) {
		walk->end = WALK_RESERVED;
		return false;
	}
	if (mode != WALK_PAE || level != 3) {
		walk->writable &= !!(step->entry & PTE_W);
		walk->user &= !!(step->entry & PTE_U);
		walk->executable &= mode == WALK_32 || !(step->entry & PTE_NX);
	}
	if (step->leaf) {
		walk->end = WALK_MAPPED;
		walk->page_shift = shift_of(mode, level);
		walk->physical = address_of(mode, step) |
			(walk->linear & bits(0, walk->page_shift - 1));
	}
	return !step->leaf;
}

bool walk_pages(struct walk *walk, const struct walk_registers *r, uint64_t linear)
{
	enum walk_mode mode = mode_of(r);
	unsigned int level = shapes[mode].levels;
	uint64_t table = mode == WALK_PAE ? r->cr3 & bits(5, 31) : r->cr3 & PTE_ADDRESS;

	*walk = (struct walk){
		.linear = linear, .root = r->cr3, .mode = mode,
		.writable = true, .user = true, .executable = true,
	};
	if (mode == WALK_32)
		table &= bits(12, 31);
	if (mode < WALK_4)
		walk->linear = linear & bits(0, 31);
	else if (!canonical(linear, shapes[mode].linear_bits))
		walk->end = WALK_NONCANONICAL;
	if (mode == WALK_NONE)
		walk->physical = walk->linear;
	if (walk->end == WALK_NONCANONICAL || mode == WALK_NONE)
		return walk->end == WALK_MAPPED;
	while (walk_level(walk, r, level, table)) {
		table = address_of(mode, &walk->step[walk->steps - 1]);
		level--;
	}
	return walk->end == WALK_MAPPED;
}

static void tables_below(const struct walk_registers *r, enum walk_mode mode,
			 unsigned int level, uint64_t table, walk_table_fn *fn)
{
	unsigned int size = shapes[mode].entry_size;
	unsigned int count = mode == WALK_PAE && level == 3 ? 4 : PAGE_SIZE / size;

	if (!fn(table) || level == 1)
		return;
	for (unsigned int i = 0; i < count; i++) {
		uint64_t entry = 0;

		if (!r->read(table + i * size, &entry, size))
			return;
		if (entry & PTE_P && !is_leaf(r, mode, level, entry))
			tables_below(r, mode, level - 1, entry & PTE_ADDRESS, fn);
	}
}

void walk_tables(const struct walk_registers *r, walk_table_fn *fn)
{
	enum walk_mode mode = mode_of(r);

	if (mode != WALK_NONE)
		tables_below(r, mode, shapes[mode].levels,
			     mode == WALK_PAE ? r->cr3 & bits(5, 31) : r->cr3 & PTE_ADDRESS, fn);
}

void walk_check(struct walk *walk)
{
	walk->mode %= WALK_MODES;
	if (walk->end > WALK_NONCANONICAL)
		walk->end = WALK_NO_RAM;
	if (walk->steps > WALK_LEVELS)
		walk->steps = WALK_LEVELS;
	for (unsigned int i = 0; i < walk->steps; i++)
		if (!walk->step[i].level || walk->step[i].level > WALK_LEVELS)
			walk->step[i].level = 1;
}

static const char *level_name(const struct walk_step *step)
{
	static const char *const names[] = { "PTE", "PDE", "PDPTE", "PML4E", "PML5E" };

	return names[step->level - 1];
}

/* A bit of an entry by its name; a leaf has more of them. */
static const struct {
	uint64_t bit;
	bool leaf_only;
	const char *name;
} flags[] = {
	{ PTE_P, false, "P" }, { PTE_W, false, "W" }, { PTE_U, false, "U" },
	{ PTE_PWT, false, "PWT" }, { PTE_PCD, false, "PCD" }, { PTE_A, false, "A" },
	{ PTE_D, true, "D" }, { PTE_PS, false, "PS" }, { PTE_G, true, "G" },
	{ PTE_NX, false, "NX" },
};

static void end_text(const struct walk *walk, struct buf *to)
{
	static const char *const ends[] = {
		[WALK_NOT_PRESENT] = "not present",
		[WALK_RESERVED] = "reserved bits are set",
		[WALK_NO_RAM] = "the table is not in memory",
		[WALK_NONCANONICAL] = "not canonical",
	};

	if (walk->end == WALK_MAPPED)
		buf_printf(to, "mapped to %#llx, %s %s%s", (unsigned long long)walk->physical,
			   walk->writable ? "writable" : "read-only",
			   walk->user ? "user" : "supervisor",
			   walk->executable ? "" : ", not executable");
	else
		buf_puts(to, ends[walk->end]);
}

void walk_text(struct buf *to, const struct walk *walk)
{
	buf_printf(to, "\t\t%#llx: %s", (unsigned long long)walk->linear,
		   shapes[walk->mode].name);
	if (walk->mode != WALK_NONE)
		buf_printf(to, ", CR3 %#llx", (unsigned long long)walk->root);
	buf_puts(to, "\n");
	for (unsigned int i = 0; i < walk->steps; i++) {
		const struct walk_step *step = &walk->step[i];
		const char *between = ":";

		buf_printf(to, "\t\t%s[%u] at %#llx = %#llx", level_name(step), step->index,
			   (unsigned long long)step->at, (unsigned long long)step->entry);
		for (unsigned int n = 0; n < sizeof(flags) / sizeof(*flags); n++) {
			if (!(step->entry & flags[n].bit) || (flags[n].leaf_only && !step->leaf))
				continue;
			buf_printf(to, "%s %s", between, flags[n].name);
			between = "";
		}
		if (step->reserved)
			buf_printf(to, "; reserved %#llx", (unsigned long long)step->reserved);
		buf_puts(to, "\n");
	}
	buf_puts(to, "\t\t");
	end_text(walk, to);
	buf_puts(to, "\n");
}

void walk_json(struct json_out *json, const char *name, const struct walk *walk)
{
	struct buf end = { 0 };

	json_open(json, name, '{');
	json_hex(json, "linear", walk->linear);
	json_text(json, "mode", shapes[walk->mode].name);
	json_hex(json, "cr3", walk->root);
	json_open(json, "entries", '[');
	for (unsigned int i = 0; i < walk->steps; i++) {
		const struct walk_step *step = &walk->step[i];

		json_open(json, NULL, '{');
		json_text(json, "level", level_name(step));
		json_number(json, "index", step->index);
		json_hex(json, "at", step->at);
		json_hex(json, "entry", step->entry);
		json_hex(json, "reserved", step->reserved);
		json_close(json, '}');
	}
	json_close(json, ']');
	json_bool(json, "mapped", walk->end == WALK_MAPPED);
	end_text(walk, &end);
	json_text(json, "end", buf_text(&end));
	buf_free(&end);
	if (walk->end == WALK_MAPPED)
		json_hex(json, "physical", walk->physical);
	json_close(json, '}');
}
