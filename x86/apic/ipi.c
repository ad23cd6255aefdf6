/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Inter-processor interrupts in xAPIC mode (SDM 3A, "Issuing Interprocessor Interrupts",
 * "Determining IPI Destination").  Each row of a sweep is one IPI that must come once
 * at each CPU that it is for, and nowhere else.
 */
#include <apic.h>
#include <clock.h>
#include <covering.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define VECTOR		0xf1
#define FIXED		(APIC_DM_FIXED | APIC_INT_ASSERT | VECTOR)
#define NOBODY		0xe0		/* an id that no CPU has */
#define BROADCAST	0xff
#define DFR_FLAT	0xffffffff
#define DFR_CLUSTER	0x0fffffff

static struct arrivals arrivals;

static const struct {
	const char *name;
	u32 command;
	u32 destination;
	u64 excluded;		/* of all CPUs */
} everywhere[] = {
	{ "all but self",	FIXED | APIC_DEST_OTHERS, 0, BIT(0) },
	{ "all",		FIXED | APIC_DEST_ALL,	0, 0 },
	{ "physical 0xff",	FIXED,			BROADCAST, 0 },
};

TEST(self, "shorthand self: once, here")
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		smp_start();
		apic_ipi(FIXED | APIC_DEST_SELF, 0);
		EXPECT_ARRIVALS(&arrivals, BIT(0));
		/* Twice while it waits is once: IRR has one bit. */
		apic_ipi(FIXED | APIC_DEST_SELF, 0);
		apic_ipi(FIXED | APIC_DEST_SELF, 0);
		EXPECT_ARRIVALS(&arrivals, BIT(0));
	}
}

TEST(broadcast, "shorthands and broadcasts reach all CPUs", CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals)
		for_each(row, everywhere) SUBTEST("%s", row->name) {
			smp_start();
			apic_ipi(row->command, row->destination);
			EXPECT_ARRIVALS(&arrivals, irq_all_cpus() & ~row->excluded);
		}
}

TEST(physical, "a physical destination is the CPU with that id", CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		smp_start();
		for (unsigned int i = 0; i < cpu_count() && i < IRQ_CPUS; i++) {
			apic_ipi(FIXED, cpu_get(i)->apic_id);
			if (!EXPECT_ARRIVALS(&arrivals, BIT(i)))
				break;
		}
		apic_ipi(FIXED, NOBODY);
		EXPECT_ARRIVALS(&arrivals, 0);
	}
}

static void send_to_boot_cpu(void *arg)
{
	apic_ipi(FIXED, *(u32 *)arg);
}

TEST(from_other, "another CPU's IPI arrives, awake and in HLT", CPUS(2))
{
	u32 id = apic_id();

	WITH_IRQ(VECTOR, irq_arrive, &arrivals)
		for (unsigned int i = 0; i < 20; i++) {
			on_cpu(1, send_to_boot_cpu, &id);
			EXPECT_ARRIVALS(&arrivals, BIT(0));
			/* And back, while it may have begun to halt. */
			if (i & 1)
				delay_us(i);
			apic_ipi(FIXED, cpu_get(1)->apic_id);
			EXPECT_ARRIVALS(&arrivals, BIT(1));
		}
}

struct logical {
	u32 dfr, ldr;
};

static void logical_set(void *arg)
{
	const struct logical *logical = arg;

	apic_write(APIC_DFR, logical->dfr);
	apic_write(APIC_LDR, logical->ldr << 24);
}

struct logical_scope {
	struct scope scope;
};

static void logical_leave(struct scope *scope)
{
	struct logical reset = { DFR_FLAT, 0 };

	(void)scope;
	on_cpus(logical_set, &reset);
}

static void logical_enter(struct logical_scope *s)
{
	struct logical none = { DFR_FLAT, 0 };

	smp_start();
	scope_enter(&s->scope, logical_leave);
	on_cpus(logical_set, &none);
}

#define WITH_LOGICAL_IDS()	SCOPE(logical_scope, logical_enter)

/* "Logical Destination Mode": who accepts a message with this destination? */
static bool accepts(struct logical cpu, u32 destination)
{
	bool cluster = cpu.dfr == DFR_CLUSTER;

	if (destination == BROADCAST)
		return true;
	if (!cluster)
		return cpu.ldr & destination;
	return destination >> 4 == cpu.ldr >> 4 && cpu.ldr & destination & 15;
}

/* Logical ids of CPUs 0 and 1; the others have none. */
struct row {
	struct logical cpu[2];
	u32 destination;
};

static u64 accepting(const struct row *row)
{
	u64 cpus = row->destination == BROADCAST ? irq_all_cpus() & ~3 : 0;

	for (unsigned int i = 0; i < 2; i++)
		if (accepts(row->cpu[i], row->destination))
			cpus |= BIT(i);
	return cpus;
}

static bool row_run(const struct row *row, struct arrivals *sum)
{
	bool good;

	logical_set((void *)&row->cpu[0]);
	on_cpu(1, logical_set, (void *)&row->cpu[1]);
	apic_ipi(FIXED | APIC_DEST_LOGICAL, row->destination);
	good = arrivals_follow(&arrivals, sum, accepting(row));
	return check_explained(CHECK_HERE("who has the destination's bit gets it"), good,
			       "LDR %#x %#x, DFR %#x, destination %#x: got %u and %u "
			       "so far, expected %u and %u", row->cpu[0].ldr,
			       row->cpu[1].ldr, row->cpu[0].dfr, row->destination,
			       arrivals.at[0], arrivals.at[1], sum->at[0], sum->at[1]);
}

/* Any two of the factors have every combination; with all=1 any three. */
static unsigned int strength(void)
{
	u64 all = 0;

	parameter("all", &all);
	return all ? 3 : 2;
}

static u32 flat_id(u8 value)
{
	return value ? 1 << (value - 1) : 0;
}

static void sweep(const u8 *levels, unsigned int count, struct row (*row_of)(const u8 *))
{
	struct arrivals sum = { 0 };
	struct covering covering;
	u8 values[COVERING_FACTORS];
	struct row row;

	arrivals = sum;
	covering_begin(&covering, levels, count, 1);
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_LOGICAL_IDS() {
		do {
			covering_next(&covering, values);
			row = row_of(values);
		} while (row_run(&row, &sum) &&
			 covering.rows < covering_rows(&covering, strength()));
		EXPECT_SUM(&arrivals, &sum);
	}
	arrivals = (struct arrivals){ 0 };
}

/* The ids of two CPUs, and two bits of the destination, which may be the same. */
static const u8 flat_levels[] = { 9, 9, 8, 8 };

static struct row flat_row(const u8 *values)
{
	return (struct row){
		{ { DFR_FLAT, flat_id(values[0]) }, { DFR_FLAT, flat_id(values[1]) } },
		1u << values[2] | 1u << values[3],
	};
}

TEST(flat, "logical destinations, flat model: an APIC takes what has a bit of its id",
     CPUS(2))
{
	sweep(flat_levels, ARRAY_SIZE(flat_levels), flat_row);
}

enum { CLUSTER_OF_0, CLUSTER_OF_1, CLUSTER_OTHER, CLUSTER_RELATIONS };

/* By relation, as most destinations would be nobody's otherwise. */
static u32 cluster_of(unsigned int relation, u32 of_0, u32 of_1)
{
	u32 other = 0;

	while (other == of_0 || other == of_1)
		other++;
	return relation == CLUSTER_OF_0 ? of_0 : relation == CLUSTER_OF_1 ? of_1 : other;
}

/* Cluster and bit of two CPUs, whether they share the cluster; the destination's. */
static const u8 cluster_levels[] = { 15, 4, 15, 4, 2, CLUSTER_RELATIONS, 15 };

static struct row cluster_row(const u8 *values)
{
	u32 first = values[0], second = values[4] ? values[2] : first;

	return (struct row){
		{ { DFR_CLUSTER, first << 4 | 1u << values[1] },
		  { DFR_CLUSTER, second << 4 | 1u << values[3] } },
		cluster_of(values[5], first, second) << 4 | (values[6] + 1),
	};
}

/* A destination in cluster 15 that is not 0xff means nothing that a manual tells. */
TEST(cluster, "logical destinations, cluster model: its cluster, and its bit",
     CPUS(2))
{
	sweep(cluster_levels, ARRAY_SIZE(cluster_levels), cluster_row);
}

static const struct {
	const char *name;
	struct row row;
} models[] = {
	{ "flat", { { { DFR_FLAT, 0x10 }, { DFR_FLAT, 0x02 } }, BROADCAST } },
	{ "cluster", { { { DFR_CLUSTER, 0x12 }, { DFR_CLUSTER, 0xe8 } }, BROADCAST } },
};

static void logical_set_others(void *arg)
{
	if (cpu_index() > 1)
		logical_set(arg);
}

TEST(logical_broadcast, "all bits set is everybody, in every cluster", CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_LOGICAL_IDS()
		for_each(model, models) SUBTEST("%s", model->name) {
			struct arrivals sum = { 0 };

			on_cpus(logical_set_others, (void *)&model->row.cpu[0]);
			row_run(&model->row, &sum);
			EXPECT_SUM(&arrivals, &sum);
			arrivals = (struct arrivals){ 0 };
		}
}

TEST(all_vectors, "every vector from 32 to 255 arrives as itself")
{
	/* The harness has its own use for the highest ones. */
	for (unsigned int vector = 0x20; vector < 0xf8; vector++)
		WITH_IRQ(vector, irq_arrive, &arrivals) {
			apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | vector, 0);
			if (!EXPECT_EQ(irq_wait(&arrivals.at[0], 1), true))
				return;
			arrivals.at[0] = 0;
		}
}

TEST(level_deassert, "a level de-assert starts nothing", CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		smp_start();
		/* INIT level de-assert: for synchronising arbitration ids, long ago. */
		apic_ipi(APIC_DM_INIT | APIC_INT_LEVEL | APIC_DEST_ALL, 0);
		apic_ipi(FIXED | APIC_DEST_OTHERS, 0);
		EXPECT_ARRIVALS(&arrivals, irq_all_cpus() & ~BIT(0));
	}
}
