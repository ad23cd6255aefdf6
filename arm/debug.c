/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Self-hosted debug: hardware breakpoints (DDI 0487, D2.8), watchpoints (D2.9) and
 * software step (D2.11), each also when the machine migrates between arming and hitting.
 */
#include <debug.h>
#include <exception.h>
#include <migrate.h>
#include <test.h>

ONLY_ON(arm64);

#define MAX_STOPS	64
#define INSN_SIZE	4

static struct {
	uintptr_t pc, far;
} stops[MAX_STOPS];
static u32 stop_count;

static void stop_keep(const struct frame *frame)
{
	if (stop_count < MAX_STOPS) {
		stops[stop_count].pc = frame->pc;
		stops[stop_count].far = frame->far;
	}
	stop_count++;
}

static void debug_leave(struct scope *scope)
{
	(void)scope;
	for (unsigned int n = 0; n < debug_breakpoints(); n++)
		breakpoint_set(n, 0, 0);
	for (unsigned int n = 0; n < debug_watchpoints(); n++)
		watchpoint_set(n, 0, 0);
	exception_handle(EC_BREAKPOINT, NULL);
	exception_handle(EC_WATCHPOINT, NULL);
	exception_handle(EC_STEP, NULL);
	debug_disable();
}

struct debug_scope {
	struct scope scope;
};

static void debug_enter(struct debug_scope *s)
{
	stop_count = 0;
	scope_enter(&s->scope, debug_leave);
	debug_enable();
}

#define WITH_DEBUG()	SCOPE(debug_scope, debug_enter)

/* Comparators match in EL1 here; of a TEST that migrates, it says that it will not. */
static bool at_el1(bool migrates)
{
	if (current_el() == 1)
		return true;
	if (migrates)
		migrate_skip();
	skip("the comparators are set for EL1, and this is EL%u", current_el());
	return false;
}

/* A comparator that has hit is disarmed: the instruction runs when it returns. */
static bool on_breakpoint(struct frame *frame)
{
	unsigned int n = (frame->pc - (uintptr_t)debug_run_first) / INSN_SIZE;

	stop_keep(frame);
	if (n < debug_breakpoints())
		breakpoint_set(n, 0, 0);
	return n < debug_breakpoints();
}

static void breakpoints_arm(void)
{
	exception_handle(EC_BREAKPOINT, on_breakpoint);
	for (unsigned int n = 0; n < debug_breakpoints(); n++)
		breakpoint_set(n, (uintptr_t)debug_run_first + n * INSN_SIZE,
			       BREAKPOINT_WORD | DEBUG_EL1 | DEBUG_ENABLED);
}

static void breakpoints_check(void)
{
	debug_run();
	EXPECT_EQ(stop_count, debug_breakpoints());
	for (unsigned int n = 0; n < debug_breakpoints(); n++)
		SUBTEST("comparator %u", n)
			EXPECT_EQ(stops[n].pc, (uintptr_t)debug_run_first + n * INSN_SIZE);
}

TEST(bp, "each breakpoint stops at its own instruction")
{
	if (at_el1(false))
		WITH_DEBUG() {
			breakpoints_arm();
			breakpoints_check();
		}
}

TEST(bp_off, "a breakpoint that is not enabled, or not let in, does not stop")
{
	if (!at_el1(false))
		return;
	WITH_DEBUG() {
		exception_handle(EC_BREAKPOINT, on_breakpoint);
		SUBTEST("disabled") {
			breakpoint_set(0, (uintptr_t)debug_run_first,
				       BREAKPOINT_WORD | DEBUG_EL1);
			debug_run();
			EXPECT_EQ(stop_count, 0);
		}
		SUBTEST("MDSCR.MDE clear") {
			breakpoints_arm();
			sysreg_write(mdscr_el1, MDSCR_KDE);
			isb();
			debug_run();
			EXPECT_EQ(stop_count, 0);
		}
		SUBTEST("MDSCR.KDE clear") {
			sysreg_write(mdscr_el1, MDSCR_MDE);
			isb();
			debug_run();
			EXPECT_EQ(stop_count, 0);
		}
		SUBTEST("all set") {
			debug_enable();
			debug_run();
			EXPECT_EQ(stop_count, debug_breakpoints());
		}
	}
}

TEST(bp_migration, "breakpoints that were armed before a migration stop after it", MIGRATES)
{
	unsigned int count = debug_breakpoints();

	if (!at_el1(true))
		return;
	WITH_DEBUG() {
		breakpoints_arm();
		migrate_once();
		SUBTEST("comparators") EXPECT_EQ(debug_breakpoints(), count);
		breakpoints_check();
	}
}

static u8 watched[16] __attribute__((aligned(16)));

static bool on_watchpoint(struct frame *frame)
{
	unsigned int n = frame->far - (uintptr_t)watched;

	stop_keep(frame);
	if (n < debug_watchpoints())
		watchpoint_set(n, 0, 0);
	return n < debug_watchpoints();
}

static void watchpoints_arm(void)
{
	memset(watched, 0, sizeof(watched));
	exception_handle(EC_WATCHPOINT, on_watchpoint);
	for (unsigned int n = 0; n < debug_watchpoints(); n++)
		watchpoint_set(n, (uintptr_t)watched + ALIGN_DOWN(n, 8),
			       WATCHPOINT_BYTE(n % 8) | WATCHPOINT_STORE | DEBUG_EL1 |
			       DEBUG_ENABLED);
}

static void watchpoints_check(void)
{
	unsigned int count = debug_watchpoints();

	debug_store(watched, sizeof(watched));
	EXPECT_EQ(stop_count, count);
	for (unsigned int n = 0; n < count; n++)
		SUBTEST("comparator %u", n) {
			EXPECT_EQ(stops[n].far, (uintptr_t)watched + n);
			/* It stopped in front of the store, which then was done. */
			EXPECT_EQ(watched[n], sizeof(watched) - n);
		}
}

TEST(wp, "each watchpoint stops at a store to its own byte")
{
	if (at_el1(false))
		WITH_DEBUG() {
			watchpoints_arm();
			watchpoints_check();
		}
}

TEST(wp_load, "a watchpoint for loads lets stores pass, and the reverse")
{
	u8 value;

	if (!at_el1(false))
		return;
	WITH_DEBUG() {
		exception_handle(EC_WATCHPOINT, on_watchpoint);
		watchpoint_set(0, (uintptr_t)watched, WATCHPOINT_BYTE(0) |
			       WATCHPOINT_LOAD | DEBUG_EL1 | DEBUG_ENABLED);
		debug_store(watched, 1);
		EXPECT_EQ(stop_count, 0);
		asm volatile("msr daifclr, #8; ldrb %w0, [%1]; msr daifset, #8"
			     : "=&r"(value) : "r"(watched) : "memory");
		EXPECT_EQ(stop_count, 1);
		EXPECT_EQ(value, watched[0]);
	}
}

TEST(wp_migration, "watchpoints that were armed before a migration stop after it", MIGRATES)
{
	unsigned int count = debug_watchpoints();

	if (!at_el1(true))
		return;
	WITH_DEBUG() {
		watchpoints_arm();
		migrate_once();
		SUBTEST("comparators") EXPECT_EQ(debug_watchpoints(), count);
		watchpoints_check();
	}
}

/* @left: how many more instructions are stepped over */
static u32 left;

static bool on_step(struct frame *frame)
{
	stop_keep(frame);
	if (left--)
		frame->pstate |= PSTATE_SS;	/* D2.11.5: one instruction, then a step */
	else
		sysreg_write(mdscr_el1, sysreg_read(mdscr_el1) & ~MDSCR_SS);
	return true;
}

static void steps_arm(u32 steps)
{
	left = steps;
	exception_handle(EC_STEP, on_step);
	sysreg_write(mdscr_el1, MDSCR_KDE | MDSCR_SS);
	isb();
}

TEST(ss, "a step is taken in front of each instruction, where it is let in")
{
	SUBTEST("the first") WITH_DEBUG() {
		steps_arm(0);
		debug_run();
		EXPECT_EQ(stop_count, 1);
		EXPECT_EQ(stops[0].pc, (uintptr_t)debug_run_first);
	}
	SUBTEST("one after the other") WITH_DEBUG() {
		steps_arm(16);
		debug_run();
		EXPECT_EQ(stop_count, 17);
		for (u32 i = 0; i <= 16; i++)
			EXPECT_EQ(stops[i].pc, (uintptr_t)debug_run_first + i * INSN_SIZE);
	}
	SUBTEST("over a branch") WITH_DEBUG() {
		steps_arm(17);
		debug_run();
		EXPECT_EQ(stops[16].pc, (uintptr_t)debug_run_branch);
		EXPECT_EQ(stops[17].pc, (uintptr_t)debug_run_target);
	}
}

TEST(ss_migration, "a step that was armed before a migration is taken after it", MIGRATES)
{
	WITH_DEBUG() {
		steps_arm(0);
		migrate_once();
		debug_run();
		EXPECT_EQ(stop_count, 1);
		EXPECT_EQ(stops[0].pc, (uintptr_t)debug_run_first);
	}
}
