/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What instructions of real mode cost, which some hypervisors emulate one by one: cycles
 * of a round of a loop with one of them.  What the loop leaves is checked.
 */
#include <asm/cpu.h>
#include <real.h>
#include <rows16.h>

#define ROUNDS_MIN	256u
#define ROUNDS_MAX	BIT(18)
#define LONG_CYCLES	BIT(22)		/* a run that can be measured */
#define RUNS		5
#define OPERAND		(REAL_CODE + 0x1800)	/* not in the code's page */
#define ADDEND		3
#define OLD_WORD	0x5a71		/* at OPERAND before each run */

/* ECX rounds; EAX or the word at (%di) has the result. */
#define LOOP(id, insn)							\
	asm(".pushsection .rodata; .code16; " #id "_loop:\n"		\
	    "1: " insn "\n dec %ecx; jnz 1b; ud2\n"			\
	    #id "_loop_end: .code" IMAGE_MODE "; .popsection");		\
	extern const u8 id##_loop[], id##_loop_end[]

LOOP(jump, "");
LOOP(move, "mov %ebx, %eax");
LOOP(add, "add %ebx, %eax");
LOOP(load, "mov (%di), %eax");
LOOP(store, "mov %ebx, (%di)");
LOOP(modify, "add %ebx, (%di)");

struct row {
	const char *name;
	const u8 *begin, *end;
	u32 ax, ax_each;	/* EAX at the end: ax + rounds * ax_each */
	u32 word, word_each;	/* and the word at OPERAND */
};

#define ROW(id, ...)	{ "realmode_" #id, id##_loop, id##_loop_end, ##__VA_ARGS__ }

static const struct row rows[] = {
	ROW(jump, 0, 0, OLD_WORD, 0),
	ROW(move, ADDEND, 0, OLD_WORD, 0),
	ROW(add, 0, ADDEND, OLD_WORD, 0),
	ROW(load, OLD_WORD, 0, OLD_WORD, 0),
	ROW(store, 0, 0, ADDEND, 0),
	ROW(modify, 0, 0, OLD_WORD, ADDEND),
};

/* Cycles of so many rounds, and of the way there and back. */
static u64 run(const struct row *row, u32 rounds)
{
	volatile u32 *operand = (u32 *)(uintptr_t)OPERAND;
	struct real_state state = {
		.ip = REAL_CODE, .flags = RFLAGS_FIXED,
		.gpr = { [1] = rounds, [3] = ADDEND, [4] = 0xe100, [7] = OPERAND },
	};
	u64 begin;

	asm("" : "+r"(operand));
	memcpy((void *)(uintptr_t)REAL_CODE, row->begin, row->end - row->begin);
	*operand = OLD_WORD;
	begin = rdtsc();
	real_run(&state);
	begin = rdtsc() - begin;
	REQUIRE_EQ(state.vector, VECTOR_UD);
	EXPECT_EQ(state.gpr[1], 0);
	EXPECT_EQ(state.gpr[0], row->ax + rounds * row->ax_each);
	EXPECT_EQ(*operand, row->word + rounds * row->word_each);
	return begin;
}

/* The difference of two runs has no way there and back. */
static u32 cost(const struct row *row)
{
	u64 cycles[RUNS];
	u32 rounds = ROUNDS_MIN;

	while (rounds < ROUNDS_MAX && run(row, rounds) < LONG_CYCLES)
		rounds *= 2;
	for_each(c, cycles) {
		u64 once = run(row, rounds), twice = run(row, 2 * rounds);

		*c = twice > once ? (u32)(twice - once) / rounds : 0;
	}
	return median(cycles, RUNS);
}

TEST(cost, "loops of real mode do what they do in so many cycles a round")
{
	for_each(row, rows)
		METRIC(row->name, cost(row), "cycles");
}
