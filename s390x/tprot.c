/* SPDX-License-Identifier: BSD-2-Clause */
/* TEST PROTECTION (SA22-7832, chapter 10): what could be done with an address. */
#include <asm/page.h>
#include <insn.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static struct fault tprot(const void *at, u32 *cc)
{
	u32 ipm = ~0u;
	struct fault fault = TRY_OUT("tprot 0(%1), 0(0)\n\tipm %0", OUT("=d"(ipm)), "a"(at));

	*cc = ipm >> 28;
	return fault;
}

static void check(const void *at, u32 want)
{
	u32 cc;

	EXPECT_FAULT(FAULT_NONE, tprot(at, &cc));
	EXPECT_EQ(cc, want);
}

TEST(codes, "condition codes")
{
	SUBTEST("0: fetching and storing")
		check(page, 0);
	SUBTEST("1: fetching, page protected")
		WITH_PTE(page, PTE_PROTECT, 0)
			check(page, 1);
	SUBTEST("1: fetching, low addresses protected")
		WITH_CR0(CR0_LOW_PROTECTION, 0) {
			check((void *)8, 1);
			check((void *)511, 1);
			check((void *)512, 0);
			check((void *)4607, 1);
			check((void *)4608, 0);
		}
	SUBTEST("3: no translation, page")
		WITH_PTE(page, PTE_INVALID, 0)
			check(page, 3);
	SUBTEST("3: no translation, segment")
		WITH_ENTRY(segment_at((void *)PAGES_SPARE), DAT_INVALID, 0)
			check((void *)PAGES_SPARE, 3);
}

TEST(reserved, "a bit that must be zero is a translation-specification exception")
{
	u32 cc;

	WITH_PTE(page, PTE_ZERO, 0)
		EXPECT_FAULT(FAULT(PGM_TRANSLATION), tprot(page, &cc));
}

INSN(tprot_user, "tprot 0(%0), 0(0)", "a"(page));

TEST(problem, "it is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(tprot_user, .user = true));
}
