/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The inputs of an access as factors of a few values each, and the situation that
 * one row of values stands for.
 */
#ifndef INPUTS_H
#define INPUTS_H

#include <covering.h>
#include <situation.h>

/* X(constant): an input of an access.  The table is the entry above the leaf. */
#define FACTORS(X)							\
	X(AC) X(PRIMED) X(UNMARKED)					\
	X(WP) X(NXE) X(SMEP) X(SMAP) X(PKE) X(PKS) X(PSE)		\
	X(PKRU) X(PKRS)							\
	X(LEAF) X(P) X(W) X(U) X(A) X(D) X(G) X(NX) X(KEY) X(IGNORED)	\
	X(TABLE_P) X(TABLE_W) X(TABLE_U) X(TABLE_A) X(TABLE_NX)		\
	X(UPPER3) X(UPPER4) X(UPPER5) X(UPPER_A)			\
	X(RESERVED)

enum factor {
#define FACTOR_CONSTANT(constant) F_##constant,
	FACTORS(FACTOR_CONSTANT)
#undef FACTOR_CONSTANT
	F_COUNT
};

_Static_assert(F_COUNT <= COVERING_FACTORS, "lib/covering.h");

/* A bit that is reserved in an entry of that level. */
struct reserved {
	u8 level, bit;
	bool large;		/* if the entry is a large page's */
};

#define RESERVED_MAX	16

/* What is to be had, and what the factors are in consequence. */
struct inputs {
	struct mmu mmu;
	bool nx, smep, smap, pku, pks, intel;
	struct reserved reserved[RESERVED_MAX];
	unsigned int reserved_count;
	u8 levels[F_COUNT];	/* number of values; with one it is out of play */
};

/* A kind of access. */
struct access_kind {
	enum touch_kind kind;
	bool user;
};

/**
 * inputs_find() - those of this CPU, in a mode whose plain state is @mmu
 */
void inputs_find(struct inputs *inputs, const struct mmu *mmu);

/**
 * inputs_vary() - bring the factors into play that matter for @kind
 *
 * All other members of @inputs are given.
 */
void inputs_vary(struct inputs *inputs, const struct access_kind *kind);

/**
 * inputs_situation() - what a row of F_COUNT values stands for
 */
void inputs_situation(struct situation *situation, const struct inputs *inputs,
		      const struct access_kind *kind, const u8 *values);

/**
 * inputs_state() - the same number for rows with the same CPU state; up to
 *	INPUTS_STATES
 */
#define INPUTS_STATES	1024
unsigned int inputs_state(const u8 *values);

#endif
