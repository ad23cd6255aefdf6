/* SPDX-License-Identifier: BSD-2-Clause */
/* The page walk, as the manual tells it. */
#include <defs/vector.h>
#include <walk.h>

const char *const walk_rules[] = {
#define WALK_TEXT(name, text) [WALK_##name] = (text),
	WALK_RULES(WALK_TEXT)
#undef WALK_TEXT
};

_Static_assert(WALK_RULE_COUNT <= 64, "struct mmu: forgets");

/* What the entries on the way grant together. */
struct rights {
	bool w, u, x;
	bool table_w, table_u, table_x;
	unsigned int key;
};

#define LOW_2M		0x00000000001fe000ull	/* 20:13; 12 is PAT */
#define LOW_1G		0x000000003fffe000ull

/* A rule holds unless this mmu forgets it. */
#define holds(mmu, rule)	(!((mmu)->forgets & BIT(WALK_##rule)))

static bool is_large(const struct mmu *mmu, unsigned int level, u64 entry)
{
	if (!(entry & PTE_PS) || level == 1 || !holds(mmu, LARGE))
		return false;
	if (level == 2)
		return mmu->wide || mmu->pse;
	return level == 3 && mmu->gbpages;
}

static u64 reserved_bits(const struct mmu *mmu, unsigned int level, bool large)
{
	u64 bits = 0;

	if (holds(mmu, RSVD_HIGH))
		bits |= mmu->reserved;
	if (large && holds(mmu, RSVD_LARGE))
		bits |= !mmu->wide ? mmu->reserved_4m :
			level == 2 ? LOW_2M : LOW_1G;
	if (level > 2 && !large && holds(mmu, RSVD_PS))
		bits |= PTE_PS;
	if (mmu->wide && !mmu->nxe && holds(mmu, RSVD_NX))
		bits |= PTE_NX;
	return bits;
}

/* Bits that tell what was tried, whatever the reason of the fault. */
static u32 code_of_access(const struct mmu *mmu, const struct walk_access *a,
			  bool user)
{
	bool tells = (mmu->wide && mmu->nxe) || mmu->smep;

	return (a->write && holds(mmu, CODE_W) ? PF_W : 0) |
		(user && holds(mmu, CODE_U) ? PF_U : 0) |
		(a->fetch && (tells || !holds(mmu, CODE_I_OFF)) &&
		 holds(mmu, CODE_I) ? PF_I : 0);
}

static void collect(const struct mmu *mmu, struct rights *r, u64 entry, bool leaf)
{
	bool w = entry & PTE_W, u = entry & PTE_U;
	bool x = !(mmu->wide && mmu->nxe && (entry & PTE_NX));

	if (!leaf) {
		r->table_w &= w || !holds(mmu, W_TABLES);
		r->table_u &= u || !holds(mmu, U_TABLES);
		r->table_x &= x || !holds(mmu, NX_TABLES);
		if (!holds(mmu, PK_KEY))
			r->key = entry >> PTE_KEY_SHIFT & 15;
		return;
	}
	r->w = r->table_w && (w || !holds(mmu, W_LEAF));
	r->u = r->table_u && (u || !holds(mmu, U_LEAF));
	r->x = r->table_x && (x || !holds(mmu, NX_LEAF));
	if (holds(mmu, PK_KEY))
		r->key = entry >> PTE_KEY_SHIFT & 15;
}

/* Two bits a key: AD below WD. */
static bool key_denies(u32 rights, unsigned int key, const struct walk_access *a,
		       bool ad_counts, bool wd_counts)
{
	bool ad = rights >> 2 * key & 1, wd = rights >> 2 * key & 2;

	return (ad && ad_counts) || (wd && a->write && wd_counts);
}

static bool pku_denies(const struct mmu *mmu, const struct rights *r,
		       const struct walk_access *a, bool user)
{
	bool by_wp = (mmu->wp && holds(mmu, PKU_WP)) || !holds(mmu, PKU_WP_CLEAR);

	if (!mmu->pke && holds(mmu, PKU_OFF))
		return false;
	if (!r->u && holds(mmu, PKU_SUPERVISOR_PAGE))
		return false;
	if (a->fetch && holds(mmu, PKU_FETCH))
		return false;
	return key_denies(mmu->pkru, r->key, a, holds(mmu, PKU_AD),
			  user ? holds(mmu, PKU_WD) : by_wp);
}

static bool pks_denies(const struct mmu *mmu, const struct rights *r,
		       const struct walk_access *a)
{
	bool by_wp = (mmu->wp && holds(mmu, PKS_WD)) || !holds(mmu, PKS_WP_CLEAR);

	if (!mmu->pks && holds(mmu, PKS_OFF))
		return false;
	if (r->u && holds(mmu, PKS_USER_PAGE))
		return false;
	return !a->fetch &&
		key_denies(mmu->pkrs, r->key, a, holds(mmu, PKS_AD), by_wp);
}

static bool user_may(const struct rights *r, const struct walk_access *a)
{
	return r->u && (!a->write || r->w) && (!a->fetch || r->x);
}

static bool smap_stops(const struct mmu *mmu, const struct walk_access *a)
{
	bool excused = a->ac && holds(mmu, SMAP_AC) &&
		       (!a->implicit || !holds(mmu, SMAP_IMPLICIT));

	return mmu->smap && holds(mmu, SMAP) && !excused &&
		(!a->fetch || !holds(mmu, SMAP_FETCH));
}

static bool supervisor_may(const struct mmu *mmu, const struct rights *r,
			   const struct walk_access *a, bool leaf_u)
{
	bool wp = (mmu->wp && holds(mmu, WP)) || !holds(mmu, WP_CLEAR);

	if (r->u && smap_stops(mmu, a))
		return false;
	if (a->fetch)
		return (r->x || !holds(mmu, NX_SUPERVISOR)) &&
			!(mmu->smep && holds(mmu, SMEP) &&
			  (holds(mmu, SMEP_TABLES) ? r->u : leaf_u));
	return !a->write || r->w || !wp;
}

static void fail(struct walk *w, unsigned int level, u32 error)
{
	w->fault = true;
	w->level = level;
	w->error = error;
}

/* An access that is allowed marks the entries that it used. */
static void mark(const struct mmu *mmu, const struct walk_access *a,
		 struct walk *w, bool leaf_w)
{
	for (unsigned int level = mmu->levels; level > w->level; level--)
		if (holds(mmu, A_TABLES))
			w->entry[level] |= PTE_A;
	if (holds(mmu, A_LEAF))
		w->entry[w->level] |= PTE_A;
	if ((a->write && holds(mmu, D) && (leaf_w || holds(mmu, D_SUPERVISOR))) ||
	    !holds(mmu, D_READ))
		w->entry[w->level] |= PTE_D;
}

void walk(const struct mmu *mmu, const struct walk_access *a, struct walk *w)
{
	struct rights r = { .table_w = true, .table_u = true, .table_x = true };
	bool user = a->user && !(a->implicit && holds(mmu, IMPLICIT_USER));
	u32 code = code_of_access(mmu, a, user);
	unsigned int level;
	bool large, denied;

	w->fault = false;
	w->open = 0;
	for (level = mmu->levels;; level--) {
		u64 entry = w->entry[level];

		large = is_large(mmu, level, entry);
		if (!(entry & PTE_P) && holds(mmu, PRESENT))
			return fail(w, level, code);
		if (entry & reserved_bits(mmu, level, large))
			return fail(w, level, code | PF_P |
				    (holds(mmu, RSVD_CODE) ? PF_RSVD : 0));
		collect(mmu, &r, entry, level == 1 || large);
		if (level == 1 || large)
			break;
	}
	w->level = level;
	if (mmu->levels >= 4) {
		denied = pku_denies(mmu, &r, a, user) || pks_denies(mmu, &r, a);
		/* Whether PKRS adds PK to a user's fault is not told. */
		if (user && !r.u)
			w->open = PF_PK;
	} else {
		denied = false;
	}
	if (!denied && (user ? user_may(&r, a) :
			supervisor_may(mmu, &r, a, w->entry[level] & PTE_U)))
		return mark(mmu, a, w, r.w);
	if (!holds(mmu, A_FAULT))
		w->entry[level] |= PTE_A;
	fail(w, level, code | PF_P | (denied && holds(mmu, PK_CODE) ? PF_PK : 0));
}
