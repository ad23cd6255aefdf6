/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * LOCK CMPXCHG8B and CMPXCHG16B (SDM 2A) on the last entries of the page-table root: a
 * shadow MMU write-protects that page and has to emulate the store.  Bits of the
 * entries that paging ignores are what changes.
 */
#include <paging.h>
#include <test.h>

#define IGNORED		0x200ull	/* PTE bit 9 */

static u8 *root_end(void)
{
	return (u8 *)(uintptr_t)(read_cr3() & PTE_ADDRESS) + PAGE_SIZE;
}

struct outcome {
	u64 old;
	bool equal;
};

static struct outcome cmpxchg8b(u64 *at, u64 expected, u64 store)
{
	u32 low = expected, high = expected >> 32;
	bool equal;

	asm volatile("lock cmpxchg8b %0"
		     : "+m"(*at), "+a"(low), "+d"(high), "=@ccz"(equal)
		     : "b"((u32)store), "c"((u32)(store >> 32)) : "memory");
	return (struct outcome){ (u64)high << 32 | low, equal };
}

TEST(equal, "CMPXCHG8B: a comparison that holds stores ECX:EBX and sets ZF")
{
	u64 *at = (u64 *)(root_end() - 8), old = *at;
	u64 store = old ^ (IGNORED | IGNORED << 32);
	struct outcome outcome = cmpxchg8b(at, old, store);
	u64 got = *at;

	*at = old;
	tlb_flush();
	EXPECT(outcome.equal);
	EXPECT_EQ(got, store);
	EXPECT_EQ(outcome.old, old);
}

TEST(different, "CMPXCHG8B: one that fails loads EDX:EAX and clears ZF")
{
	u64 *at = (u64 *)(root_end() - 8), old = *at;
	static const u64 bits[] = { 1, BIT(31), BIT(32), BIT(63) };

	for_each(bit, bits) SUBTEST("bit %#llx", (unsigned long long)*bit) {
		struct outcome outcome = cmpxchg8b(at, old ^ *bit, ~old);
		u64 got = *at;

		*at = old;
		tlb_flush();
		EXPECT(!outcome.equal);
		EXPECT_EQ(got, old);
		EXPECT_EQ(outcome.old, old);
	}
}

#if IS_64BIT
struct pair {
	u64 low, high;
} __attribute__((aligned(16)));

static bool cmpxchg16b(struct pair *at, struct pair *expected, struct pair store)
{
	bool equal;

	asm volatile("lock cmpxchg16b %0"
		     : "+m"(*at), "+a"(expected->low), "+d"(expected->high),
		       "=@ccz"(equal)
		     : "b"(store.low), "c"(store.high) : "memory");
	return equal;
}

TEST(wide, "CMPXCHG16B: the same with 16 bytes", REQUIRES(CPU_CX16))
{
	struct pair *at = (struct pair *)(root_end() - 16), old = *at, got;
	struct pair store = { old.low ^ IGNORED, old.high ^ IGNORED };
	struct pair other = { old.low, ~old.high }, same = old;
	bool equal = cmpxchg16b(at, &same, store);

	got = *at;
	*at = old;
	EXPECT(equal);
	EXPECT_EQ(got.low, store.low);
	EXPECT_EQ(got.high, store.high);

	equal = cmpxchg16b(at, &other, store);
	got = *at;
	*at = old;
	tlb_flush();
	EXPECT(!equal);
	EXPECT_EQ(got.high, old.high);
	EXPECT_EQ(other.high, old.high);
}
#endif
