/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * String instructions, alone and repeated, up and down (SDM 2, "REP").  A fault in
 * one round keeps what the rounds before it did.
 */
#include <rows.h>

enum { ONCE, REP, REPNE };

/* A row's prefix, its rounds, the bytes of addresses, and where elements differ. */
#define STRING_IMM(prefix, count, address, differ)			\
	((prefix) | (count) << 8 | (address) << 16 | (u64)(differ) << 24)

static u8 field(const struct step *step, unsigned int n)
{
	return step->row->imm >> 8 * n;
}

static unsigned long pointer(struct step *step, enum place place)
{
	return step->is.frame.gpr[place - IN_AX];
}

/* Addresses and counts of 32 bits: the register's upper half becomes 0. */
static void add_to(struct step *step, enum place place, long delta)
{
	unsigned long *gpr = &step->is.frame.gpr[place - IN_AX];

	*gpr += delta;
	if (field(step, 2) == 4)
		*gpr = (u32)*gpr;
}

static void advance(struct step *step, enum place place)
{
	int size = step->row->size;

	add_to(step, place, step_flag(step, RFLAGS_DF) ? -size : size);
}

static void repeat(struct step *step, void (*round)(struct step *step),
		   bool compares)
{
	unsigned int prefix = field(step, 0);

	if (prefix == ONCE)
		return round(step);
	while (pointer(step, IN_CX)) {
		round(step);
		if (step->fault.raised) {
			step->progress = true;
			return;
		}
		add_to(step, IN_CX, -1);
		if (compares && step_flag(step, RFLAGS_ZF) != (prefix == REP))
			return;
	}
}

static void movs_round(struct step *step)
{
	u8 size = step->row->size;
	u64 value = step_load(step, pointer(step, IN_SI), size);

	if (!step->fault.raised)
		step_store(step, pointer(step, IN_DI), size, value);
	if (step->fault.raised)
		return;
	advance(step, IN_SI);
	advance(step, IN_DI);
}

static void stos_round(struct step *step)
{
	step_store(step, pointer(step, IN_DI), step->row->size,
		   step_get(step, IN_AX));
	if (!step->fault.raised)
		advance(step, IN_DI);
}

static void lods_round(struct step *step)
{
	u64 value = step_load(step, pointer(step, IN_SI), step->row->size);

	if (step->fault.raised)
		return;
	step_put(step, IN_AX, value);
	advance(step, IN_SI);
}

static void scas_round(struct step *step)
{
	u64 value = step_load(step, pointer(step, IN_DI), step->row->size);

	if (step->fault.raised)
		return;
	step_compare(step, step_get(step, IN_AX), value);
	advance(step, IN_DI);
}

static void cmps_round(struct step *step)
{
	u8 size = step->row->size;
	u64 from = step_load(step, pointer(step, IN_SI), size);
	u64 to = step_load(step, pointer(step, IN_DI), size);

	if (step->fault.raised)
		return;
	step_compare(step, from, to);
	advance(step, IN_SI);
	advance(step, IN_DI);
}

static void model_movs(struct step *step)
{
	repeat(step, movs_round, false);
}

static void model_stos(struct step *step)
{
	repeat(step, stos_round, false);
}

static void model_lods(struct step *step)
{
	repeat(step, lods_round, false);
}

static void model_scas(struct step *step)
{
	repeat(step, scas_round, true);
}

static void model_cmps(struct step *step)
{
	repeat(step, cmps_round, true);
}

static void set_count(struct step *step)
{
	step->is.frame.gpr[IN_CX - IN_AX] = field(step, 1);
}

/* All elements are alike but the n-th, of which A's differs from B's and AX. */
static void set_elements(struct step *step)
{
	int size = step->row->size, differ = field(step, 3);

	set_count(step);
	for (int n = 0; n < 3; n++) {
		long at = step_flag(step, RFLAGS_DF) ? -n * size : n * size;
		u64 value = step_get(step, IN_AX);

		step_store(step, pointer(step, IN_SI) + at, size, value);
		step_store(step, pointer(step, IN_DI) + at, size,
			   n == differ ? value - 1 : value);
	}
}

#define MOVES	.uses = BIT(ARENA_A) | BIT(ARENA_B), .prepare = set_count
#define COMPARES .uses = BIT(ARENA_A) | BIT(ARENA_B), .prepare = set_elements

#define STRING(text, bytes, m, prefix, count, address, differ, ...)	\
	INSTRUCTION(text, .size = bytes, .model = m,			\
		    .imm = STRING_IMM(prefix, count, address, differ),	\
		    ##__VA_ARGS__)

/* Each size alone and repeated; then no round, downwards, with 32-bit addresses. */
#define MOVE_SIZE(bytes, s, ax, cx, dx, op, m)				\
	STRING(op s, bytes, m, ONCE, 3, WORD_BYTES, 0, MOVES);		\
	STRING("rep " op s, bytes, m, REP, 3, WORD_BYTES, 0, MOVES)
#define MOVE(op, m)							\
	SIZES(MOVE_SIZE, op, m);					\
	STRING("rep " op "b", 1, m, REP, 0, WORD_BYTES, 0, MOVES);	\
	STRING("rep " op "w", 2, m, REP, 3, WORD_BYTES, 0, MOVES,	\
	       .flags = RFLAGS_DF);					\
	STRING("repne " op "l", 4, m, REPNE, 2, WORD_BYTES, 0, MOVES);	\
	ONLY64(STRING("addr32 rep " op "b", 1, m, REP, 5, 4, 0, MOVES))

TEST(movs, "MOVS")
{
	MOVE("movs", model_movs);
}

TEST(stos, "STOS")
{
	MOVE("stos", model_stos);
}

TEST(lods, "LODS")
{
	MOVE("lods", model_lods);
}

#define COMPARE_SIZE(bytes, s, ax, cx, dx, op, m)			\
	STRING(op s, bytes, m, ONCE, 3, WORD_BYTES, 9, COMPARES);	\
	STRING(op s, bytes, m, ONCE, 3, WORD_BYTES, 0, COMPARES);	\
	STRING("repe " op s, bytes, m, REP, 3, WORD_BYTES, 9, COMPARES);	\
	STRING("repe " op s, bytes, m, REP, 3, WORD_BYTES, 1, COMPARES);	\
	STRING("repne " op s, bytes, m, REPNE, 3, WORD_BYTES, 0, COMPARES)
#define COMPARE(op, m)							\
	SIZES(COMPARE_SIZE, op, m);					\
	STRING("repe " op "b", 1, m, REP, 0, WORD_BYTES, 9, COMPARES,	\
	       .reads_flags = true);					\
	STRING("repe " op "w", 2, m, REP, 3, WORD_BYTES, 2, COMPARES,	\
	       .flags = RFLAGS_DF);					\
	ONLY64(STRING("addr32 repe " op "b", 1, m, REP, 3, 4, 1, COMPARES))

TEST(scas, "SCAS ends where ZF does not fit the prefix")
{
	COMPARE("scas", model_scas);
}

TEST(cmps, "CMPS ends where ZF does not fit the prefix")
{
	COMPARE("cmps", model_cmps);
}

#define CROSSING	(PAGE_SIZE - 6)

TEST(crossing, "strings that cross pages, between and within elements")
{
	STRING("rep movsw", 2, model_movs, REP, 6, WORD_BYTES, 0, MOVES,
	       .at = CROSSING);
	STRING("rep movsl", 4, model_movs, REP, 3, WORD_BYTES, 0, MOVES,
	       .at = CROSSING);
	STRING("rep stosl", 4, model_stos, REP, 3, WORD_BYTES, 0, MOVES,
	       .at = CROSSING);
	STRING("rep stosb", 1, model_stos, REP, 9, WORD_BYTES, 0, MOVES,
	       .at = CROSSING);
	STRING("repe cmpsl", 4, model_cmps, REP, 3, WORD_BYTES, 9, COMPARES,
	       .at = CROSSING);
	STRING("rep movsw", 2, model_movs, REP, 5, WORD_BYTES, 0, MOVES,
	       .at = PAGE_SIZE + 2, .flags = RFLAGS_DF);
}

TEST(faulting, "a string that faults keeps the rounds that were done")
{
	STRING("movsl", 4, model_movs, ONCE, 3, WORD_BYTES, 0, MOVES,
	       .at = PAGE_SIZE - 2, .absent = BIT(ARENA_A));
	STRING("rep movsw", 2, model_movs, REP, 6, WORD_BYTES, 0, MOVES,
	       .at = CROSSING, .absent = BIT(ARENA_A));
	STRING("rep movsw", 2, model_movs, REP, 6, WORD_BYTES, 0, MOVES,
	       .at = CROSSING, .absent = BIT(ARENA_B));
	STRING("rep movsl", 4, model_movs, REP, 3, WORD_BYTES, 0, MOVES,
	       .at = CROSSING, .absent = BIT(ARENA_A));
	STRING("rep stosl", 4, model_stos, REP, 3, WORD_BYTES, 0, MOVES,
	       .at = CROSSING, .absent = BIT(ARENA_A));
	STRING("rep lodsw", 2, model_lods, REP, 6, WORD_BYTES, 0, MOVES,
	       .at = CROSSING, .absent = BIT(ARENA_B));
	/* Whether flags are those of the rounds before differs by vendor. */
	STRING("repe scasw", 2, model_scas, REP, 6, WORD_BYTES, 9,
	       .uses = BIT(ARENA_A), .at = CROSSING, .absent = BIT(ARENA_A),
	       .prepare = set_count, .undefined = RFLAGS_ARITH);
}
