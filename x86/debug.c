/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Debug registers and breakpoints (SDM 3B, "Debug Registers" and "Debug Exceptions";
 * APM 2, "Software-Debug Resources").  Single steps are in debug/steps.c.
 */
#include <debug_events.h>
#include <insn.h>
#include <scope.h>

ONLY_ON(x86_64);

static unsigned long value;

INSN(mov_from_dr4, "mov %%db4, %%rax", "a"(0));
INSN(mov_to_dr4, "mov %0, %%db4", "r"(DR6_FIXED | 0ul));
INSN(mov_from_dr5, "mov %%db5, %%rax", "a"(0));

TEST(aliases, "CR4.DE clear: DR4 and DR5 are DR6 and DR7")
{
	unsigned long got;

	WITH_DEBUG_EVENTS() WITH_CR4(0, CR4_DE) {
		write_dr6(DR6_FIXED | DR6_BS);
		EXPECT_FAULT(FAULT_NONE, exec(mov_from_dr4));
		asm volatile("mov %%db4, %0" : "=r"(got));
		EXPECT_EQ(got, DR6_FIXED | DR6_BS);
		EXPECT_FAULT(FAULT_NONE, exec(mov_to_dr4));
		EXPECT_EQ(read_dr6(), DR6_FIXED);
		asm volatile("mov %%db5, %0" : "=r"(got));
		EXPECT_EQ(got, DR7_FIXED);
	}
}

TEST(no_aliases, "CR4.DE set: DR4 and DR5 are #UD")
{
	WITH_CR4(CR4_DE, 0) {
		EXPECT_FAULT(FAULT_UD, exec(mov_from_dr4));
		EXPECT_FAULT(FAULT_UD, exec(mov_to_dr4));
		EXPECT_FAULT(FAULT_UD, exec(mov_from_dr5));
	}
}

TEST(wide_values, "bits 63:32 of DR6 and DR7 are #GP(0), of DR0 to DR3 an address's")
{
	unsigned long got;

	WITH_DEBUG_EVENTS() {
		EXPECT_FAULT(FAULT_GP(0), TRY("mov %0, %%dr6", "r"(BIT(32))));
		EXPECT_FAULT(FAULT_GP(0), TRY("mov %0, %%dr7", "r"(BIT(63))));
		write_dr(3, 0x123456789abcul);
		asm volatile("mov %%dr3, %0" : "=r"(got));
		EXPECT_EQ(got, 0x123456789abcul);
	}
}

TEST(fixed_bits, "DR6 and DR7 have bits that no write changes")
{
	WITH_DEBUG_EVENTS() {
		write_dr6(0);
		EXPECT_EQ(read_dr6() & ~(BIT(11) | BIT(16)),
			  DR6_FIXED & ~(BIT(11) | BIT(16)));
		write_dr6(0xffffffff & ~BIT(12));
		EXPECT_EQ(read_dr6() & BIT(12), 0);
		write_dr7(0);
		EXPECT_EQ(read_dr7(), DR7_FIXED);
	}
}

/* One #DB, with these bits of DR6 besides the fixed ones. */
static void expect_one(unsigned long ip, unsigned long dr6)
{
	EXPECT_EQ(debug_events.count, 1);
	EXPECT_EQ(debug_events.events[0].ip, ip);
	EXPECT_EQ(debug_events.events[0].dr6, DR6_FIXED | dr6);
}

static void enable(unsigned int n, const void *at, unsigned int type,
		   unsigned int length)
{
	write_dr(n, (uintptr_t)at);
	write_dr7(DR7_FIXED | DR7_G(n) | DR7_TYPE(n, type) |
		  DR7_LENGTH(n, length));
}

/* Each with a label where its #DB has to be. */
asm(".pushsection .text\n"
    "pass_breakpoint: break_here: nop; ret\n"
    "store: movb $1, (%rdi); stored: nop; ret\n"
    "load: movb (%rdi), %al; loaded: nop; ret\n"
    "step_to_breakpoint: mov %edi, %ss; behind_mov_ss: nop; ret\n"
    ".popsection");
void pass_breakpoint(void *unused);
void store(void *at);
void load(void *at);
void step_to_breakpoint(void *selector);
extern const u8 break_here[], stored[], loaded[], behind_mov_ss[];

static const struct {
	const char *name;
	bool user;
} levels[] = { { "CPL 0", false }, { "CPL 3", true } };

static void call_at(bool user, void (*fn)(void *), void *arg)
{
	if (user)
		user_call(fn, arg, 0);
	else
		fn(arg);
}

TEST(instruction, "an instruction breakpoint is a fault before it, with RF clear")
{
	for_each(level, levels) SUBTEST("%s", level->name) WITH_DEBUG_EVENTS() {
		debug_events.retry = true;
		/* B1 is stale and goes; BS is software's, and stays. */
		write_dr6(DR6_FIXED | DR6_BS | DR6_B(1));
		enable(2, break_here, DR7_EXECUTE, DR7_1);
		call_at(level->user, pass_breakpoint, NULL);
		expect_one((uintptr_t)break_here, DR6_BS | DR6_B(2));
		EXPECT(!(debug_events.events[0].flags & RFLAGS_RF));
	}
}

TEST(instruction_disabled, "one that is not enabled, or at another address, is none")
{
	WITH_DEBUG_EVENTS() {
		debug_events.retry = true;
		write_dr(2, (uintptr_t)break_here);
		write_dr7(DR7_FIXED | DR7_TYPE(2, DR7_EXECUTE));
		pass_breakpoint(NULL);
		enable(2, break_here + 1, DR7_EXECUTE, DR7_1);
		asm volatile("jmp 1f; 1:");
		enable(2, stored, DR7_EXECUTE, DR7_1);
		EXPECT_EQ(debug_events.count, 0);
	}
}

static u8 watched[32] __attribute__((aligned(16)));

static const struct {
	const char *name;
	unsigned int type, length;
	int at;			/* of the access, from the watched address */
	bool store, hits;
} watches[] = {
	{ "4 bytes, write: a write to the first", DR7_WRITE, DR7_4, 0, true, true },
	{ "4 bytes, write: a write to the last", DR7_WRITE, DR7_4, 3, true, true },
	{ "4 bytes, write: a write behind", DR7_WRITE, DR7_4, 4, true, false },
	{ "4 bytes, write: a write in front", DR7_WRITE, DR7_4, -1, true, false },
	{ "4 bytes, write: a read", DR7_WRITE, DR7_4, 0, false, false },
	{ "8 bytes, access: a read of the last", DR7_ACCESS, DR7_8, 7, false, true },
	{ "8 bytes, access: a write behind", DR7_ACCESS, DR7_8, 8, true, false },
	{ "2 bytes, access: a write", DR7_ACCESS, DR7_2, 1, true, true },
	{ "1 byte, access: a read", DR7_ACCESS, DR7_1, 0, false, true },
	{ "1 byte, access: a read behind", DR7_ACCESS, DR7_1, 1, false, false },
};

TEST(data, "a data breakpoint is a trap behind the access; BS is left alone")
{
	for_each(row, watches) for_each(level, levels)
		SUBTEST("%s, %s", row->name, level->name) WITH_DEBUG_EVENTS() {
			write_dr6(DR6_FIXED | DR6_BS);
			enable(1, watched + 8, row->type, row->length);
			call_at(level->user, row->store ? store : load,
				watched + 8 + row->at);
			if (row->hits)
				expect_one((uintptr_t)(row->store ? stored :
						       loaded),
					   DR6_BS | DR6_B(1));
			else
				EXPECT_EQ(debug_events.count, 0);
		}
}

/* Locked, and across two cache lines: no feature here makes it more than slow. */
static void split_lock(void *unused)
{
	static u8 lines[128] __attribute__((aligned(64)));
	u64 *at = (u64 *)(lines + 60);

	(void)unused;
	asm volatile("lock cmpxchg %1, %0"
		     : "+m"(*at) : "r"(1ul), "a"(0ul) : "memory", "cc");
	value = *at;
	*at = 0;
}

TEST(split_lock, "a locked access across cache lines has no exception")
{
	for_each(level, levels) SUBTEST("%s", level->name) WITH_DEBUG_EVENTS() {
		call_at(level->user, split_lock, NULL);
		EXPECT_EQ(value, 1);
		EXPECT_EQ(debug_events.count, 0);
	}
}

TEST(general_detect, "DR7.GD: a debug register access is #DB in front, and GD is gone")
{
	unsigned long got = 0, at;

	WITH_DEBUG_EVENTS() {
		write_dr7(DR7_FIXED | DR7_GD);
		asm volatile("lea 1f(%%rip), %1; 1: mov %%dr0, %0"
			     : "=r"(got), "=&r"(at) : : "memory");
		expect_one(at, DR6_BD);
		EXPECT_EQ(read_dr7(), DR7_FIXED);
	}
}

TEST(int3, "INT3 is #BP behind it, and not #DB")
{
	unsigned long at;

	WITH_DEBUG_EVENTS() {
		asm volatile("int3; 1: lea 1b(%%rip), %0" : "=r"(at) : : "memory");
		EXPECT_EQ(debug_events.breakpoints, 1);
		EXPECT_EQ(debug_events.breakpoint_ip, at);
		EXPECT_EQ(debug_events.count, 0);
	}
}

TEST(icebp, "ICEBP is #DB behind it, and DR6 says nothing")
{
	unsigned long at;

	WITH_DEBUG_EVENTS() {
		asm volatile(".byte 0xf1; 1: lea 1b(%%rip), %0"
			     : "=r"(at) : : "memory");
		expect_one(at, 0);
	}
}

/*
 * MOV SS from a watched place holds its own #DB back for one instruction.  What
 * that is decides how it is delivered: the registers of one run.
 */
static u16 stack_selector __attribute__((aligned(16))) = SEL_KERNEL_DS;

#define MOV_SS_THEN(text)						\
	asm volatile("movw %1, %%ss; " text "; 1: lea 1b(%%rip), %0"	\
		     : "=r"(at) : "m"(stack_selector) : "memory")

#define PREFIXES	".byte 0x66, 0x3e; "	/* redundant before all of these */

/* Once as it is and once behind @prefixes, each a piece of code of its own. */
#define MOV_SS_PLAIN_AND_PREFIXED(text, check)				\
	do {								\
		unsigned long at;					\
									\
		SUBTEST("plain") WITH_DEBUG_EVENTS() {			\
			enable(1, &stack_selector, DR7_ACCESS, DR7_2);	\
			MOV_SS_THEN(text);				\
			check(at);					\
		}							\
		SUBTEST("with prefixes") WITH_DEBUG_EVENTS() {		\
			enable(1, &stack_selector, DR7_ACCESS, DR7_2);	\
			MOV_SS_THEN(PREFIXES text);			\
			check(at);					\
		}							\
	} while (0)

static void expect_merged(unsigned long behind)
{
	expect_one(behind, DR6_B(1));
}

TEST(mov_ss_icebp, "MOV SS from a watched place, then ICEBP: one #DB for both")
{
	MOV_SS_PLAIN_AND_PREFIXED(".byte 0xf1", expect_merged);
}

TEST(mov_ss_nop, "MOV SS from a watched place: its #DB is behind the next instruction")
{
	unsigned long at;

	WITH_DEBUG_EVENTS() {
		enable(1, &stack_selector, DR7_ACCESS, DR7_2);
		MOV_SS_THEN("nop");
		expect_one(at, DR6_B(1));
	}
}

static void expect_within_breakpoint(unsigned long behind)
{
	EXPECT_EQ(debug_events.breakpoints, 1);
	EXPECT_EQ(debug_events.breakpoint_ip, behind);
	EXPECT_EQ(debug_events.count, 1);
	EXPECT_EQ(debug_events.events[0].dr6, DR6_FIXED | DR6_B(1));
}

TEST(mov_ss_int3, "MOV SS from a watched place, then INT3: #BP, and #DB in its handler")
{
	MOV_SS_PLAIN_AND_PREFIXED("int3", expect_within_breakpoint);
}

/* The watched access's comes first in INT's handler, so that it is over first. */
static void expect_nested(unsigned long behind)
{
	EXPECT_EQ(debug_events.count, 2);
	EXPECT_EQ(debug_events.events[0].dr6, DR6_FIXED | DR6_B(1));
	EXPECT_EQ(debug_events.events[1].ip, behind);
}

TEST(mov_ss_int1, "MOV SS from a watched place, then INT 1: #DB twice, one in the other")
{
	MOV_SS_PLAIN_AND_PREFIXED("int $1", expect_nested);
}

TEST(mov_ss_breakpoint, "an instruction breakpoint behind MOV SS: suppressed on Intel, not on AMD")
{
	WITH_DEBUG_EVENTS() {
		debug_events.retry = true;
		enable(0, behind_mov_ss, DR7_EXECUTE, DR7_1);
		step_to_breakpoint((void *)SEL_KERNEL_DS);
		EXPECT_EQ(debug_events.count, cpu_is_intel() ? 0 : 1);
	}
}
