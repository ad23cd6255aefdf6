/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation and protection (SDM 3A, chapter 4; APM 2, chapter 5): what an access
 * comes to for every input that the manual names: the fault with its error code,
 * the accessed and dirty flags, and the memory.
 *
 * The rules are lib/x86/walk.c, the inputs lib/x86/inputs.h.  Each kind of
 * access is made in rows that try everything that any two factors can have
 * together, then any three, any four, as far as the time goes.
 */
#include <clock.h>
#include <inputs.h>
#include <insn.h>
#include <test.h>

/* Those that an instruction makes for itself, and those for the supervisor. */
static const struct access_kind explicit[] = {
	{ TOUCH_READ, false },	{ TOUCH_READ, true },
	{ TOUCH_WRITE, false }, { TOUCH_WRITE, true },
	{ TOUCH_RMW, false },	{ TOUCH_RMW, true },
	{ TOUCH_FETCH, false }, { TOUCH_FETCH, true },
}, implicit[] = {
	{ TOUCH_SEGMENT, false }, { TOUCH_SEGMENT, true },
};

#define KINDS		(ARRAY_SIZE(explicit) + ARRAY_SIZE(implicit))

struct kinds {
	const struct access_kind *kind;
	unsigned int count;
};

#define EXPLICIT	((struct kinds){ explicit, ARRAY_SIZE(explicit) })
#define IMPLICIT	((struct kinds){ implicit, ARRAY_SIZE(implicit) })

/* What a row's access comes to; failures are told apart by it. */
#define OUTCOMES(X)							\
	X(ALLOWED, "allowed")						\
	X(ABSENT, "an entry is not present")				\
	X(RESERVED, "an entry has reserved bits set")			\
	X(DENIED, "the rights deny it")					\
	X(ACCESSED, "and A of what denies it stays")

enum outcome {
#define OUTCOME_CONSTANT(constant, text) OUTCOME_##constant,
	OUTCOMES(OUTCOME_CONSTANT)
#undef OUTCOME_CONSTANT
	OUTCOME_COUNT
};

#define BLOCK_ROWS	1700	/* covering_rows(2) */
#define BLOCKS		8	/* in one go, at most */

static struct run {
	struct place place;
	struct inputs in;
	const struct access_kind *kind;
	unsigned int kind_index;
	bool forced;
	struct covering rows;
	u8 values[BLOCKS * BLOCK_ROWS][F_COUNT];
	u16 order[BLOCKS * BLOCK_ROWS];
	unsigned int blocks;		/* in one go */
	unsigned int size, at, count;	/* of these; those under way */
	struct situation situations[PATHS];
	struct aftermath aftermaths[PATHS];
	struct tally {
		u32 rows, wrong;
		/* The first that went wrong. */
		struct situation situation;
		struct prediction prediction;
		struct aftermath aftermath;
	} tallies[KINDS][OUTCOME_COUNT];
} run;

/*
 * The next rows, in the order of what the CPU has to be told: control registers
 * are slow to write, on any hypervisor.  Runs at CPL 3, where no hypervisor has to
 * emulate it; so do the others that user_call() names.
 */
static void block_begin(void *arg)
{
	static u16 end[INPUTS_STATES + 1];

	(void)arg;
	memset(end, 0, sizeof(end));
	run.size = run.blocks * covering_rows(&run.rows, 2);
	for (unsigned int i = 0; i < run.size; i++) {
		covering_next(&run.rows, run.values[i]);
		end[inputs_state(run.values[i]) + 1]++;
	}
	for (unsigned int state = 0; state < INPUTS_STATES; state++)
		end[state + 1] += end[state];
	for (unsigned int i = 0; i < run.size; i++)
		run.order[end[inputs_state(run.values[i])]++] = i;
	run.at = 0;
}

static void rows_prepare(void *arg)
{
	unsigned int left = run.size - run.at;

	(void)arg;
	run.count = left < PATHS ? left : PATHS;
	for (unsigned int i = 0; i < run.count; i++) {
		inputs_situation(&run.situations[i], &run.in, run.kind,
			       run.values[run.order[run.at + i]]);
		run.situations[i].forced = run.forced;
	}
	situations_prepare(&run.place, run.situations, run.count);
}

static enum outcome outcome_of(const struct prediction *p)
{
	if (!p->after.fault.raised)
		return OUTCOME_ALLOWED;
	if (p->after.fault.error & PF_RSVD)
		return OUTCOME_RESERVED;
	return p->after.fault.error & PF_P ? OUTCOME_DENIED : OUTCOME_ABSENT;
}

static void tally_add(enum outcome outcome, const struct situation *s,
		      const struct prediction *p, const struct aftermath *got,
		      bool wrong)
{
	struct tally *tally = &run.tallies[run.kind_index][outcome];

	tally->rows++;
	if (!wrong)
		return;
	if (!tally->wrong) {
		tally->situation = *s;
		tally->prediction = *p;
		tally->aftermath = *got;
	}
	tally->wrong++;
}

static void rows_check(void *arg)
{
	(void)arg;
	situations_collect(&run.place, run.situations, run.aftermaths, run.count);
	for (unsigned int i = 0; i < run.count; i++) {
		const struct situation *s = &run.situations[i];
		const struct aftermath *got = &run.aftermaths[i];
		struct prediction p = situation_predict(&run.place.path[i], s);
		enum outcome outcome = outcome_of(&p);
		enum deviation deviation = prediction_compare(s, &p, got);

		tally_add(outcome, s, &p, got, deviation == DEVIATION_ANY);
		if (outcome == OUTCOME_DENIED)
			tally_add(OUTCOME_ACCESSED, s, &p, got,
				  deviation == DEVIATION_ACCESSED);
	}
	run.at += run.count;
}

static void block_run(void)
{
	user_call(block_begin, NULL, 0);
	while (run.at < run.size) {
		user_call(rows_prepare, NULL, 0);
		situations_make(&run.place, run.situations, run.count);
		user_call(rows_check, NULL, 0);
	}
}

#define STRENGTH_MOST	4
#define SECONDS_ALL	15	/* of a mode, if it can do all that there is */
#define SECONDS_SAMPLE	2	/* and if it cannot; argument seconds=N, 0: all */

static u64 ticks_of_kind(u64 seconds)
{
	return seconds * (clock_khz() / KINDS) * 1000;
}

/* How long may one kind take, if a block takes so long? */
static u64 time_for(u64 ticks_per_block)
{
	u64 seconds = SECONDS_SAMPLE;
	/* Blocks of any two inputs, as many as make all of any four. */
	u64 all = covering_rows(&run.rows, STRENGTH_MOST - 2) * ticks_per_block;
	bool given = parameter("seconds", &seconds);

	if (given ? !seconds : all <= ticks_of_kind(SECONDS_ALL))
		return ~0ull;
	return ticks_of_kind(seconds);
}

static void rows_run(void)
{
	u64 begin = clock_ticks(), now, per_block, most;

	/* The first is made whatever time it takes. */
	run.blocks = 1;
	block_run();
	per_block = clock_ticks() - begin;
	most = time_for(per_block);
	while (covering_strength(&run.rows) < STRENGTH_MOST) {
		now = clock_ticks() - begin;
		if (now + per_block > most)
			break;
		run.blocks = now + BLOCKS * per_block < most ? BLOCKS : 1;
		block_run();
	}
}

static void tally_check(const struct tally *tally)
{
	if (tally->wrong)
		situation_print(&tally->situation, &tally->prediction,
				&tally->aftermath);
	check_explained(CHECK_HERE("every access does what the manual says"),
			!tally->wrong, "%u of %u accesses do not", tally->wrong,
			tally->rows);
}

static void kind_run(const struct access_kind *kind)
{
	run.kind = kind;
	inputs_vary(&run.in, kind);
	covering_begin(&run.rows, run.in.levels, F_COUNT, 1 + kind->kind);
	rows_run();
}

static void tallies_check(struct kinds kinds)
{
	static const char *const texts[] = {
#define OUTCOME_TEXT(constant, text) text,
		OUTCOMES(OUTCOME_TEXT)
#undef OUTCOME_TEXT
	};

	for (int i = 0; i < OUTCOME_COUNT; i++) SUBTEST("%s", texts[i])
		for (unsigned int k = 0; k < kinds.count; k++)
			if (run.tallies[k][i].rows)
				SUBTEST("%s, CPL %d", touch_names[kinds.kind[k].kind],
					kinds.kind[k].user ? 3 : 0)
					tally_check(&run.tallies[k][i]);
}

static void accesses(const struct paging *mode, struct kinds kinds, bool forced)
{
	u64 total = 0;
	unsigned int strength = STRENGTH_MOST;
	struct mmu plain;

	place_make(&run.place, mode);
	plain = place_mmu(&run.place);
	inputs_find(&run.in, &plain);
	memset(run.tallies, 0, sizeof(run.tallies));
	run.forced = forced;
	for (unsigned int k = 0; k < kinds.count; k++) {
		const struct access_kind *kind = &kinds.kind[k];

		if (forced && kind->kind == TOUCH_FETCH)
			continue;
		run.kind_index = k;
		/* It names what was under way, should the machine end there. */
		SUBTEST("%s, CPL %d", touch_names[kind->kind], kind->user ? 3 : 0)
			kind_run(kind);
		total += run.rows.rows;
		if (covering_strength(&run.rows) < strength)
			strength = covering_strength(&run.rows);
	}
	tallies_check(kinds);
	METRIC("accesses", total, "accesses");
	METRIC("inputs tried in every combination", strength, "inputs");
}

/*
 * Would it be noticed?  An access whose prediction differs once a rule is forgotten
 * shows that it would, and there is one for each rule among the first rows, if only
 * the CPU has everything.  No access is made.
 */
static const struct inputs all_inputs = {
	.mmu = {
		.levels = 5, .wide = true, .gbpages = true, .wp = true, .pse = true,
		.reserved = PTE_ADDRESS & ~(BIT(46) - 1),
	},
	.nx = true, .smep = true, .smap = true, .pku = true, .pks = true,
	.intel = true,
};

static u64 rules_noticed(const struct situation *s, u64 unnoticed)
{
	static const struct path nowhere;
	struct prediction right = situation_predict(&nowhere, s), wrong;
	struct situation forgetful = *s;
	u64 noticed = 0;

	for (u64 left = unnoticed; left; left &= left - 1) {
		forgetful.mmu.forgets = left & -left;
		wrong = situation_predict(&nowhere, &forgetful);
		if (prediction_compare(s, &right, &wrong.after) != DEVIATION_NONE)
			noticed |= forgetful.mmu.forgets;
	}
	return noticed;
}

static u64 unnoticed;

static void rules_try_kinds(struct kinds kinds)
{
	struct situation s;

	for (unsigned int k = 0; k < kinds.count; k++) {
		const struct access_kind *kind = &kinds.kind[k];

		inputs_vary(&run.in, kind);
		covering_begin(&run.rows, run.in.levels, F_COUNT, 1 + kind->kind);
		while (unnoticed && covering_strength(&run.rows) < 2) {
			covering_next(&run.rows, run.values[0]);
			inputs_situation(&s, &run.in, kind, run.values[0]);
			unnoticed &= ~rules_noticed(&s, unnoticed);
		}
	}
}

static void rules_try(void *arg)
{
	(void)arg;
	unnoticed = BIT(WALK_RULE_COUNT) - 1;
	run.in = all_inputs;
	rules_try_kinds(EXPLICIT);
	rules_try_kinds(IMPLICIT);
}

TEST(power, "a hypervisor that forgets any one rule would be noticed")
{
	user_call(rules_try, NULL, 0);
	for (unsigned int rule = 0; rule < WALK_RULE_COUNT; rule++)
		check_explained(CHECK_HERE("the rule is seen to hold"),
				!(unnoticed >> rule & 1), "not: %s",
				walk_rules[rule]);
}

#if IS_64BIT
TEST(levels4, "4-level paging: each access faults, or sets A and D, as the tables say")
{
	accesses(&paging_4level, EXPLICIT, false);
}

TEST(levels4_implicit, "4-level paging: accesses for the supervisor")
{
	accesses(&paging_4level, IMPLICIT, false);
}

TEST(levels5, "5-level paging: each access faults, or sets A and D, as the tables say",
     REQUIRES(CPU_LA57))
{
	accesses(&paging_5level, EXPLICIT, false);
}

TEST(levels5_implicit, "5-level paging: accesses for the supervisor",
     REQUIRES(CPU_LA57))
{
	accesses(&paging_5level, IMPLICIT, false);
}
#else
TEST(levels2, "32-bit paging: each access faults, or sets A and D, as the tables say")
{
	accesses(&paging_32bit, EXPLICIT, false);
}

TEST(levels2_implicit, "32-bit paging: accesses for the supervisor")
{
	accesses(&paging_32bit, IMPLICIT, false);
}

TEST(pae, "PAE paging: each access faults, or sets A and D, as the tables say",
     REQUIRES(CPU_PAE))
{
	accesses(&paging_pae, EXPLICIT, false);
}

TEST(pae_implicit, "PAE paging: accesses for the supervisor", REQUIRES(CPU_PAE))
{
	accesses(&paging_pae, IMPLICIT, false);
}
#endif

TEST(force_emulation, "each access through KVM's emulator, in the paging mode at hand",
     DEVICE(DEVICE_FEP))
{
	accesses(paging_mode(), EXPLICIT, true);
	accesses(paging_mode(), IMPLICIT, true);
}
