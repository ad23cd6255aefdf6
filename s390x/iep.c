/* SPDX-License-Identifier: BSD-2-Clause */
/* Instruction-execution protection (SA22-7832, chapter 3, "Protection"). */
#include <asm/page.h>
#include <exception.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

#define TEID_WHY	0x8c	/* bits 56, 60, 61 */
#define TEID_WHY_IEP	0x84

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE))) = { 0x07, 0xfe };	/* br 14 */

TEST(fetch, "a page whose entry forbids it is not executed", REQUIRES(CPU_IEP))
{
	struct fault fault;

	EXPECT_FAULT(FAULT_NONE, branch_try(page));
	WITH_PTE(page, PTE_IEP, 0) {
		SUBTEST("while CR0 has the control off")
			EXPECT_FAULT(FAULT_NONE, branch_try(page));
		WITH_CR0(CR0_IEP, 0) {
			fault = branch_try(page);
			EXPECT_FAULT(FAULT_AT(PGM_PROTECTION, page, 0), fault);
			EXPECT_EQ(fault.teid & TEID_WHY, TEID_WHY_IEP);
			SUBTEST("data stay data") {
				EXPECT_FAULT(FAULT_NONE, try_load(page));
				EXPECT_FAULT(FAULT_NONE, try_store(page + 8));
			}
		}
	}
	WITH_CR0(CR0_IEP, 0)
		SUBTEST("other pages")
			EXPECT_FAULT(FAULT_NONE, branch_try(page));
}
