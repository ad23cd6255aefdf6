/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events of transactions (SDM 3B, "Performance Monitoring and Intel TSX"): bits of
 * Intel's selectors that look at transactions, for any event.
 */
#include <pmu.h>
#include <scope.h>

#define EVNTSEL_IN_TX	BIT(32)		/* only what happens in a transaction */
#define EVNTSEL_IN_TXCP	BIT(33)		/* not what an aborted one had; counter 2's */
#define TXCP_COUNTER	2u
#define WORK		50u

static void aborted_transaction(void)
{
	u32 status = ~0u, rounds = WORK;

	asm volatile("xbegin 2f; 1: dec %1; jnz 1b; xabort $5; 2:"
		     : "+a"(status), "+r"(rounds) : : "memory", "cc");
}

/* EAX is as it was where the transaction commits. */
static u32 commits;

static void committed_transaction(void)
{
	u32 status = ~0u, rounds = WORK;

	asm volatile("xbegin 2f; 1: dec %1; jnz 1b; xend; 2:"
		     : "+a"(status), "+r"(rounds) : : "memory", "cc");
	commits += status == ~0u;
}

/* Any may abort for no reason of its own, at once: of many not all do. */
#define TRANSACTIONS	100

static bool any_commits(void)
{
	commits = 0;
	for (unsigned int i = 0; i < TRANSACTIONS; i++)
		committed_transaction();
	return commits || (skip("every transaction aborts"), false);
}

static void loop(void)
{
	u32 rounds = WORK;

	asm volatile("1: dec %0; jnz 1b" : "+r"(rounds) : : "cc");
}

static u64 cycles_of(const struct pmu *pmu, unsigned int n, u64 bits, void (*fn)(void))
{
	pmu_start(pmu, n, pmu_event(pmu, PMU_CYCLES), 0, bits);
	for (unsigned int i = 0; i < TRANSACTIONS; i++)
		fn();
	pmu_stop(pmu);
	return pmu_read(pmu, n);
}

TEST(transactions, "IN_TX counts cycles of transactions alone, aborted or not",
     REQUIRES(CPU_RTM))
{
	if (!any_commits())
		return;
	FOR_EACH_PMU(pmu)
		for (unsigned int n = 0; n < pmu->counters; n++) {
			EXPECT(cycles_of(pmu, n, EVNTSEL_IN_TX, aborted_transaction) > 0);
			EXPECT(cycles_of(pmu, n, EVNTSEL_IN_TX, committed_transaction) > 0);
			EXPECT_EQ(cycles_of(pmu, n, EVNTSEL_IN_TX, loop), 0);
		}
}

TEST(transactions_committed, "IN_TXCP is counter 2's alone, and counts what commits",
     REQUIRES(CPU_RTM))
{
	if (!any_commits())
		return;
	FOR_EACH_PMU(pmu) {
		for (unsigned int n = 0; n < pmu->counters; n++)
			if (n != TXCP_COUNTER)
				EXPECT_FAULT(FAULT_GP(0),
					     try_wrmsr(pmu->select + n * pmu->step,
						       EVNTSEL_IN_TXCP));
		if (pmu->counters <= TXCP_COUNTER) {
			skip("no counter %u", TXCP_COUNTER);
			break;
		}
		EXPECT(cycles_of(pmu, TXCP_COUNTER, EVNTSEL_IN_TX | EVNTSEL_IN_TXCP,
				 committed_transaction) > 0);
	}
}
