/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One access to memory at CPL 0 or 3, in the fewest instructions: for tests that
 * make millions, or whose image user mode may not touch (WITH_SPACE).
 */
#ifndef TOUCH_H
#define TOUCH_H

#include <asm/fault.h>
#include <paging.h>
#include <test.h>

/* X(constant, name, what it does) */
#define TOUCHES(X)							\
	X(READ,		read)		/* load 4 bytes */		\
	X(WRITE,	write)		/* store 4 bytes */		\
	X(RMW,		rmw)		/* exchange 4 bytes, locked */	\
	X(PUSH,		push)		/* onto a stack that ends there */ \
	X(SEGMENT,	segment)	/* load ES by its descriptor there */ \
	X(FETCH,	fetch)		/* run what is there */

enum touch_kind {
#define TOUCH_CONSTANT(constant, name) TOUCH_##constant,
	TOUCHES(TOUCH_CONSTANT)
#undef TOUCH_CONSTANT
	TOUCH_KINDS
};

extern const char *const touch_names[TOUCH_KINDS];

struct touch {
	enum touch_kind kind;
	const volatile void *address;
	bool user;		/* CPL 3 */
	bool forced;		/* through KVM's emulator, which must be there */
	bool other_stack;	/* #PF and #SS arrive on a stack that is surely good */
	unsigned long flags;	/* RFLAGS bits to set, such as RFLAGS_AC */
	/*
	 * WRITE, RMW, PUSH: what to store; SEGMENT: the selector.  Afterwards what
	 * READ and RMW loaded.
	 */
	unsigned long value;
};

/**
 * touch() - make the access, and return its fault
 *
 * That a fault is reported at the instruction that made the access is a check of
 * its own.  User mode's code is read at USER_ALIAS.  Only inside of
 * WITH_TOUCH(), and on the boot CPU.
 */
struct fault touch(struct touch *touch);

/**
 * touch_at(kind, address, .user = true, …) - the same, as an expression
 */
#define touch_at(how, where, ...)					\
	touch(&(struct touch){ .kind = (how),				\
			       .address = (void *)(uintptr_t)(where),	\
			       ##__VA_ARGS__ })

/* What touch_run.S works on: a touch in its words. */
struct touch_words {
	unsigned long code, address, value, flags, user;
	unsigned long vector, error, cr2, ip;
};

/**
 * touch_prepare(), touch_run(), touch_finish() - touch() in three steps
 *
 * Only touch_run() needs CPL 0 and WITH_TOUCH(); with .other_stack, or a PUSH at
 * CPL 0, nothing but touch() will do.  @touch is the same for both.
 */
void touch_prepare(const struct touch *touch, struct touch_words *words);
void touch_run(struct touch_words *words);
struct fault touch_finish(const struct touch *touch,
			  const struct touch_words *words);

/* Of code that FETCH needs at its address. */
#define TOUCH_FETCH_BYTES	2

/**
 * touch_target() - make an address in RAM fit for FETCH, at either CPL
 */
void touch_target(void *address);

struct touch_scope {
	struct scope scope;
	struct table_register old;
	uintptr_t old_stack;
};

/**
 * WITH_TOUCH() - an IDT whose exceptions end touch(); any others stay what they are
 */
#define WITH_TOUCH()	SCOPE(touch_scope, touch_enter)
void touch_enter(struct touch_scope *scope);

/*
 * With LASS a supervisor's code lies in the upper half of the address space, and so
 * does all that the CPU reads for it.  There the image has an alias, for these few
 * instructions: 64-bit images only, in a split space.
 */
#define UPPER_HALF	0xffff800000000000ull

struct upper_scope {
	struct scope scope;
};

/**
 * WITH_UPPER_HALF() - descriptor tables and the IDT of WITH_TOUCH() by that alias
 * touch_upper() - touch() with code and stack there too
 * @cr4: bits to set for the access alone, such as CR4_LASS
 */
#define WITH_UPPER_HALF()	SCOPE(upper_scope, upper_enter)
void upper_enter(struct upper_scope *scope);
struct fault touch_upper(struct touch *touch, unsigned long cr4);

/**
 * WITH_SPLIT_SPACE() - WITH_TOUCH() in a split space of its own
 */
#define WITH_SPLIT_SPACE()						\
	WITH_SPACE(space_split_current()) WITH_TOUCH()

#endif
