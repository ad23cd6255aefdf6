/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the manual says of one access: the page walk as a function (SDM 3A, chapter
 * 4: 4.6 access rights, 4.7 error code, 4.8 accessed and dirty flags; APM 2,
 * chapter 5).  It touches no CPU and no page table.
 */
#ifndef WALK_H
#define WALK_H

#include <base.h>
#include <defs/page.h>

#define WALK_LEVELS	5

/*
 * X(name, rule): the rules, one by one.  A hypervisor that forgets one of them is an
 * mmu with that rule in `forgets`: so can a test prove that it would notice.
 */
#define WALK_RULES(X)							\
	X(PRESENT, "an entry without P translates nothing")		\
	X(RSVD_HIGH, "address bits from MAXPHYADDR up are reserved")	\
	X(RSVD_LARGE, "address bits within a large page are reserved")	\
	X(RSVD_PS, "PS is reserved where there is no large page")	\
	X(RSVD_NX, "NX is reserved while EFER.NXE is clear")		\
	X(RSVD_CODE, "a reserved bit is told by the error code's RSVD")	\
	X(LARGE, "PS ends the walk")					\
	X(W_TABLES, "W counts in every entry")				\
	X(U_TABLES, "U counts in every entry")				\
	X(NX_TABLES, "NX counts in every entry")			\
	X(W_LEAF, "a user's write needs W")				\
	X(U_LEAF, "a user's access needs U")				\
	X(NX_LEAF, "a fetch needs NX clear")				\
	X(NX_SUPERVISOR, "a supervisor's fetch needs NX clear too")	\
	X(WP, "a supervisor's write needs W while CR0.WP is set")	\
	X(WP_CLEAR, "and not while it is clear")			\
	X(SMEP, "SMEP stops a supervisor's fetch from a user page")	\
	X(SMEP_TABLES, "and only if every entry has U")			\
	X(SMAP, "SMAP stops a supervisor's data access to a user page")	\
	X(SMAP_AC, "but not while AC is set")				\
	X(SMAP_IMPLICIT, "unless the access is implicit")		\
	X(SMAP_FETCH, "and never a fetch")				\
	X(PKU_AD, "AD of PKRU stops any data access to a user page")	\
	X(PKU_WD, "WD of PKRU stops a user's write to a user page")	\
	X(PKU_WP, "and a supervisor's while CR0.WP is set")		\
	X(PKU_WP_CLEAR, "and only then")				\
	X(PKU_SUPERVISOR_PAGE, "PKRU is not about supervisor pages")	\
	X(PKU_FETCH, "PKRU is not about fetches")			\
	X(PKU_OFF, "PKRU counts only while CR4.PKE is set")		\
	X(PK_KEY, "the key is the leaf's")				\
	X(PK_CODE, "a key's refusal is told by the error code's PK")	\
	X(PKS_AD, "AD of PKRS stops any data access to a supervisor page") \
	X(PKS_WD, "WD of PKRS stops a write while CR0.WP is set")	\
	X(PKS_WP_CLEAR, "and only then")				\
	X(PKS_USER_PAGE, "PKRS is not about user pages")		\
	X(PKS_OFF, "PKRS counts only while CR4.PKS is set")		\
	X(IMPLICIT_USER, "an implicit access is the supervisor's at any CPL") \
	X(CODE_W, "the error code's W tells a write")			\
	X(CODE_U, "the error code's U tells user mode")			\
	X(CODE_I, "the error code's I tells a fetch")			\
	X(CODE_I_OFF, "but only while NXE or SMEP is set")		\
	X(A_TABLES, "A gets set in the tables' entries")		\
	X(A_LEAF, "A gets set in the leaf by an access")		\
	X(A_FAULT, "and not by a fault")				\
	X(D, "D gets set in the leaf by a write")			\
	X(D_READ, "and not by anything else")				\
	X(D_SUPERVISOR, "a supervisor's write with CR0.WP clear sets D too")

enum walk_rule {
#define WALK_CONSTANT(name, text) WALK_##name,
	WALK_RULES(WALK_CONSTANT)
#undef WALK_CONSTANT
	WALK_RULE_COUNT
};

extern const char *const walk_rules[WALK_RULE_COUNT];	/* their texts */

/* What the CPU contributes. */
struct mmu {
	unsigned int levels;	/* of entries below; PAE's PDPTEs are none: 2 */
	bool wide;		/* entries of 8 bytes: NX, keys */
	bool pse;		/* PS counts in 4-byte entries */
	bool gbpages;		/* PS counts in PDPTEs */
	u64 reserved;		/* address bits from MAXPHYADDR up */
	u64 reserved_4m;	/* in a 4 MiB page's entry */
	bool wp, nxe, smep, smap, pke, pks;
	u32 pkru, pkrs;
	u64 forgets;		/* bit n: enum walk_rule n */
};

struct walk_access {
	bool write;		/* or read and write */
	bool fetch;
	bool user;		/* CPL 3 */
	bool implicit;		/* to a descriptor, a TSS, a frame */
	bool ac;
};

struct walk {
	u64 entry[WALK_LEVELS + 1];	/* [level]; afterwards with A and D */
	bool fault;
	u32 error;
	u32 open;		/* error bits that the manual leaves open */
	unsigned int level;	/* whose entry ended it */
};

/**
 * walk() - make one access
 *
 * On a fault, A of the entries above @walk->level is left open by the manual; here
 * it stays what it was.
 */
void walk(const struct mmu *mmu, const struct walk_access *access,
	  struct walk *walk);

#endif
