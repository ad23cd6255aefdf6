/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Edges, levels and masks (82093AA, "I/O Redirection Table Registers": trigger mode,
 * interrupt mask, remote IRR, polarity).
 */
#include <apic.h>
#include <irq.h>
#include <line.h>
#include <scope.h>
#include <smp.h>

#define LINE		14		/* of no other device */
#define OTHER_LINE	15
#define VECTOR		0x76
#define HIGHER		0x86

/* What a handler of a level-triggered line does. */
static struct {
	u32 count;
	u32 high;		/* calls that leave it as it is */
	u32 raised;		/* calls that raise it again and lower it */
	bool remote, tmr;
} level;

static void on_level(void *arg)
{
	(void)arg;
	level.remote = line_is_remote(LINE);
	level.tmr = apic_vector_is(APIC_TMR, VECTOR);
	level.count++;
	if (level.count > level.high)
		line_set(LINE, 0);
	if (level.count <= level.raised)
		line_pulse(LINE);
	if (level.count > 50)	/* whatever happens, it ends */
		ioapic_route(LINE, IOAPIC_MASKED, 0);
}

#define WITH_LEVEL(...)							\
	level = (typeof(level)){ __VA_ARGS__ };				\
	WITH_IRQ(VECTOR, on_level, NULL)				\
		WITH_ROUTE(LINE, IOAPIC_LEVEL | VECTOR, apic_id())

static bool expect_level(u32 count)
{
	bool taken = EXPECT_TAKEN(&level.count, count);

	return EXPECT(!line_is_remote(LINE)) && taken;
}

TEST(edge, "edge: one interrupt each time that the line rises",
     DEVICE(DEVICE_PC_TESTDEV))
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count) WITH_ROUTE(LINE, VECTOR, apic_id()) {
		for (u32 n = 1; n <= 5; n++) {
			line_set(LINE, 1);
			if (!EXPECT_TAKEN(&count, n))
				return;
			EXPECT(!line_is_remote(LINE));
			line_set(LINE, 0);
			irq_let_in();
			EXPECT_EQ(count, n);
		}
	}
}

TEST(edge_high, "edge: a line that is high and is raised does not rise",
     DEVICE(DEVICE_PC_TESTDEV))
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count) WITH_ROUTE(LINE, VECTOR, apic_id()) {
		line_set(LINE, 1);
		EXPECT_TAKEN(&count, 1);
		line_set(LINE, 1);
		irq_let_in();
		EXPECT_EQ(count, 1);
	}
}

TEST(edges_waiting, "two edges while the interrupt waits are one",
     DEVICE(DEVICE_PC_TESTDEV))
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count) WITH_ROUTE(LINE, VECTOR, apic_id()) {
		line_pulse(LINE);
		line_pulse(LINE);
		EXPECT(apic_vector_is(APIC_IRR, VECTOR));
		EXPECT_TAKEN(&count, 1);
	}
}

TEST(level, "level: one interrupt, if the handler lowers the line",
     DEVICE(DEVICE_PC_TESTDEV))
{
	WITH_LEVEL(0)
		for (u32 n = 1; n <= 5; n++) {
			line_set(LINE, 1);
			if (!expect_level(n))
				return;
		}
}

TEST(level_high, "level: again and again, as long as it is high at EOI",
     DEVICE(DEVICE_PC_TESTDEV))
{
	WITH_LEVEL(.high = 4) {
		line_set(LINE, 1);
		expect_level(5);
	}
}

TEST(level_again, "level: what rises and falls while it is in service is not seen",
     DEVICE(DEVICE_PC_TESTDEV))
{
	WITH_LEVEL(.raised = 1) {
		line_set(LINE, 1);
		expect_level(1);
		line_set(LINE, 1);
		expect_level(2);
	}
}

TEST(level_withdrawn, "level: a line that falls before it is taken was an interrupt",
     DEVICE(DEVICE_PC_TESTDEV))
{
	WITH_LEVEL(0) {
		line_pulse(LINE);
		EXPECT(line_is_remote(LINE));
		/* The message is on its way, and remote IRR waits for its EOI. */
		line_pulse(LINE);
		expect_level(1);
	}
}

TEST(remote_irr, "remote IRR: from acceptance to EOI, and for levels only",
     DEVICE(DEVICE_PC_TESTDEV))
{
	WITH_LEVEL(0) {
		EXPECT(!line_is_remote(LINE));
		line_set(LINE, 1);
		EXPECT(line_is_remote(LINE));
		expect_level(1);
		EXPECT(level.remote);
	}
}

static struct {
	u32 count[2], order;
	u32 loops, looped[2];
} pair;

static void on_pair(void *arg)
{
	uintptr_t which = (uintptr_t)arg;

	pair.count[which]++;
	pair.order = pair.order * 10 + which + 1;
	pair.looped[which] = pair.loops;
}

TEST(order, "of two interrupts that wait the higher vector is taken first, the other at its IRET",
     DEVICE(DEVICE_PC_TESTDEV))
{
	memset(&pair, 0, sizeof(pair));
	WITH_IRQ(VECTOR, on_pair, (void *)0) WITH_IRQ(HIGHER, on_pair, (void *)1)
		WITH_ROUTE(LINE, VECTOR, apic_id())
			WITH_ROUTE(OTHER_LINE, HIGHER, apic_id()) {
				line_set(LINE, 1);
				line_set(OTHER_LINE, 1);
				irq_enable();
				for (; pair.loops < 1000 && !pair.order; pair.loops++)
					irq_exit();
				irq_wait(&pair.count[0], 1);
				EXPECT_EQ(pair.order, 21);
				EXPECT_EQ(pair.looped[0], pair.looped[1]);
			}
}

TEST(masked_edge, "an edge at a masked input is lost", DEVICE(DEVICE_PC_TESTDEV))
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count)
		WITH_ROUTE(LINE, IOAPIC_MASKED | VECTOR, apic_id()) {
			line_set(LINE, 1);
			irq_let_in();
			EXPECT_EQ(count, 0);
			ioapic_write(IOAPIC_REG_ENTRY + 2 * LINE, VECTOR);
			irq_let_in();
			EXPECT_EQ(count, 0);
			line_set(LINE, 0);
			line_set(LINE, 1);
			EXPECT_TAKEN(&count, 1);
		}
}

TEST(masked_level, "a level at a masked input is delivered when it is unmasked",
     DEVICE(DEVICE_PC_TESTDEV))
{
	u32 entry = IOAPIC_REG_ENTRY + 2 * LINE;

	WITH_LEVEL(0) {
		ioapic_write(entry, IOAPIC_MASKED | IOAPIC_LEVEL | VECTOR);
		line_set(LINE, 1);
		irq_let_in();
		EXPECT_EQ(level.count, 0);
		EXPECT(!line_is_remote(LINE));
		ioapic_write(entry, IOAPIC_LEVEL | VECTOR);
		expect_level(1);
		/* Gone before that, it is not. */
		ioapic_write(entry, IOAPIC_MASKED | IOAPIC_LEVEL | VECTOR);
		line_pulse(LINE);
		ioapic_write(entry, IOAPIC_LEVEL | VECTOR);
		irq_let_in();
		EXPECT_EQ(level.count, 1);
	}
}

static void mask_in_handler(void *arg)
{
	(void)arg;
	if (!level.count++)
		ioapic_write(IOAPIC_REG_ENTRY + 2 * LINE,
			     IOAPIC_MASKED | IOAPIC_LEVEL | VECTOR);
	else
		line_set(LINE, 0);
}

TEST(mask_in_service, "masked in its handler while it is high: again when unmasked",
     DEVICE(DEVICE_PC_TESTDEV))
{
	level.count = 0;
	WITH_IRQ(VECTOR, mask_in_handler, NULL)
		WITH_ROUTE(LINE, IOAPIC_LEVEL | VECTOR, apic_id()) {
			line_set(LINE, 1);
			EXPECT_TAKEN(&level.count, 1);
			ioapic_write(IOAPIC_REG_ENTRY + 2 * LINE, IOAPIC_LEVEL | VECTOR);
			expect_level(2);
		}
}

static void tmr_look(void *arg)
{
	*(u32 *)arg += 1;
	level.tmr = apic_vector_is(APIC_TMR, VECTOR);
}

static void raise(void *arg)
{
	(void)arg;
	line_set(LINE, 1);
}

/* TMR is written at acceptance (SDM 3A, "Interrupt Acceptance for Fixed Interrupts"). */
static void expect_tmr(void (*by)(void))
{
	u32 count = 0;

	WITH_IRQ(VECTOR, tmr_look, &count) WITH_ROUTE(LINE, VECTOR, apic_id()) {
		by();
		EXPECT_TAKEN(&count, 1);
		EXPECT(!level.tmr);
	}
	WITH_LEVEL(0) {
		by();
		EXPECT(apic_vector_is(APIC_TMR, VECTOR));
		expect_level(1);
		EXPECT(level.tmr);
	}
	/* And back, at the next edge. */
	WITH_IRQ(VECTOR, tmr_look, &count) WITH_ROUTE(LINE, VECTOR, apic_id()) {
		by();
		EXPECT(!apic_vector_is(APIC_TMR, VECTOR));
		EXPECT_TAKEN(&count, 2);
	}
}

static void raise_here(void)
{
	raise(NULL);
}

static void raise_there(void)
{
	on_cpu(1, raise, NULL);
}

TEST(tmr, "the local APIC's TMR tells edge from level", DEVICE(DEVICE_PC_TESTDEV))
{
	expect_tmr(raise_here);
}

TEST(tmr_other, "the local APIC's TMR tells edge from level where another CPU raised the line",
     DEVICE(DEVICE_PC_TESTDEV), CPUS(2))
{
	expect_tmr(raise_there);
}

/*
 * Which voltage asserts a line is the board's affair; a hypervisor's lines are asserted
 * or not (KVM doc, KVM_CAP_X86_IOAPIC_POLARITY_IGNORED).
 */
TEST(polarity, "a line that is asserted interrupts, whichever polarity the entry says",
     DEVICE(DEVICE_PC_TESTDEV))
{
	u32 count = 0;

	WITH_IRQ(VECTOR, irq_count, &count)
		WITH_ROUTE(LINE, IOAPIC_ACTIVE_LOW | VECTOR, apic_id()) {
			irq_let_in();
			EXPECT_EQ(count, 0);
			line_set(LINE, 1);
			EXPECT_TAKEN(&count, 1);
			line_set(LINE, 0);
			irq_let_in();
			EXPECT_EQ(count, 1);
		}
}

/* Those that are no other device's on any machine. */
static const u8 lines[] = { 3, 5, 7, 13, 14, 15 };

TEST(inputs, "each line is its own input's", DEVICE(DEVICE_PC_TESTDEV))
{
	for_each(line, lines) SUBTEST("%u", *line) {
		u32 count = 0, other = 0;

		WITH_IRQ(VECTOR, irq_count, &count) WITH_IRQ(HIGHER, irq_count, &other)
			WITH_ROUTE(*line, VECTOR, apic_id())
				WITH_ROUTE(*line == LINE ? OTHER_LINE : LINE, HIGHER,
					   apic_id()) {
					line_set(*line, 1);
					EXPECT_TAKEN(&count, 1);
					EXPECT_EQ(other, 0);
				}
	}
}
