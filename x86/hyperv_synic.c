/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hyper-V's synthetic interrupt controller (TLFS, "Virtual Interrupts", "Synthetic
 * Interrupt Controller"): 16 sources a CPU, each with a vector of its own, and without
 * EOI if it says so.
 *
 * One TEST: who runs this image by itself counts its result lines.
 */
#include <apic.h>
#include <exception.h>
#include <hyperv.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>

#define VECTOR		0xb0
#define AUTO_EOI	(BIT(3) | BIT(8) | BIT(10) | BIT(14))

static volatile u32 counts[IRQ_CPUS][HV_SINTS], totals[IRQ_CPUS];
static volatile u32 in_service[IRQ_CPUS];	/* bit a SINT: seen in the handler */

static void on_interrupt(void *arg)
{
	unsigned int sint = (uintptr_t)arg, cpu = cpu_index(), vector = VECTOR + sint;

	if (apic_read(APIC_ISR + vector / 32 * 0x10) >> vector % 32 & 1)
		in_service[cpu] |= BIT(sint);
	counts[cpu][sint]++;
	totals[cpu]++;
}

static void sints_set(void *arg)
{
	(void)arg;
	EXPECT_EQ(rdmsr(MSR_HV_SCONTROL), HV_ENABLE);
	EXPECT_EQ(rdmsr(MSR_HV_SVERSION), 1);
	EXPECT_EQ(rdmsr(MSR_HV_EOM), 0);
	EXPECT_EQ(rdmsr(MSR_HV_SIMP), (uintptr_t)hv_cpu(cpu_index())->messages | HV_ENABLE);
	EXPECT_EQ(rdmsr(MSR_HV_SIEFP), (uintptr_t)hv_cpu(cpu_index())->events | HV_ENABLE);
	/* Vectors below 16 are the CPU's own. */
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_HV_SINT(0), 15));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_HV_SVERSION, 1));
	for (unsigned int sint = 0; sint < HV_SINTS; sint++) {
		u64 value = (VECTOR + sint) | (AUTO_EOI >> sint & 1 ? HV_SINT_AUTO_EOI : 0);

		EXPECT_EQ(rdmsr(MSR_HV_SINT(sint)), HV_SINT_MASKED);
		wrmsr(MSR_HV_SINT(sint), value);
		EXPECT_EQ(rdmsr(MSR_HV_SINT(sint)), value);
	}
}

static unsigned int target(void)
{
	return cpu_count() - 1 - cpu_index();
}

static struct barrier raised;

static void raise_and_take(void *arg)
{
	(void)arg;
	for (unsigned int sint = 0; sint < HV_SINTS; sint++)
		hv_testdev(HV_ROUTE_RAISE, target(), sint, 0);
	barrier_wait(&raised);
	irq_wait(&totals[cpu_index()], HV_SINTS);
}

static void routes(enum hv_operation operation)
{
	for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
		for (unsigned int sint = 0; sint < HV_SINTS; sint++)
			hv_testdev(operation, cpu, sint, 0);
}

static void expect_counts(unsigned int cpu)
{
	for (unsigned int sint = 0; sint < HV_SINTS; sint++) {
		bool automatic = AUTO_EOI >> sint & 1;

		check_explained(CHECK_HERE("each SINT interrupts once"),
				counts[cpu][sint] == 1, "CPU %u took SINT %u %u times", cpu,
				sint, counts[cpu][sint]);
		check_explained(CHECK_HERE("in service unless it has no EOI"),
				(in_service[cpu] >> sint & 1) == !automatic,
				"CPU %u's SINT %u with%s EOI was %sin service", cpu, sint,
				automatic ? "out" : "", automatic ? "" : "not ");
	}
}

struct handlers_scope {
	struct scope scope;
};

static void handlers_leave(struct scope *scope)
{
	(void)scope;
	for (unsigned int sint = 0; sint < HV_SINTS; sint++)
		irq_set(VECTOR + sint, (struct irq){ .fn = NULL });
}

static void handlers_enter(struct handlers_scope *scope)
{
	for (uintptr_t sint = 0; sint < HV_SINTS; sint++)
		irq_set(VECTOR + sint, (struct irq){ .fn = on_interrupt, .arg = (void *)sint,
						     .no_eoi = AUTO_EOI >> sint & 1 });
	scope_enter(&scope->scope, handlers_leave);
}

TEST(routes, "each CPU raises every SINT of another, which takes each once, at its vector")
{
	if (!hyperv_has(HV_SYNIC))
		return skip("no SynIC");
	REQUIRE(cpu_count() <= IRQ_CPUS);
	memset((void *)counts, 0, sizeof(counts));
	memset((void *)totals, 0, sizeof(totals));
	memset((void *)in_service, 0, sizeof(in_service));
	raised = (struct barrier){ .expected = cpu_count() };
	WITH_SYNIC() SCOPE(handlers_scope, handlers_enter) {
		on_cpus(sints_set, NULL);
		routes(HV_ROUTE_CREATE);
		on_cpus(raise_and_take, NULL);
		routes(HV_ROUTE_DESTROY);
		hv_testdev(HV_ROUTE_RAISE, 0, 0, 0);
		irq_let_in();
		for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
			expect_counts(cpu);
	}
}
