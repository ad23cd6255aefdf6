/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memory workload: the sieve of Eratosthenes, whose results are known.  The
 * work adapts to the host: from a million on by argument.
 */
#include <asm/page.h>
#include <memory.h>
#include <primes.h>
#include <test.h>

ARGUMENTS("[limit: 10000, 100000, 1000000, 10000000 or 100000000]");

static void check_primes(u32 limit, u8 *memory)
{
	u32 known = primes_known(limit);

	if (known)
		EXPECT_EQ(primes_below(memory, limit), known);
	else
		error("no known number of primes below %u", limit);
}

static u8 fixed[1000];

TEST(in_image, "in the image's own memory")
{
	check_primes(sizeof(fixed), fixed);
}

/* A host that emulates each instruction does some million in a second. */
static u32 limit(void)
{
	u64 value = 10000;

	if (argument(0) && !parse_number(argument(0), 10, &value))
		error("not a number: %s", argument(0));
	return value;
}

TEST(large_pages, "in memory as it is mapped from the start")
{
	u32 n = limit();

	check_primes(n, pages_alloc((n + PAGE_SIZE - 1) / PAGE_SIZE));
}

TEST(small_pages, "in memory mapped page by page, in reverse order")
{
	u32 n = limit(), pages = (n + PAGE_SIZE - 1) / PAGE_SIZE;
	u8 *physical = pages_alloc(pages), *address = (u8 *)PAGES_SPARE;

	for (u32 i = 0; i < pages; i++)
		page_map(address + i * PAGE_SIZE,
			 (uintptr_t)physical + (pages - 1 - i) * PAGE_SIZE,
			 PAGE_DATA);
	check_primes(n, address);
}
