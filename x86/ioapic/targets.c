/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Whom an input reaches (82093AA, "I/O Redirection Table Registers": destination,
 * destination mode, delivery mode; SDM 3A, "Determining IPI Destination"), and what
 * becomes of an interrupt whose destination changes under way.
 */
#include <apic.h>
#include <exception.h>
#include <irq.h>
#include <line.h>
#include <scope.h>
#include <smp.h>

#define LINE		14		/* of no other device */
#define OTHER_LINE	15
#define VECTOR		0x76
#define HIGHER		0x86
#define NOBODY		0xe0

static struct arrivals arrivals;

TEST(physical, "a physical destination is the CPU with that id",
     DEVICE(DEVICE_PC_TESTDEV), CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		smp_start();
		for (unsigned int i = 0; i < cpu_count() && i < IRQ_CPUS; i++)
			WITH_ROUTE(LINE, VECTOR, cpu_get(i)->apic_id) {
				line_set(LINE, 1);
				if (!EXPECT_ARRIVALS(&arrivals, BIT(i)))
					return;
			}
		WITH_ROUTE(LINE, VECTOR, NOBODY) {
			line_set(LINE, 1);
			EXPECT_ARRIVALS(&arrivals, 0);
		}
	}
}

/* CPU i has the logical id BIT(i), of eight that there are. */
static void take_logical_id(void *arg)
{
	bool reset = arg;

	apic_write(APIC_DFR, 0xffffffff);
	apic_write(APIC_LDR, !reset && cpu_index() < 8 ? 1u << cpu_index() << 24 : 0);
}

struct ids_scope {
	struct scope scope;
};

static void ids_leave(struct scope *scope)
{
	on_cpus(take_logical_id, scope);
}

static void ids_enter(struct ids_scope *s)
{
	smp_start();
	scope_enter(&s->scope, ids_leave);
	on_cpus(take_logical_id, NULL);
}

#define WITH_LOGICAL_IDS()	SCOPE(ids_scope, ids_enter)

static u64 existing(u64 cpus)
{
	return cpus & irq_all_cpus() & 0xff;
}

TEST(logical, "a logical destination is each CPU that has a bit of it",
     DEVICE(DEVICE_PC_TESTDEV), CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_LOGICAL_IDS()
		for (u32 to = 1; to < 16; to++)
			WITH_ROUTE(LINE, APIC_DEST_LOGICAL | VECTOR, to) {
				line_set(LINE, 1);
				if (!EXPECT_ARRIVALS(&arrivals, existing(to)))
					return;
			}
}

static u32 waiting;

static void lower_if_all(void *arg)
{
	irq_arrive(arg);
	/* A level has one remote IRR: the first EOI clears it, the line must be low. */
	line_set(LINE, 0);
	atomic_add(&waiting, 1);
}

TEST(logical_level, "a level to several CPUs comes once to each",
     DEVICE(DEVICE_PC_TESTDEV), CPUS(4))
{
	waiting = 0;
	WITH_IRQ(VECTOR, lower_if_all, &arrivals) WITH_LOGICAL_IDS()
		WITH_ROUTE(LINE, IOAPIC_LEVEL | APIC_DEST_LOGICAL | VECTOR, 0xe) {
			line_set(LINE, 1);
			EXPECT_ARRIVALS(&arrivals, 0xe);
			EXPECT_EQ(waiting, 3);
			EXPECT(!line_is_remote(LINE));
		}
}

static u32 arrived(void)
{
	u32 sum = 0;

	for (unsigned int i = 0; i < IRQ_CPUS; i++)
		sum += arrivals.at[i];
	return sum;
}

static void let_in(void *arg)
{
	(void)arg;
	irq_let_in();
}

TEST(lowest_priority, "lowest priority: one of those that it is for",
     DEVICE(DEVICE_PC_TESTDEV), CPUS(2))
{
	u64 mine = existing(0x6);

	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_LOGICAL_IDS()
		for (unsigned int n = 0; n < 8; n++) {
			arrivals = (struct arrivals){ 0 };
			WITH_ROUTE(LINE, APIC_DM_LOWEST | APIC_DEST_LOGICAL | VECTOR,
				   mine) {
				line_set(LINE, 1);
				for (unsigned int i = 0; i < 1000 && !arrived(); i++)
					on_cpus(let_in, NULL);
				on_cpus(let_in, NULL);
				if (!EXPECT_EQ(arrived(), 1))
					return;
				for (unsigned int i = 0; i < 8; i++)
					if (!(mine >> i & 1))
						EXPECT_EQ(arrivals.at[i], 0);
			}
		}
	arrivals = (struct arrivals){ 0 };
}

static u32 nmis;

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	atomic_add(&nmis, 1);
	return true;
}

TEST(nmi, "delivery mode NMI: an NMI, whatever the vector says",
     DEVICE(DEVICE_PC_TESTDEV))
{
	u32 count = 0;

	nmis = 0;
	WITH_HANDLER(VECTOR_NMI, on_nmi) WITH_IRQ(VECTOR, irq_count, &count)
		WITH_ROUTE(LINE, APIC_DM_NMI | VECTOR, apic_id()) {
			line_set(LINE, 1);
			EXPECT_TAKEN(&nmis, 1);
			EXPECT_EQ(count, 0);
		}
}

/* Into what the machine can have, back into xAPIC mode afterwards. */
TEST(x2, "CPUs in x2APIC mode are reached by their ids, physical and logical",
     DEVICE(DEVICE_PC_TESTDEV), REQUIRES(CPU_X2APIC), CPUS(2))
{
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) WITH_APIC_MODE(APIC_X2) {
		for (unsigned int i = 0; i < cpu_count() && i < 8; i++) {
			u32 id = cpu_get(i)->apic_id;

			WITH_ROUTE(LINE, VECTOR, id) {
				line_set(LINE, 1);
				if (!EXPECT_ARRIVALS(&arrivals, BIT(i)))
					return;
			}
			if (id >= 8)	/* cluster 0's, as 8 bits can name them */
				continue;
			WITH_ROUTE(LINE, APIC_DEST_LOGICAL | VECTOR, 1 << id) {
				line_set(LINE, 1);
				EXPECT_ARRIVALS(&arrivals, BIT(i));
			}
		}
	}
}

static struct {
	unsigned int moved;	/* line whose destination changes */
	bool other_early;
	u32 first, other;
} move;

static void destination_set(unsigned int line, u8 to)
{
	ioapic_write(IOAPIC_REG_ENTRY + 2 * line + 1, (u32)to << 24);
}

static void on_other(void *arg)
{
	irq_arrive(arg);
	line_set(OTHER_LINE, 0);
	atomic_add(&move.other, 1);
}

static void move_in_handler(void *arg)
{
	irq_arrive(arg);
	line_set(LINE, 0);
	if (atomic_add(&move.first, 1))
		return;
	line_set(OTHER_LINE, 1);
	destination_set(move.moved, cpu_get(1)->apic_id);
	for (unsigned int i = 0; i < 8; i++)
		irq_exit();
	/* Not before this handler's IRET sets IF. */
	move.other_early = move.other;
}

static const struct {
	const char *name;
	unsigned int line;
} moved[] = {
	{ "the one in service", LINE },
	{ "the one that waits", OTHER_LINE },
};

/* Each was accepted by CPU 0, and is over there; the next ones go to CPU 1. */
TEST(moved, "a destination that changes in a handler is for the next interrupt",
     DEVICE(DEVICE_PC_TESTDEV), CPUS(2))
{
	static struct arrivals others;

	smp_start();
	for_each(row, moved) SUBTEST("%s", row->name) {
		memset(&move, 0, sizeof(move));
		move.moved = row->line;
		WITH_IRQ(VECTOR, move_in_handler, &arrivals)
			WITH_IRQ(HIGHER, on_other, &others)
			WITH_ROUTE(LINE, IOAPIC_LEVEL | VECTOR, apic_id())
				WITH_ROUTE(OTHER_LINE, IOAPIC_LEVEL | HIGHER, apic_id()) {
					line_set(LINE, 1);
					EXPECT_ARRIVALS(&arrivals, BIT(0));
					EXPECT_ARRIVALS(&others, BIT(0));
					EXPECT(!move.other_early);
					EXPECT(!line_is_remote(LINE));
					EXPECT(!line_is_remote(OTHER_LINE));
					line_set(row->line, 1);
					EXPECT_ARRIVALS(row->line == LINE ? &arrivals :
							&others, BIT(1));
					EXPECT(!line_is_remote(row->line));
				}
	}
}
