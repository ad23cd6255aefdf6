/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Code that changes: what CTR_EL0 says need not be done to the caches, need not be done
 * (DDI 0487, B2.7.4.2 and D17.2.34).
 */
#include <asm/cpu.h>
#include <asm/page.h>
#include <clock.h>
#include <memory.h>
#include <paging.h>
#include <test.h>

ONLY_ON(arm64);

#define ROUNDS		65536u
#define PATIENCE_US	2000000	/* a host that is slow does fewer */

#define CTR_IDC		(1ull << 28)	/* data need not be cleaned to be fetched */
#define CTR_DIC		(1ull << 29)	/* instructions need not be invalidated */
#define CLIDR_LOUIS(c)	((c) >> 21 & 7)
#define CLIDR_LOC(c)	((c) >> 24 & 7)
#define CLIDR_LOUU(c)	((c) >> 27 & 7)

/* MOVZ W0, #n; RET */
#define INSN_MOVE(n)	(0x52800000 | (n) << 5)
#define INSN_RETURN	0xd65f03c0

static bool must_clean(void)
{
	u64 clidr = sysreg_read(clidr_el1);

	if (sysreg_read(ctr_el0) & CTR_IDC || !CLIDR_LOC(clidr))
		return false;
	return CLIDR_LOUIS(clidr) || CLIDR_LOUU(clidr);
}

static bool must_invalidate(void)
{
	return !(sysreg_read(ctr_el0) & CTR_DIC);
}

static void code_write(volatile u32 *code, u32 value, bool clean, bool invalidate)
{
	code[0] = INSN_MOVE(value);
	if (clean)
		asm volatile("dc cvau, %0" : : "r"(code) : "memory");
	asm volatile("dsb ish" : : : "memory");
	if (invalidate)
		asm volatile("ic ivau, %0; dsb ish" : : "r"(code) : "memory");
	isb();
}

TEST(code, "code that was overwritten runs as it is now, after what CTR_EL0 wants")
{
	/* Writable by the kernel alone: EL1 does not execute what EL0 may write. */
	volatile u32 *code = (volatile u32 *)PAGES_SPARE;
	u32 (*run)(void) = (u32 (*)(void))PAGES_SPARE;
	bool clean = must_clean(), invalidate = must_invalidate();
	u64 begin = clock_ticks(), budget = clock_us_to_ticks(PATIENCE_US);
	u32 round, stale = 0;

	page_map((void *)PAGES_SPARE, (uintptr_t)pages_alloc(1), PAGE_KERNEL);
	printf("INFO: clean: %s, invalidate: %s\n", clean ? "yes" : "no",
	       invalidate ? "yes" : "no");
	code[1] = INSN_RETURN;
	code_write(code, 0, true, true);
	for (round = 0; round < ROUNDS && clock_ticks() - begin < budget; round++) {
		u32 value = 1 + round % 0xfffe;

		code_write(code, value, clean, invalidate);
		stale += run() != value;
	}
	EXPECT_EQ(stale, 0);
	EXPECT(round > 0);
	METRIC("rounds", round, "");
}

TEST(line_sizes, "line sizes and levels are possible ones")
{
	u64 ctr = sysreg_read(ctr_el0), clidr = sysreg_read(clidr_el1);

	/* Log2 of words; the largest that CCSIDR can say is 2^10 words. */
	EXPECT((ctr & 0xf) <= 10);
	EXPECT((ctr >> 16 & 0xf) <= 10);
	/* The point of unification is never beyond that of coherency. */
	EXPECT(CLIDR_LOUU(clidr) <= CLIDR_LOC(clidr));
	EXPECT(CLIDR_LOUIS(clidr) <= CLIDR_LOC(clidr));
}
