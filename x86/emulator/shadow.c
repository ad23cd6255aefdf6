/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A code breakpoint at the instruction behind MOV or POP to SS, by each mix of what the
 * CPU and KVM's emulator execute (SDM 3A, "Masking Exceptions and Interrupts When
 * Switching Stacks"; APM 2, "Instruction Breakpoints"): Intel suppresses it, AMD does not.
 */
#include <debug_events.h>
#include <insn.h>
#include <rows.h>

#define PREFIX	"ud2; .byte 'k', 'v', 'm'\n"	/* forces emulation; several in one asm() */

struct shadow {
	const char *name;
	void (*run)(void);
	const u8 *behind;	/* the NOP in the shadow; another one is behind it */
};

/* The breakpoint is at the instruction itself, behind the prefix that it may have. */
#define SHADOW(id, load, forced)					\
	extern const u8 id##_behind[];					\
	static __attribute__((noinline)) void id(void)			\
	{								\
		asm volatile(load "\n" forced				\
			     ".globl " #id "_behind\n"			\
			     #id "_behind: nop; nop"			\
			     : : "r"((unsigned long)SEL_KERNEL_DS) : "memory"); \
	}

#define MOV_SS	"mov %w0, %%ss"
SHADOW(mov_native_native, MOV_SS, "")
SHADOW(mov_native_forced, MOV_SS, PREFIX)
SHADOW(mov_forced_native, PREFIX MOV_SS, "")
SHADOW(mov_forced_forced, PREFIX MOV_SS, PREFIX)
#if !IS_64BIT
#define POP_SS(forced)	"push %0\n" forced "pop %%ss"
SHADOW(pop_native_native, POP_SS(""), "")
SHADOW(pop_native_forced, POP_SS(""), PREFIX)
SHADOW(pop_forced_native, POP_SS(PREFIX), "")
SHADOW(pop_forced_forced, POP_SS(PREFIX), PREFIX)
#endif

#define ROW(id, text)	{ text, id, id##_behind }

static const struct shadow native[] = {
	ROW(mov_native_native, "MOV SS"),
#if !IS_64BIT
	ROW(pop_native_native, "POP SS"),
#endif
};

static const struct shadow mixed[] = {
	ROW(mov_native_forced, "MOV SS, then the emulator"),
	ROW(mov_forced_native, "the emulator's MOV SS"),
	ROW(mov_forced_forced, "the emulator's MOV SS, then the emulator"),
#if !IS_64BIT
	ROW(pop_native_forced, "POP SS, then the emulator"),
	ROW(pop_forced_native, "the emulator's POP SS"),
	ROW(pop_forced_forced, "the emulator's POP SS, then the emulator"),
#endif
};

static void enable_both(const u8 *in_shadow)
{
	write_dr(0, (uintptr_t)in_shadow);
	write_dr(1, (uintptr_t)in_shadow + 1);
	write_dr7(DR7_FIXED | DR7_G(0) | DR7_TYPE(0, DR7_EXECUTE) |
		  DR7_LENGTH(0, DR7_1) | DR7_G(1) | DR7_TYPE(1, DR7_EXECUTE) |
		  DR7_LENGTH(1, DR7_1));
}

/* The second breakpoint, behind the shadow, tells that they are heard of at all. */
static void check_shadow(const struct shadow *row)
{
	unsigned int suppressed = cpu_is_intel() ? 1 : 0;

	WITH_DEBUG_EVENTS() {
		debug_events.retry = true;
		enable_both(row->behind);
		row->run();
		EXPECT_EQ(debug_events.count, 2 - suppressed);
		for (unsigned int n = suppressed; n < 2; n++) {
			const struct debug_event *event =
				&debug_events.events[n - suppressed];

			EXPECT_EQ(event->ip, (uintptr_t)row->behind + n);
			EXPECT_EQ(event->dr6, DR6_FIXED | DR6_B(n));
		}
	}
}

TEST(breakpoint_behind_ss, "a breakpoint behind a load of SS: none on Intel, one on AMD")
{
	for_each(row, native) SUBTEST("%s", row->name)
		check_shadow(row);
}

TEST(breakpoint_behind_ss_forced, "a breakpoint behind a load of SS, by the emulator",
     DEVICE(DEVICE_FEP))
{
	for_each(row, mixed) SUBTEST("%s", row->name)
		check_shadow(row);
}
