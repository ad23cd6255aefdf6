/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What KVM offers a guest beyond a machine, by MSR (its msr.rst) and by hypercall
 * (hypercalls.rst), as CPUID announces it (cpuid.rst): EOI without an exit, wake-ups,
 * IPIs and yielding by hypercall, stolen time, polling.
 */
#include <apic.h>
#include <clock.h>
#include <exception.h>
#include <insn.h>
#include <irq.h>
#include <kvm.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

#define VECTOR		0x60
#define IPIS		10

#define SEND_IPI(mask, first, icr)	KVM_CALL(KVM_HC_SEND_IPI, mask, 0, first, icr)

/* A hypercall that a hypervisor restarts for ever ends the TEST. */
static long call(struct kvm_call call)
{
	long result;

	WITH_WATCHDOG()
		EXPECT_FAULT(FAULT_NONE, kvm_hypercall(call, &result));
	return result;
}

static const struct {
	const char *what;
	unsigned int feature;
	u32 msr;
	u64 bits;
	struct fault fault;
} msrs[] = {
	{ "PV_EOI_EN: 0",	 CPU_KVM_PV_EOI,       MSR_KVM_PV_EOI_EN,    0,	     AS_NONE },
	{ "PV_EOI_EN: bit 1",	 CPU_KVM_PV_EOI,       MSR_KVM_PV_EOI_EN,    BIT(1) | 1, AS_GP(0) },
	{ "STEAL_TIME: 0",	 CPU_KVM_STEAL_TIME,   MSR_KVM_STEAL_TIME,   0,	     AS_NONE },
	{ "STEAL_TIME: bit 1",	 CPU_KVM_STEAL_TIME,   MSR_KVM_STEAL_TIME,   BIT(1), AS_GP(0) },
	{ "STEAL_TIME: bit 5",	 CPU_KVM_STEAL_TIME,   MSR_KVM_STEAL_TIME,   BIT(5), AS_GP(0) },
	{ "POLL_CONTROL: 0",	 CPU_KVM_POLL_CONTROL, MSR_KVM_POLL_CONTROL, 0,	     AS_NONE },
	{ "POLL_CONTROL: 1",	 CPU_KVM_POLL_CONTROL, MSR_KVM_POLL_CONTROL, 1,	     AS_NONE },
	{ "POLL_CONTROL: bit 1", CPU_KVM_POLL_CONTROL, MSR_KVM_POLL_CONTROL, BIT(1), AS_GP(0) },
	{ "POLL_CONTROL: bit 63", CPU_KVM_POLL_CONTROL, MSR_KVM_POLL_CONTROL, BIT(63), AS_GP(0) },
};

TEST(msrs, "reserved bits of KVM's MSRs are #GP(0); what is written reads back",
     DEVICE(DEVICE_KVM))
{
	for_each(row, msrs) SUBTEST("%s", row->what) {
		u64 old;

		if (!cpu_has(row->feature)) {
			skip("CPUID does not announce it");
			continue;
		}
		old = rdmsr(row->msr);
		WITH_MSR(row->msr, old) {
			EXPECT_FAULT(row->fault, try_wrmsr(row->msr, row->bits));
			EXPECT_EQ(rdmsr(row->msr), row->fault.raised ? old : row->bits);
		}
	}
}

static const struct {
	const char *what;
	unsigned int feature;
	u32 msr;
} announced[] = {
	{ "WALL_CLOCK",	       CPU_KVM_CLOCKSOURCE2,	  MSR_KVM_WALL_CLOCK },
	{ "SYSTEM_TIME",       CPU_KVM_CLOCKSOURCE2,	  MSR_KVM_SYSTEM_TIME },
	{ "old WALL_CLOCK",    CPU_KVM_CLOCKSOURCE,	  MSR_KVM_WALL_CLOCK_OLD },
	{ "old SYSTEM_TIME",   CPU_KVM_CLOCKSOURCE,	  MSR_KVM_SYSTEM_TIME_OLD },
	{ "ASYNC_PF_EN",       CPU_KVM_ASYNC_PF,	  MSR_KVM_ASYNC_PF_EN },
	{ "ASYNC_PF_INT",      CPU_KVM_ASYNC_PF_INT,	  MSR_KVM_ASYNC_PF_INT },
	{ "ASYNC_PF_ACK",      CPU_KVM_ASYNC_PF_INT,	  MSR_KVM_ASYNC_PF_ACK },
	{ "STEAL_TIME",	       CPU_KVM_STEAL_TIME,	  MSR_KVM_STEAL_TIME },
	{ "PV_EOI_EN",	       CPU_KVM_PV_EOI,		  MSR_KVM_PV_EOI_EN },
	{ "POLL_CONTROL",      CPU_KVM_POLL_CONTROL,	  MSR_KVM_POLL_CONTROL },
	{ "MIGRATION_CONTROL", CPU_KVM_MIGRATION_CONTROL, MSR_KVM_MIGRATION_CONTROL },
};

/* KVM_CAP_ENFORCE_PV_FEATURE_CPUID; without it KVM gives what it does not announce. */
TEST(enforced, "argument enforced=1: what CPUID does not announce is #GP(0), the rest there",
     DEVICE(DEVICE_KVM))
{
	u64 enforced;

	if (!parameter("enforced", &enforced) || !enforced)
		return skip("argument enforced=1 is not there");
	for_each(row, announced) SUBTEST("%s", row->what) {
		struct fault want = cpu_has(row->feature) ? FAULT_NONE : FAULT_GP(0);

		EXPECT_FAULT(want, try_rdmsr(row->msr, NULL));
		EXPECT_FAULT(want, try_wrmsr(row->msr, 0));
	}
}

static volatile u32 eoi_word __attribute__((aligned(4)));
static struct {
	u32 count, spared, not_in_service;
} eoi;

static bool vector_in_service(void)
{
	return apic_read(APIC_ISR + VECTOR / 32 * 0x10) >> VECTOR % 32 & 1;
}

static void on_eoi(void *arg)
{
	(void)arg;
	/* First the word: KVM takes the offer back when it looks. */
	if (__atomic_exchange_n(&eoi_word, 0, __ATOMIC_SEQ_CST) & 1) {
		eoi.spared++;
	} else {
		eoi.not_in_service += !vector_in_service();
		apic_eoi();
	}
	eoi.count++;
}

struct eoi_scope {
	struct scope scope;
};

static void eoi_leave(struct scope *scope)
{
	(void)scope;
	wrmsr(MSR_KVM_PV_EOI_EN, 0);
	irq_set(VECTOR, (struct irq){ .fn = NULL });
}

static void eoi_enter(struct eoi_scope *scope)
{
	memset(&eoi, 0, sizeof(eoi));
	eoi_word = 0;
	apic_enable();
	irq_set(VECTOR, (struct irq){ .fn = on_eoi, .no_eoi = true });
	wrmsr(MSR_KVM_PV_EOI_EN, (uintptr_t)&eoi_word | KVM_MSR_ENABLED);
	scope_enter(&scope->scope, eoi_leave);
}

TEST(pv_eoi, "an interrupt whose bit is set needs no EOI: clearing the bit is one",
     REQUIRES(CPU_KVM_PV_EOI))
{
	SCOPE(eoi_scope, eoi_enter)
		for (unsigned int i = 1; i <= IPIS; i++) {
			apic_ipi(APIC_DM_FIXED | APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
			REQUIRE(irq_wait(&eoi.count, i));
			EXPECT_EQ(eoi.count, i);
			EXPECT(!vector_in_service());
			EXPECT_EQ(eoi_word & 1, 0);
		}
	EXPECT_EQ(eoi.not_in_service, 0);
	METRIC("spared", eoi.spared, "EOIs");
}

static u32 ids[IRQ_CPUS];

static void note_id(void *arg)
{
	(void)arg;
	apic_enable();
	ids[cpu_index()] = apic_id();
}

static struct arrivals ipis;

TEST(send_ipi, "SEND_IPI interrupts each CPU of the mask once, and tells how many",
     REQUIRES(CPU_KVM_PV_SEND_IPI))
{
	REQUIRE(cpu_count() <= 32);
	on_cpus(note_id, NULL);
	WITH_IRQ(VECTOR, irq_arrive, &ipis) {
		for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
			SUBTEST("CPU %u", cpu) {
				EXPECT_EQ(call(SEND_IPI(1, ids[cpu], VECTOR)), 1);
				EXPECT_ARRIVALS(&ipis, BIT(cpu));
			}
		SUBTEST("all") {
			unsigned long mask = 0;

			for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
				mask |= BIT(ids[cpu]);
			EXPECT_EQ(call(SEND_IPI(mask, 0, VECTOR)), cpu_count());
			EXPECT_ARRIVALS(&ipis, irq_all_cpus());
		}
		/* KVM doc, hypercalls.rst: the mask's first id; here none has any of them. */
		SUBTEST("ids that nobody has") {
			EXPECT_EQ(call(SEND_IPI(0xffffffff, 0xffffffff, VECTOR)), 0);
			EXPECT_ARRIVALS(&ipis, 0);
		}
		SUBTEST("a shorthand is refused") {
			EXPECT_EQ(call(SEND_IPI(1, ids[0], APIC_DEST_SELF | VECTOR)),
				  -KVM_EINVAL);
			EXPECT_ARRIVALS(&ipis, 0);
		}
	}
}

static struct {
	u32 halting, awake;
} sleeper;

static void sleep_once(void *arg)
{
	(void)arg;
	__atomic_store_n(&sleeper.halting, 1, __ATOMIC_RELEASE);
	/* With interrupts off nothing else wakes it. */
	asm volatile("cli; hlt" : : : "memory");
	__atomic_store_n(&sleeper.awake, 1, __ATOMIC_RELEASE);
}

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	return true;
}

static bool wakes(void)
{
	u64 end = rdtsc() + clock_us_to_ticks(1000000);

	while (!__atomic_load_n(&sleeper.awake, __ATOMIC_ACQUIRE) && rdtsc() < end)
		cpu_relax();
	return sleeper.awake;
}

struct sleeper_scope {
	struct scope scope;
};

/* However the TEST ends, the other CPU must not sleep on. */
static void sleeper_leave(struct scope *scope)
{
	(void)scope;
	exception_handle(VECTOR_NMI, on_nmi);
	if (!sleeper.awake)
		apic_ipi(APIC_DM_NMI | APIC_INT_ASSERT, ids[1]);
	on_cpu_end(1);
	exception_handle(VECTOR_NMI, NULL);
}

static void sleeper_enter(struct sleeper_scope *scope)
{
	sleeper.halting = sleeper.awake = 0;
	on_cpu_begin(1, sleep_once, NULL);
	scope_enter(&scope->scope, sleeper_leave);
	while (!__atomic_load_n(&sleeper.halting, __ATOMIC_ACQUIRE))
		cpu_relax();
}

TEST(kick_cpu, "KICK_CPU ends another CPU's HLT, whatever its RFLAGS.IF", CPUS(2),
     REQUIRES(CPU_KVM_PV_UNHALT))
{
	on_cpus(note_id, NULL);
	SCOPE(sleeper_scope, sleeper_enter) {
		delay_us(1000);
		EXPECT_EQ(__atomic_load_n(&sleeper.awake, __ATOMIC_ACQUIRE), 0);
		EXPECT_EQ(call(KVM_CALL(KVM_HC_KICK_CPU, 0, ids[1])), 0);
		EXPECT(wakes());
	}
}

TEST(sched_yield, "SCHED_YIELD is 0, to a CPU that is there and to one that is not",
     REQUIRES(CPU_KVM_PV_SCHED_YIELD))
{
	on_cpus(note_id, NULL);
	for (unsigned int cpu = 0; cpu < cpu_count(); cpu++)
		EXPECT_EQ(call(KVM_CALL(KVM_HC_SCHED_YIELD, ids[cpu])), 0);
	EXPECT_EQ(call(KVM_CALL(KVM_HC_SCHED_YIELD, 250)), 0);
}

static void call_as_user(void *result)
{
	EXPECT_FAULT(FAULT_NONE,
		     kvm_hypercall(KVM_CALL(KVM_HC_VAPIC_POLL_IRQ), result));
}

TEST(privilege, "hypercalls are CPL 0's; CPL 3 gets EPERM", DEVICE(DEVICE_KVM))
{
	long result = 0;

	EXPECT_EQ(call(KVM_CALL(KVM_HC_VAPIC_POLL_IRQ)), 0);
	user_call(call_as_user, &result, 0);
	EXPECT_EQ(result, -KVM_EPERM);
}

static void wake_by_timer(u32 *woken)
{
	apic_write(APIC_TDCR, APIC_TDCR_BY_1);
	apic_write(APIC_LVT_TIMER, APIC_LVT_TIMER_PERIODIC | VECTOR);
	/* Again and again: one that came between STI and HLT would not wake. */
	apic_write(APIC_TMICT, 100000);
	while (!*(volatile u32 *)woken)
		asm volatile("sti; hlt; cli" : : : "memory");
	apic_write(APIC_LVT_TIMER, APIC_LVT_MASKED);
	apic_write(APIC_TMICT, 0);
}

TEST(poll_control, "polling before HLT is on at first, and makes no difference to HLT",
     REQUIRES(CPU_KVM_POLL_CONTROL))
{
	EXPECT_EQ(rdmsr(MSR_KVM_POLL_CONTROL), 1);
	apic_enable();
	for (unsigned int poll = 0; poll < 2; poll++)
		SUBTEST("%u", poll)
			WITH_MSR(MSR_KVM_POLL_CONTROL, poll) {
				u32 woken = 0;

				WITH_IRQ(VECTOR, irq_count, &woken)
					wake_by_timer(&woken);
				EXPECT(woken > 0);
			}
}

static volatile struct kvm_steal_time steal;

TEST(steal_time, "stolen time only grows, by no more than has passed",
     DEVICE(TESTDEV_STEAL, TESTDEV_STATE), REQUIRES(CPU_KVM_STEAL_TIME,
						    CPU_KVM_CLOCKSOURCE2))
{
	static volatile struct kvm_clock clock;

	memset((void *)&steal, 0, sizeof(steal));
	WITH_MSR(MSR_KVM_SYSTEM_TIME, (uintptr_t)&clock | KVM_MSR_ENABLED)
	WITH_MSR(MSR_KVM_STEAL_TIME, (uintptr_t)&steal | KVM_MSR_ENABLED) {
		u64 begin, before, last;

		irq_exit();
		begin = kvm_clock_read(&clock);
		before = last = steal.steal;
		ASK(CPU_STEAL, ABI_SELF, 30000);
		for (unsigned int i = 0; i < 200 && steal.steal == before; i++) {
			delay_us(1000);
			irq_exit();
			EXPECT(steal.steal >= last);
			last = steal.steal;
		}
		EXPECT(steal.steal > before);
		/* It is told when the CPU comes back, and what went before counts. */
		EXPECT_EQ(steal.version & 1, 0);
		EXPECT_EQ(steal.preempted, 0);
		EXPECT(steal.steal - before <= kvm_clock_read(&clock) - begin + 1000000000);
	}
}
