/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which interrupt is taken when (SDM 3A, "Interrupt, Task, and Processor Priority",
 * "Interrupt Acceptance for Fixed Interrupts", "Signaling Interrupt Servicing
 * Completion"): the upper half of a vector is its class.
 */
#include <apic.h>
#include <irq.h>
#include <scope.h>
#include <test.h>

#define CLASS(vector)	((vector) >> 4)
#define LOWEST		0x21		/* a vector of class 2 */

static void send(u8 vector)
{
	apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | vector, 0);
}

struct tpr_scope {
	struct scope scope;
};

static void tpr_leave(struct scope *scope)
{
	(void)scope;
	apic_write(APIC_TPR, 0);
}

static void tpr_enter(struct tpr_scope *s, u32 tpr)
{
	scope_enter(&s->scope, tpr_leave);
	apic_write(APIC_TPR, tpr);
}

#define WITH_TPR(tpr)	SCOPE(tpr_scope, tpr_enter, tpr)

#define VECTOR	0x61

static struct {
	bool irr, isr, tmr;
	u32 ppr, count;
} seen;

static void look(void *arg)
{
	(void)arg;
	seen.count++;
	seen.irr = apic_vector_is(APIC_IRR, VECTOR);
	seen.isr = apic_vector_is(APIC_ISR, VECTOR);
	seen.tmr = apic_vector_is(APIC_TMR, VECTOR);
	seen.ppr = apic_read(APIC_PPR);
}

TEST(in_service, "an interrupt goes from IRR to ISR when it is taken, and leaves ISR by EOI")
{
	seen.count = 0;
	WITH_IRQ(VECTOR, look, NULL) {
		EXPECT_EQ(apic_read(APIC_PPR), 0);
		send(VECTOR);
		EXPECT(apic_vector_is(APIC_IRR, VECTOR));
		EXPECT(!apic_vector_is(APIC_ISR, VECTOR));
		EXPECT_TAKEN(&seen.count, 1);
		EXPECT(!seen.irr);
		EXPECT(seen.isr);
		EXPECT(!seen.tmr);		/* an IPI is an edge */
		EXPECT_EQ(seen.ppr & 0xf0, VECTOR & 0xf0);
		EXPECT(!apic_vector_is(APIC_ISR, VECTOR));
		EXPECT_EQ(apic_read(APIC_PPR), 0);
	}
}

static const u32 tprs[] = { 0x00, 0x0f, 0x50, 0x5f, 0x6a, 0x7c };

/* What is in service while TPR is changed, and PPR for it. */
static void priorities(void *arg)
{
	(void)arg;
	seen.count++;
	for_each(tpr, tprs) {
		u32 ppr;

		apic_write(APIC_TPR, *tpr);
		ppr = apic_read(APIC_PPR);
		if (CLASS(*tpr) > CLASS(VECTOR))
			EXPECT_EQ(ppr, *tpr);
		else if (CLASS(*tpr) < CLASS(VECTOR))
			EXPECT_EQ(ppr, VECTOR & 0xf0);
		else		/* its lower half is the CPU's choice */
			EXPECT_EQ(CLASS(ppr), CLASS(VECTOR));
	}
	apic_write(APIC_TPR, 0);
}

TEST(ppr, "PPR is the higher one of TPR and of what is in service")
{
	for (u32 tpr = 0; tpr < 256; tpr += 17)
		WITH_TPR(tpr)
			EXPECT_EQ(apic_read(APIC_PPR), tpr);
	seen.count = 0;
	WITH_IRQ(VECTOR, priorities, NULL) WITH_TPR(0) {
		send(VECTOR);
		EXPECT_TAKEN(&seen.count, 1);
	}
}

/* One vector a class, from 2 to 15, in the order in which they are taken. */
static struct {
	u8 taken[16];
	u32 count;
} order;

static void take(void *arg)
{
	if (order.count < sizeof(order.taken))
		order.taken[order.count] = (uintptr_t)arg;
	order.count++;
}

struct classes_scope {
	struct scope scope;
	struct irq_scope irq[14];
};

static void classes_leave(struct scope *scope)
{
	struct classes_scope *s = (struct classes_scope *)scope;

	for (unsigned int i = ARRAY_SIZE(s->irq); i--;)
		s->irq[i].scope.leave(&s->irq[i].scope);
}

static void classes_enter(struct classes_scope *s)
{
	struct scope *outer = cpu_self()->scopes;

	for (uintptr_t i = 0; i < ARRAY_SIZE(s->irq); i++)
		irq_enter(&s->irq[i], LOWEST + 16 * i, take,
			  (void *)(LOWEST + 16 * i));
	/* One scope for all: ours is left, and leaves theirs. */
	cpu_self()->scopes = outer;
	scope_enter(&s->scope, classes_leave);
	order.count = 0;
}

#define WITH_CLASSES()	SCOPE(classes_scope, classes_enter)

static void send_all_classes(void)
{
	for (unsigned int vector = LOWEST; vector < 256; vector += 16)
		send(vector);
}

/* Of classes @above and higher none is missing or out of order. */
static void expect_down_to(unsigned int from, unsigned int above)
{
	unsigned int n = 0;

	for (unsigned int class = from; class > above && class >= CLASS(LOWEST); class--)
		if (!EXPECT_EQ(order.taken[n++], class << 4 | (LOWEST & 15)))
			return;
	EXPECT_EQ(order.count, n);
}

static unsigned int classes_above(unsigned int class)
{
	return class < CLASS(LOWEST) ? 14 : 15 - class;
}

TEST(descending, "interrupts that wait are taken from the highest vector down")
{
	WITH_CLASSES() {
		send_all_classes();
		EXPECT_EQ(order.count, 0);
		irq_wait(&order.count, 14);
		expect_down_to(15, 0);
	}
}

TEST(task_priority, "TPR lets in the classes above its own, and when lowered the rest")
{
	for (unsigned int class = 0; class < 16; class++) SUBTEST("class %u", class)
		WITH_CLASSES() WITH_TPR(class << 4) {
			send_all_classes();
			irq_wait(&order.count, classes_above(class));
			expect_down_to(15, class);
			order.count = 0;
			apic_write(APIC_TPR, 0);
			irq_wait(&order.count, 14 - classes_above(class));
			expect_down_to(class, 0);
		}
}

#define OUTER		0x65
#define HIGHER		0x71
#define SAME_CLASS	0x6e
#define LOWER		0x41

static u32 higher, same_class, lower;
static struct {
	u32 higher, same_class, lower, depth;
	bool outer_in_service, inner_in_service;
} in_outer;

static void outer(void *arg)
{
	(void)arg;
	in_outer.depth++;
	send(LOWER);
	send(SAME_CLASS);
	send(HIGHER);
	irq_wait(&higher, 1);
	in_outer.higher = higher;
	in_outer.same_class = same_class;
	in_outer.lower = lower;
	in_outer.outer_in_service = apic_vector_is(APIC_ISR, OUTER);
	in_outer.inner_in_service = apic_vector_is(APIC_ISR, HIGHER);
}

TEST(nested, "a handler is interrupted by higher classes only; EOI ends the innermost")
{
	higher = same_class = lower = in_outer.depth = 0;
	WITH_IRQ(OUTER, outer, NULL) WITH_IRQ(HIGHER, irq_count, &higher)
		WITH_IRQ(SAME_CLASS, irq_count, &same_class)
			WITH_IRQ(LOWER, irq_count, &lower) {
				send(OUTER);
				irq_wait(&lower, 1);
				EXPECT_EQ(in_outer.depth, 1);
				EXPECT_EQ(in_outer.higher, 1);
				EXPECT_EQ(in_outer.same_class, 0);
				EXPECT_EQ(in_outer.lower, 0);
				EXPECT(in_outer.outer_in_service);
				EXPECT(!in_outer.inner_in_service);
				EXPECT_EQ(same_class, 1);
				EXPECT_EQ(lower, 1);
			}
}

static u32 depth, deepest;

static void itself(void *arg)
{
	u32 *count = arg;

	if (++depth > deepest)
		deepest = depth;
	/* While it is in service, IRR can hold one more. */
	if (++*count == 1) {
		send(VECTOR);
		send(VECTOR);
		irq_let_in();
	}
	depth--;
}

TEST(same_vector, "of an interrupt in service one more can wait, until EOI")
{
	u32 count = 0;

	depth = deepest = 0;
	WITH_IRQ(VECTOR, itself, &count) {
		send(VECTOR);
		EXPECT_TAKEN(&count, 2);
		EXPECT_EQ(deepest, 1);
	}
}

static u32 without_eoi, held_back;

TEST(no_eoi, "an interrupt without EOI holds back its own class and lower ones")
{
	struct irq old = irq_set(OUTER, (struct irq){ irq_count, &without_eoi, true });

	without_eoi = held_back = 0;
	WITH_IRQ(LOWER, irq_count, &held_back) {
		send(OUTER);
		EXPECT_TAKEN(&without_eoi, 1);
		send(OUTER);
		send(LOWER);
		irq_let_in();
		EXPECT_EQ(without_eoi, 1);
		EXPECT_EQ(held_back, 0);
		apic_eoi();
		EXPECT_TAKEN(&without_eoi, 2);
		EXPECT_EQ(held_back, 0);
		apic_eoi();
		EXPECT_TAKEN(&held_back, 1);
	}
	irq_set(OUTER, old);
}
