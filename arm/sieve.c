/* SPDX-License-Identifier: BSD-2-Clause */
/* The sieve with translation off, where all of memory is of Device type. */
#include <mmu.h>
#include <primes.h>
#include <test.h>

static u8 memory[100000];

TEST(mmu_off, "with translation and caches off, and on again")
{
	u32 off, on;

	mmu_disable();
	off = primes_below(memory, sizeof(memory));
	mmu_enable();
	on = primes_below(memory, sizeof(memory));
	EXPECT_EQ(off, primes_known(sizeof(memory)));
	EXPECT_EQ(on, off);
}
