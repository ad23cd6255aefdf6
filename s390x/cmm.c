/* SPDX-License-Identifier: BSD-2-Clause */
/* EXTRACT AND SET STORAGE ATTRIBUTES: what a page may become. */
#include <asm/page.h>
#include <essa.h>
#include <insn.h>
#include <test.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

INSN(essa_user, ".insn rrf, 0xb9ab0000, 2, %0, 0, 0", "a"(page));

TEST(refused, "an operation that there is not, and the problem state", DEVICE(DEVICE_ESSA))
{
	u64 state = 0;

	SUBTEST("operation 8")
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), essa(8, page, &state));
	SUBTEST("problem state")
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(essa_user, .user = true));
}

TEST(no_dat, "that a page has no DAT table is told, until it is stable again",
     DEVICE(DEVICE_ESSA), REQUIRES(CPU_ESSA_NO_DAT))
{
	u64 state = 0;

	EXPECT_FAULT(FAULT_NONE, essa(7, page, &state));
	EXPECT_FAULT(FAULT_NONE, essa(0, page, &state));
	EXPECT_EQ(ESSA_USAGE(state), 0);
	EXPECT(ESSA_NO_DAT(state));
	EXPECT_FAULT(FAULT_NONE, essa(1, page, &state));
	EXPECT_FAULT(FAULT_NONE, essa(0, page, &state));
	EXPECT_EQ(ESSA_USAGE(state), 0);
	EXPECT(!ESSA_NO_DAT(state));
}

TEST(no_dat_absent, "without its facility, that operation is not there either",
     DEVICE(DEVICE_ESSA), LACKS(CPU_ESSA_NO_DAT))
{
	u64 state = 0;

	EXPECT_FAULT(FAULT(PGM_SPECIFICATION), essa(7, page, &state));
}
