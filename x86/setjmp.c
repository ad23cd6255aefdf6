/* SPDX-License-Identifier: BSD-2-Clause */
/* Non-local jumps of the runtime: every TEST that ends early rests on them. */
#include <asm/setjmp.h>
#include <test.h>

TEST(values, "jump_set() returns 0 first, then what each jump_to() gives")
{
	static const int values[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, -1 };
	volatile unsigned int next = 0;
	struct jump jump;
	int got = jump_set(&jump);

	if (!next)
		EXPECT_EQ(got, 0);
	else
		EXPECT_EQ(got, values[next - 1]);
	if (next < ARRAY_SIZE(values)) {
		next++;
		jump_to(&jump, values[next - 1]);
	}
	EXPECT_EQ(next, ARRAY_SIZE(values));
}

static void descend(struct jump *jump, unsigned int depth);
static void (*volatile deeper)(struct jump *, unsigned int) = descend;

/* Through a pointer: the compiler sees that this recursion never returns. */
static void descend(struct jump *jump, unsigned int depth)
{
	volatile char frame[64];

	frame[0] = depth;
	if (!frame[0])
		jump_to(jump, 42);
	deeper(jump, frame[0] - 1);
	frame[1] = frame[0];
}

TEST(depth, "a jump out of nested calls restores the stack pointer")
{
	volatile uintptr_t before = (uintptr_t)__builtin_frame_address(0);
	struct jump jump;
	int got = jump_set(&jump);

	if (!got)
		descend(&jump, 20);
	EXPECT_EQ(got, 42);
	EXPECT_EQ((uintptr_t)__builtin_frame_address(0), before);
}
