/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts, each of which must come exactly once: until they arrive, and what EOI costs. */
#include <apic.h>
#include <asm/cpu.h>
#include <cost.h>
#include <exception.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>

#define VECTOR		0x40
#define ARRIVAL_CYCLES	(1ull << 36)	/* some 20 s: then it is lost */

static u32 arrived;
static u64 eoi_cycles[COST_ROUNDS];

static void arrive(void *arg)
{
	u64 begin = rdtsc();

	(void)arg;
	apic_eoi();
	eoi_cycles[arrived % COST_ROUNDS] = rdtsc() - begin;
	atomic_add(&arrived, 1);
}

struct arrive_scope {
	struct scope scope;
	struct irq old;
};

static void arrive_leave(struct scope *scope)
{
	irq_set(VECTOR, ((struct arrive_scope *)scope)->old);
}

static void arrive_enter(struct arrive_scope *s)
{
	apic_enable();
	arrived = 0;
	scope_enter(&s->scope, arrive_leave);
	s->old = irq_set(VECTOR, (struct irq){ arrive, NULL, true });
}

#define WITH_ARRIVALS()	SCOPE(arrive_scope, arrive_enter)

/* Wait for the next interrupt in a way of @wait; it must come exactly once. */
static bool wait_arrival(u32 before, void (*wait)(void))
{
	u64 begin = rdtsc();

	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) == before) {
		wait();
		if (rdtsc() - begin > ARRIVAL_CYCLES)
			return false;
	}
	return arrived == before + 1;
}

static void wait_window(void)
{
	irq_window();
}

static void wait_halt(void)
{
	asm volatile("sti; hlt; cli" : : : "memory");
}

static void metric_of(const char *name, const char *part, u64 *cycles)
{
	char text[64];

	snprintf(text, sizeof(text), "%s%s", name, part);
	METRIC(text, median(cycles, COST_ROUNDS), "cycles");
}

enum { SILENT, TELL_PARTS };

static void measure_arrivals(const char *name, void (*raise)(void),
			     void (*wait)(void), int parts)
{
	u64 cycles[COST_ROUNDS], raising[COST_ROUNDS];

	for (unsigned int n = 0; n < COST_ROUNDS; n++) {
		u64 begin = rdtsc();

		raise();
		raising[n] = rdtsc() - begin;
		REQUIRE(wait_arrival(n, wait));
		cycles[n] = rdtsc() - begin;
	}
	metric_of(name, "", cycles);
	if (parts != TELL_PARTS)
		return;
	metric_of(name, "_icr", raising);
	metric_of(name, "_eoi", eoi_cycles);
}

static void send_self(void)
{
	if (apic_is_x2())
		wrmsr(MSR_X2APIC + APIC_SELF_IPI / 16, VECTOR);
	else
		apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
}

/* It waits for TPR; with interrupts on it comes when that is lowered. */
static void send_self_tpr(void)
{
	apic_write(APIC_TPR, 0xf0);
	send_self();
	apic_write(APIC_TPR, 0);
}

static void send_self_tpr_on(void)
{
	irq_enable();
	send_self_tpr();
}

static void wait_on(void)
{
	irq_exit();
}

static void self_ipi(const char *name, void (*raise)(void), void (*wait)(void))
{
	WITH_ARRIVALS() {
		measure_arrivals(name, raise, wait, TELL_PARTS);
		irq_let_in();
		EXPECT_EQ(arrived, COST_ROUNDS);
	}
}

#define SELF_IPI(id, sentence, raise, wait)				\
	TEST(self_ipi_##id, sentence)					\
	{								\
		self_ipi("self_ipi_" #id, raise, wait);			\
	}

SELF_IPI(sti_nop, "a self IPI, taken in the window after STI", send_self, wait_window)
SELF_IPI(sti_hlt, "a self IPI, taken at HLT", send_self, wait_halt)
SELF_IPI(tpr, "a self IPI, taken when TPR is lowered", send_self_tpr_on, wait_on)
SELF_IPI(tpr_sti_nop, "a self IPI that waits for TPR, taken in the window after STI",
	 send_self_tpr, wait_window)
SELF_IPI(tpr_sti_hlt, "a self IPI that waits for TPR, taken at HLT",
	 send_self_tpr, wait_halt)

static void deadline_now(void)
{
	wrmsr(MSR_TSC_DEADLINE, 1);
}

static void deadline_soon(void)
{
	wrmsr(MSR_TSC_DEADLINE, rdtsc() + 10000);
}

static void measure_deadline(const char *name, void (*raise)(void))
{
	WITH_ARRIVALS() {
		apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_DEADLINE | VECTOR);
		measure_arrivals(name, raise, wait_halt, SILENT);
		apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
		irq_let_in();
		EXPECT_EQ(arrived, COST_ROUNDS);
	}
}

TEST(tscdeadline_immed, "a TSC deadline in the past", REQUIRES(CPU_TSC_DEADLINE))
{
	measure_deadline("tscdeadline_immed", deadline_now);
}

TEST(tscdeadline, "a TSC deadline 10000 cycles ahead", REQUIRES(CPU_TSC_DEADLINE))
{
	measure_deadline("tscdeadline", deadline_soon);
}

static bool target_halts;

/* It has come once more when it is told to end. */
static void target(void *arg)
{
	(void)arg;
	while (__atomic_load_n(&arrived, __ATOMIC_ACQUIRE) <= COST_ROUNDS)
		if (target_halts)
			wait_halt();
		else
			irq_window();
	irq_let_in();
}

static u32 target_apic_id;

static void send_other(void)
{
	apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | VECTOR, target_apic_id);
}

static void measure_ipi(const char *name)
{
	smp_start();
	target_apic_id = cpu_get(1)->apic_id;
	WITH_ARRIVALS() {
		on_cpu_begin(1, target, NULL);
		measure_arrivals(name, send_other, cpu_relax, TELL_PARTS);
		EXPECT_EQ(arrived, COST_ROUNDS);
		send_other();
		on_cpu_end(1);
		EXPECT_EQ(arrived, COST_ROUNDS + 1);
	}
}

TEST(ipi, "an IPI to a CPU that runs", CPUS(2))
{
	target_halts = false;
	measure_ipi("ipi");
}

TEST(ipi_halt, "an IPI to a CPU that halts", CPUS(2))
{
	target_halts = true;
	measure_ipi("ipi_halt");
}

/* Last, as there are machines whose CPUs do not come back from x2APIC mode. */
#define X2APIC_SELF_IPI(id, sentence, raise, wait)			\
	TEST(x2apic_self_ipi_##id, sentence, REQUIRES(CPU_X2APIC))	\
	{								\
		WITH_APIC_MODE(APIC_X2)					\
			self_ipi("x2apic_self_ipi_" #id, raise, wait);	\
	}

X2APIC_SELF_IPI(sti_nop, "a self IPI in x2APIC mode, taken in the window after STI",
		send_self, wait_window)
X2APIC_SELF_IPI(sti_hlt, "a self IPI in x2APIC mode, taken at HLT", send_self, wait_halt)
X2APIC_SELF_IPI(tpr, "a self IPI in x2APIC mode, taken when TPR is lowered",
		send_self_tpr_on, wait_on)
X2APIC_SELF_IPI(tpr_sti_nop, "a self IPI in x2APIC mode that waits for TPR, taken in the window",
		send_self_tpr, wait_window)
X2APIC_SELF_IPI(tpr_sti_hlt, "a self IPI in x2APIC mode that waits for TPR, taken at HLT",
		send_self_tpr, wait_halt)
