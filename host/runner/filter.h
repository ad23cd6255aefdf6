/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Expressions that select cases: "smp>2 & !nested | test=nmi*".
 *
 *	either:		both [| both]…
 *	both:		one [& one]…
 *	one:		! one, ( either ), FIELD OP VALUE, or WORD
 *	OP:		= != < <= > >=
 *
 * A field may have several values: = holds if any of them fits, != if none does.
 * VALUE is a pattern where '*' and '?' are special, or a number for < and the
 * like.  WORD fits a name, a group or a need.
 */
#ifndef HOST_RUNNER_FILTER_H
#define HOST_RUNNER_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* X(field, is it a number, meaning) */
#define FILTER_FIELDS(X)						\
	X(name, false, "of the case")					\
	X(group, false, "a word of `groups`")				\
	X(file, false, "its image")					\
	X(arch, false, "of its image")					\
	X(backend, false, "the VMM that is asked for")			\
	X(machine, false, "the only machine type")			\
	X(accel, false, "the only accelerator")				\
	X(cpu, false, "the CPU model, or a feature without its sign")	\
	X(device, false, "a word of `devices`")				\
	X(test, false, "a TEST of its image")				\
	X(needs, false, "what a TEST of its image needs")		\
	X(smp, true, "CPUs")						\
	X(memory, true, "MiB")						\
	X(timeout, true, "seconds")

enum filter_field {
#define FILTER_ENUM(field, number, meaning) FILTER_##field,
	FILTER_FIELDS(FILTER_ENUM)
#undef FILTER_ENUM
	FILTER_FIELD_COUNT
};

struct filter;

/* What a case is, told when asked. */
struct filter_facts {
	/* Tells each value of a field; stops and returns true once @fits does. */
	bool (*any)(void *context, enum filter_field field,
		    bool (*fits)(void *match, const char *value), void *match);
	uint64_t (*number)(void *context, enum filter_field field);
	void *context;
};

/**
 * filter_parse() - an expression's meaning
 * @text: the expression
 * @why: on failure, a one-line reason with the place
 * @size: bytes at @why
 *
 * Returns NULL if it has none.
 */
struct filter *filter_parse(const char *text, char *why, size_t size);

/**
 * filter_holds() - is the expression true of a case?
 * @filter: from filter_parse()
 * @facts: the case
 */
bool filter_holds(const struct filter *filter, const struct filter_facts *facts);

/**
 * filter_free() - give the memory back
 * @filter: which, or NULL
 */
void filter_free(struct filter *filter);

#endif
