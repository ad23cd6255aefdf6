/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A memory workload: the sieve of Eratosthenes, whose results are known.  How far it goes
 * is as far as the host gets in a while, or the argument.
 */
#include <asm/page.h>
#include <clock.h>
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

#define LIMIT_MIN	10000u
#define LIMIT_MAX	10000000u
#define ENOUGH_US	100000

/* The largest power of ten for which the host does not need much longer than that. */
static u32 limit_by_speed(void)
{
	u32 n = LIMIT_MIN / 10;
	u64 begin;

	for (; n < LIMIT_MAX; n *= 10) {
		begin = clock_ticks();
		primes_below(pages_alloc(n / PAGE_SIZE + 1), n);
		if ((clock_ticks() - begin) * 10 > clock_us_to_ticks(ENOUGH_US))
			break;
	}
	return n < LIMIT_MIN ? LIMIT_MIN : n;
}

static u32 limit(void)
{
	u64 value;

	if (!argument(0))
		return limit_by_speed();
	if (!parse_number(argument(0), 10, &value))
		return error("not a number: %s", argument(0)), LIMIT_MIN;
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
