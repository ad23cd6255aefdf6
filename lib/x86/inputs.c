/* SPDX-License-Identifier: BSD-2-Clause */
/* From values of factors to tables, CPU state and an access. */
#include <asm/cpu.h>
#include <inputs.h>

#define KEY		5	/* under test; OTHER_KEY has its rights inverted */
#define OTHER_KEY	10
/* What stops a walk early stops it in one row of so many. */
#define ONE_IN		6
#define RESERVED_VALUES	37	/* those beyond the list's end: no reserved bit */
#define UPPER_PLAIN	5	/* values from here on change nothing */

static void reserved_add(struct inputs *in, unsigned int level,
			 unsigned int bit, bool large)
{
	in->reserved[in->reserved_count++] =
		(struct reserved){ level, bit, large };
}

static unsigned int lowest_bit(u64 bits)
{
	return (u32)bits ? __builtin_ctz(bits) : 32 + __builtin_ctz(bits >> 32);
}

/* The ends of each range of reserved bits. */
static void reserved_list(struct inputs *in)
{
	const struct mmu *m = &in->mmu;

	in->reserved_count = 0;
	for (unsigned int level = 1; level <= m->levels; level++) {
		if (m->reserved)
			reserved_add(in, level, lowest_bit(m->reserved), false);
		if (m->reserved && level <= 3)
			reserved_add(in, level, m->levels < 4 ? 62 : 51, false);
		if (level >= 4 || (level == 3 && !m->gbpages))
			reserved_add(in, level, 7, false);
	}
	reserved_add(in, 2, m->wide ? 13 : 21, true);
	if (m->wide)
		reserved_add(in, 2, 20, true);
	if (m->gbpages)
		reserved_add(in, 3, 29, true);
}

/* How many values each factor has; with one it is out of play. */
void inputs_vary(struct inputs *in, const struct access_kind *kind)
{
	static const enum factor twos[] = {
		F_PRIMED, F_WP, F_W, F_U, F_A, F_D, F_G, F_TABLE_A,
	};
	const struct mmu *m = &in->mmu;
	bool keys = m->levels >= 4, segment = kind->kind == TOUCH_SEGMENT;
	u8 *levels = in->levels;

	reserved_list(in);
	memset(levels, 1, F_COUNT);
	for_each(f, twos)
		levels[*f] = 2;
	/* Whether AC excuses implicit accesses at CPL 0, APM 2 does not tell. */
	levels[F_AC] = 1 + (!segment || kind->user || in->intel);
	levels[F_UNMARKED] = 1 + segment;
	levels[F_PSE] = 1 + !m->wide;
	levels[F_SMEP] = 1 + in->smep;
	levels[F_SMAP] = 1 + in->smap;
	levels[F_NXE] = in->nx ? 3 : 1;
	levels[F_NX] = levels[F_TABLE_NX] = in->nx ? 4 : 1;
	levels[F_TABLE_W] = levels[F_TABLE_U] = 4;
	levels[F_PKE] = 1 + (keys && in->pku);
	levels[F_PKS] = 1 + (keys && in->pks);
	levels[F_PKRU] = keys && in->pku ? 4 : 1;
	levels[F_PKRS] = keys && in->pks ? 4 : 1;
	levels[F_KEY] = keys ? 3 : 1;
	levels[F_LEAF] = m->gbpages ? 5 : 4;
	levels[F_P] = levels[F_TABLE_P] = ONE_IN;
	levels[F_IGNORED] = 4;
	for (unsigned int level = 3; level <= m->levels; level++)
		levels[F_UPPER3 + level - 3] = 2 * UPPER_PLAIN;
	levels[F_UPPER_A] = 1 + (m->levels > 2);
	levels[F_RESERVED] = RESERVED_VALUES;
}

static u64 on(bool set, u64 bits)
{
	return set ? bits : 0;
}

static u64 key_bits(const struct inputs *in, unsigned int key)
{
	return on(in->mmu.levels >= 4, (u64)key << PTE_KEY_SHIFT);
}

static u64 leaf_entry(const struct inputs *in, const u8 *v, unsigned int leaf)
{
	static const u8 keys[] = { KEY, OTHER_KEY, 0 };
	u64 ignored = PTE_IGNORED | on(in->mmu.levels >= 4, PTE_HIGH & ~PTE_KEY);

	return on(v[F_P], PTE_P) | on(v[F_W], PTE_W) | on(v[F_U], PTE_U) |
		on(v[F_A], PTE_A) | on(v[F_D], PTE_D) | on(v[F_G], PTE_G) |
		on(v[F_NX] == 1, PTE_NX) | on(leaf > 1, PTE_PS) |
		on(v[F_IGNORED] & 1, ignored) |
		on(v[F_IGNORED] & 2, leaf > 1 ? PTE_PAT_LARGE : PTE_PAT) |
		key_bits(in, keys[v[F_KEY]]);
}

static u64 upper_entry(const struct inputs *in, const u8 *v, unsigned int level)
{
	u64 entry = PTE_P | PTE_W | PTE_U | on(v[F_UPPER_A], PTE_A);

	switch (v[F_UPPER3 + level - 3]) {
	case 0:
		return entry & ~(u64)PTE_W;
	case 1:
		return entry & ~(u64)PTE_U;
	case 2:
		return entry | on(in->nx, PTE_NX);
	case 3:
		return entry & ~(u64)PTE_P;
	case 4:
		return entry | PTE_IGNORED | PTE_D | (PTE_HIGH & ~PTE_KEY) |
			key_bits(in, OTHER_KEY);
	default:
		return entry;
	}
}

static u64 table_entry(const struct inputs *in, const u8 *v)
{
	/* The key of a table's entry counts for nothing: let it be wrong. */
	return on(v[F_TABLE_P], PTE_P) | on(v[F_TABLE_W], PTE_W) |
		on(v[F_TABLE_U], PTE_U) | on(v[F_TABLE_A], PTE_A) |
		on(v[F_TABLE_NX] == 1, PTE_NX) |
		key_bits(in, v[F_KEY] ? KEY : OTHER_KEY);
}

static void entries_fill(struct situation *s, const struct inputs *in, const u8 *v)
{
	static const u8 leaves[] = { 1, 2, 1, 2, 3 };
	bool has_reserved = v[F_RESERVED] < in->reserved_count;
	const struct reserved *r = &in->reserved[has_reserved ? v[F_RESERVED] : 0];
	unsigned int leaf = leaves[v[F_LEAF]];
	bool ps_ignored = leaf == 2 && !in->mmu.wide && !v[F_PSE];

	if (ps_ignored)
		leaf = 1;
	s->leaf = leaf;
	for (unsigned int level = 1; level <= in->mmu.levels; level++)
		s->entry[level] = level < leaf ? PTE_P | PTE_W | PTE_U :
			level == leaf ? leaf_entry(in, v, leaf) :
			level == leaf + 1 ? table_entry(in, v) :
			upper_entry(in, v, level);
	if (ps_ignored)
		s->entry[2] |= PTE_PS;
	if (has_reserved && r->level >= leaf &&
	    r->large == (r->level == leaf && leaf > 1))
		s->entry[r->level] |= BIT(r->bit);
}

static u32 rights(unsigned int rights)
{
	return rights << 2 * KEY | (3 - rights) << 2 * OTHER_KEY;
}

void inputs_situation(struct situation *s, const struct inputs *in,
		      const struct access_kind *kind, const u8 *v)
{
	memset(s, 0, sizeof(*s));
	s->mmu = in->mmu;
	s->mmu.wp = v[F_WP];
	s->mmu.nxe = v[F_NXE] > 0;
	s->mmu.smep = v[F_SMEP];
	s->mmu.smap = v[F_SMAP];
	s->mmu.pke = v[F_PKE];
	s->mmu.pks = v[F_PKS];
	s->mmu.pse = v[F_PSE] || in->mmu.wide;
	s->mmu.pkru = on(in->levels[F_PKRU] > 1, rights(v[F_PKRU]));
	s->mmu.pkrs = on(in->levels[F_PKRS] > 1, rights(v[F_PKRS]));
	s->kind = kind->kind;
	s->user = kind->user;
	s->ac = v[F_AC];
	s->primed = v[F_PRIMED];
	s->unmarked = v[F_UNMARKED];
	entries_fill(s, in, v);
}

unsigned int inputs_state(const u8 *v)
{
	unsigned int state = v[F_PKRU] | v[F_PKRS] << 2;

	return state | v[F_PKE] << 4 | v[F_PKS] << 5 | v[F_SMEP] << 6 |
		v[F_SMAP] << 7 | (v[F_NXE] > 0) << 8 | v[F_WP] << 9;
}

void inputs_find(struct inputs *in, const struct mmu *mmu)
{
	memset(in, 0, sizeof(*in));
	in->mmu = *mmu;
	in->nx = mmu->wide && cpu_has(CPU_NX);
	in->smep = cpu_has(CPU_SMEP);
	in->smap = cpu_has(CPU_SMAP);
	in->pku = cpu_has(CPU_PKU);
	in->pks = cpu_has(CPU_PKS);
	in->intel = cpu_is_intel();
}
