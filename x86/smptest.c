/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Each CPU runs what it is sent by an IPI, and is the one that it was sent to (SDM 3A,
 * "Issuing Interprocessor Interrupts"; ids: SDM 3A, "Local APIC ID").
 */
#include <apic.h>
#include <smp.h>
#include <test.h>

#define MAX_SEEN	1024

static u32 seen_index[MAX_SEEN], seen_id[MAX_SEEN], runs[MAX_SEEN];

static void report_self(void *arg)
{
	u32 cpu = *(u32 *)arg;

	seen_index[cpu] = cpu_index();
	seen_id[cpu] = apic_id();
	atomic_add(&runs[cpu], 1);
}

TEST(each, "every CPU runs what is sent to it, once", CPUS(2))
{
	for (u32 cpu = 0; cpu < cpu_count() && cpu < MAX_SEEN; cpu++)
		SUBTEST("CPU %u", cpu) {
			runs[cpu] = 0;
			on_cpu(cpu, report_self, &cpu);
			EXPECT_EQ(runs[cpu], 1);
			EXPECT_EQ(seen_index[cpu], cpu);
			for (u32 other = 0; other < cpu; other++)
				EXPECT(seen_id[other] != seen_id[cpu]);
		}
}

static struct barrier meeting;
static u32 met;

static void meet(void *arg)
{
	(void)arg;
	for (unsigned int round = 1; round <= 10; round++) {
		atomic_add(&met, 1);
		barrier_wait(&meeting);
		EXPECT_EQ(__atomic_load_n(&met, __ATOMIC_SEQ_CST),
			  round * meeting.expected);
		barrier_wait(&meeting);
	}
}

TEST(together, "all CPUs run at once and meet at a barrier", CPUS(2))
{
	meeting = (struct barrier){ .expected = cpu_count() };
	met = 0;
	on_cpus(meet, NULL);
	EXPECT_EQ(met, 10 * cpu_count());
}
