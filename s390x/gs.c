/* SPDX-License-Identifier: BSD-2-Clause */
/* The guarded-storage facility (SA22-7832, chapter 4). */
#include <extended.h>
#include <scope.h>
#include <test.h>

#define ORIGIN		(5ull << 32)
#define SECTION		7
#define SECTION_SIZE	(1ull << (25 - 6))
#define GUARDED		(ORIGIN + SECTION * SECTION_SIZE + 0x100)
#define FREE		(ORIGIN + (SECTION + 1) * SECTION_SIZE + 0x100)

/* What an event stores, and the handler that it finds there. */
struct event_list {
	u8 reserved, addressing, cause, access;
	u32 unused;
	u64 handler, insn, operand, loaded, back;
};
_Static_assert(sizeof(struct event_list) == 48, "SA22-7832, chapter 4");
#define ADDRESSING_64	3		/* both: 64-bit addressing */

static struct event_list list;
static u64 cell;

/*
 * R2: address of what is loaded.  Returns what was loaded, or ~0 by the handler, which
 * an event branches to with all registers as they were.
 */
u64 guarded_load(const u64 *from);
extern char guarded_insn[], guarded_handler[];
asm("	.text\n"
    "	.globl guarded_load, guarded_insn, guarded_handler\n"
    "guarded_load:\n"
    "guarded_insn:\n"
    "	.insn rxy, 0xe3000000004c, %r2, 0(%r2)\n"
    "	br %r14\n"
    "	.balign 8\n"
    "guarded_handler:\n"
    "	lghi %r2, -1\n"
    "	br %r14\n");

struct guard_scope {
	struct scope scope;
	u64 cr2;
};

static void guard_leave(struct scope *scope)
{
	static const struct gs_controls none;

	gs_load(&none);
	ctl_write(2, ((struct guard_scope *)scope)->cr2);
}

static void guard_enter(struct guard_scope *s)
{
	struct gs_controls controls = {
		.designation = ORIGIN | GS_SIZE(25),
		.sections = 1ull << (63 - SECTION),
		.parameter_list = (uintptr_t)&list,
	};

	s->cr2 = ctl_read(2);
	memset(&list, 0, sizeof(list));
	list.handler = (uintptr_t)guarded_handler;
	ctl_write(2, s->cr2 | CR2_GUARDED_STORAGE);
	scope_enter(&s->scope, guard_leave);
	gs_load(&controls);
}

#define WITH_GUARD()	SCOPE(guard_scope, guard_enter)

TEST(off, "without its control in CR2, a special-operation exception",
     REQUIRES(CPU_GUARDED_STORAGE))
{
	static struct gs_controls controls;

	EXPECT_EQ(ctl_read(2) & CR2_GUARDED_STORAGE, 0);
	EXPECT_FAULT(FAULT(PGM_SPECIAL_OPERATION), TRY(LGSC("%0"), "a"(&controls)));
	EXPECT_FAULT(FAULT(PGM_SPECIAL_OPERATION), TRY(STGSC("%0"), "a"(&controls)));
}

TEST(kept, "controls are stored as they were loaded", REQUIRES(CPU_GUARDED_STORAGE))
{
	struct gs_controls got = { 0 };

	WITH_GUARD()
		gs_store(&got);
	EXPECT_EQ(got.designation, ORIGIN | GS_SIZE(25));
	EXPECT_EQ(got.sections, 1ull << (63 - SECTION));
	EXPECT_EQ(got.parameter_list, (uintptr_t)&list);
}

TEST(event, "to load an address in a guarded section is an event",
     REQUIRES(CPU_GUARDED_STORAGE))
{
	cell = GUARDED;
	WITH_GUARD() {
		EXPECT_EQ(guarded_load(&cell), ~0ull);
		EXPECT_EQ(list.addressing, ADDRESSING_64);
		EXPECT_EQ(list.handler, (uintptr_t)guarded_handler);
		EXPECT_EQ(list.insn, (uintptr_t)guarded_insn);
		EXPECT_EQ(list.operand, (uintptr_t)&cell);
		EXPECT_EQ(list.loaded, GUARDED);
	}
}

TEST(no_event, "and in the section beside it is none", REQUIRES(CPU_GUARDED_STORAGE))
{
	cell = FREE;
	WITH_GUARD() {
		EXPECT_EQ(guarded_load(&cell), FREE);
		EXPECT_EQ(list.insn, 0);
	}
}
