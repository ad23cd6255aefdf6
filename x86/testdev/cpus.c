/* SPDX-License-Identifier: BSD-2-Clause */
/* CPUs and their time, MSRs, pending events, and counters. */
#include <apic.h>
#include <asm/cpu.h>
#include <clock.h>
#include <kvm.h>
#include <exception.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

#define HOLD_US		5000

TEST(stop_self, "a CPU that is stopped goes on when its time is over",
     DEVICE(TESTDEV_STOP))
{
	u64 begin = rdtsc();

	ASK(CPU_STOP, ABI_SELF, HOLD_US);
	EXPECT(rdtsc() - begin >= clock_us_to_ticks(HOLD_US));
}

static u32 stop, turns;

static void turn(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE))
		atomic_add(&turns, 1);
}

/* Did CPU 1 stand still for a while?  This CPU may itself be away meanwhile. */
static bool stands_still(void)
{
	u32 before;

	ASK(CPU_STOP, cpu_get(1)->apic_id, 200000);
	delay_us(20000);
	before = __atomic_load_n(&turns, __ATOMIC_ACQUIRE);
	delay_us(20000);
	return __atomic_load_n(&turns, __ATOMIC_ACQUIRE) == before;
}

TEST(stop_other, "a CPU that another one stops stands still",
     CPUS(2), DEVICE(TESTDEV_STOP))
{
	bool still = false;

	stop = turns = 0;
	on_cpu_begin(1, turn, NULL);
	while (!__atomic_load_n(&turns, __ATOMIC_ACQUIRE))
		cpu_relax();
	for (unsigned int i = 0; i < 10 && !still; i++)
		still = stands_still();
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	on_cpu_end(1);
	EXPECT(still);
}

TEST(steal, "KVM tells the guest of time that was stolen", DEVICE(TESTDEV_STEAL),
     REQUIRES(CPU_KVM_STEAL_TIME))
{
	static volatile struct kvm_steal_time time;
	u64 before;

	WITH_MSR(MSR_KVM_STEAL_TIME, (uintptr_t)&time | KVM_MSR_ENABLED) {
		testdev_exits();
		before = time.steal;
		ASK(CPU_STEAL, ABI_SELF, 50000);
		/* It is accounted for when the CPU is entered again. */
		for (unsigned int i = 0; i < 200 && time.steal == before; i++) {
			delay_us(1000);
			testdev_exits();
		}
		EXPECT(time.steal > before);
	}
}

#define SECONDS_10	10000000000ull

TEST(clock_shift, "KVM's clock leaps when it is told to", DEVICE(TESTDEV_CLOCK),
     REQUIRES(CPU_KVM_CLOCKSOURCE2))
{
	static volatile struct kvm_clock clock;
	u64 before;

	WITH_MSR(MSR_KVM_SYSTEM_TIME, (uintptr_t)&clock | KVM_MSR_ENABLED) {
		testdev_exits();
		before = clock.time;
		ASK(CLOCK_SHIFT, SECONDS_10);
		testdev_exits();
		EXPECT(clock.time - before >= SECONDS_10);
		EXPECT(!(clock.flags & KVM_CLOCK_STOPPED));
		ASK(CLOCK_PAUSED, ABI_SELF);
		testdev_exits();
		EXPECT(clock.flags & KVM_CLOCK_STOPPED);
	}
	EXPECT_EQ(REQUEST(CLOCK_PAUSED, ABI_SELF).status, ABI_REQUEST_REFUSED);
}

TEST(tsc_shift, "the TSC leaps when it is told to, forward and back", DEVICE(TESTDEV_TSC))
{
	const u64 leap = BIT(45);
	u64 before = rdmsr(MSR_TSC), after;

	ASK(TSC_SHIFT, ABI_SELF, leap);
	after = rdmsr(MSR_TSC);
	EXPECT(after - before >= leap);
	ASK(TSC_SHIFT, ABI_SELF, -leap);
	EXPECT(rdmsr(MSR_TSC) - before < leap);
}

TEST(msr_fault, "a denied MSR is #GP(0), by the kernel", DEVICE(TESTDEV_MSRS))
{
	u64 old = rdmsr(MSR_SYSENTER_CS);

	ASK(MSR_DENY, MSR_SYSENTER_CS, 1, ABI_MSR_WRITE);
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_SYSENTER_CS, NULL));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_SYSENTER_CS, old));
	EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_SYSENTER_ESP, 0));
	ASK(MSR_DENY, MSR_SYSENTER_CS, 2, ABI_MSR_READ);
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_SYSENTER_CS, NULL));
	EXPECT_FAULT(FAULT_GP(0), try_rdmsr(MSR_SYSENTER_ESP, NULL));
	ASK(MSR_ALLOW);
	EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_SYSENTER_CS, old));
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_SYSENTER_ESP, NULL));
}

TEST(msr_exit, "the VMM answers for an MSR, and sees what is written",
     DEVICE(TESTDEV_MSRS))
{
	u64 old = rdmsr(MSR_SYSENTER_CS), value;
	struct abi_request seen;

	ASK(MSR_DENY, MSR_SYSENTER_CS, 1,
	    ABI_MSR_READ | ABI_MSR_WRITE | ABI_MSR_EXIT);
	ASK(MSR_ANSWER, 0x1234567890ull);
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_SYSENTER_CS, &value));
	EXPECT_EQ(value, 0x1234567890ull);
	seen = REQUEST(MSR_SEEN);
	EXPECT_FAULT(FAULT_NONE, try_wrmsr(MSR_SYSENTER_CS, 0x5550));
	EXPECT_EQ(REQUEST(MSR_SEEN).result[0], seen.result[0] + BIT(32));
	EXPECT_EQ((u32)REQUEST(MSR_SEEN).result[0], MSR_SYSENTER_CS);
	EXPECT_EQ(REQUEST(MSR_SEEN).result[1], 0x5550);
	ASK(MSR_ALLOW);
	EXPECT_EQ(rdmsr(MSR_SYSENTER_CS), old);
}

TEST(msr_full, "there is room for 16 filters", DEVICE(TESTDEV_MSRS))
{
	for (unsigned int i = 0; i < 16; i++)
		EXPECT_EQ(REQUEST(MSR_DENY, 0xc0002000 + i, 1, ABI_MSR_READ).status,
			  ABI_REQUEST_DONE);
	EXPECT_EQ(REQUEST(MSR_DENY, 0xc0002010, 1, ABI_MSR_READ).status,
		  ABI_REQUEST_FULL);
	ASK(MSR_ALLOW);
}

static u32 nmis;
static bool masked_in_nmi;

static struct abi_events events_now(void)
{
	struct abi_events events = { 0 };

	ASK(EVENTS_GET, ABI_SELF, (uintptr_t)&events);
	asm volatile("" : "+m"(events) : : "memory");
	return events;
}

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	nmis++;
	masked_in_nmi = events_now().nmi_masked;
	return true;
}

TEST(events, "an NMI by way of KVM's pending events, and its mask in the handler",
     DEVICE(TESTDEV_EVENTS))
{
	struct abi_events events = events_now();

	EXPECT(!events.nmi_masked && !events.nmi_pending);
	nmis = masked_in_nmi = 0;
	exception_handle(VECTOR_NMI, on_nmi);
	events.nmi_pending = 1;
	ASK(EVENTS_SET, ABI_SELF, (uintptr_t)&events);
	for (u32 n = 0; n < 10000 && !*(volatile u32 *)&nmis; n++)
		cpu_relax();
	exception_handle(VECTOR_NMI, NULL);
	EXPECT_EQ(nmis, 1);
	EXPECT(masked_in_nmi);
	EXPECT(!events_now().nmi_masked);
}

#define EXIT_IO		2	/* KVM_EXIT_IO */

TEST(exits, "exits are counted by CPU and by reason", DEVICE(TESTDEV_EXITS))
{
	u64 before = ASK(EXITS, ABI_SELF, EXIT_IO), all;

	out8(0x80, 0);
	out8(0x80, 0);
	/* Two, and the second question. */
	EXPECT_EQ(ASK(EXITS, ABI_SELF, EXIT_IO), before + 3);
	all = ASK(EXITS, ABI_ALL, ABI_ALL);
	EXPECT(all >= ASK(EXITS, ABI_SELF, ABI_ALL) - 1);
	EXPECT_EQ(ASK(EXITS, ABI_SELF, 5), 0);	/* KVM_EXIT_HLT: not with APICs */
}

TEST(exit_limit, "a limit on exits holds", DEVICE(TESTDEV_EXITS))
{
	WITH_EXIT_LIMIT(2) {
		out8(0x80, 0);
		out8(0x80, 0);
	}
	EXPECT_EXITS_AT_MOST(0, turns++);
}

TEST(exit_limit_fails, "one exit too many is seen", DEVICE(TESTDEV_EXITS),
     XFAIL("it must fail"))
{
	EXPECT_EXITS_AT_MOST(0, out8(0x80, 0));
}

TEST(statistic, "KVM's statistics by name", DEVICE(TESTDEV_STATS))
{
	static const char exits[] = "exits", none[] = "no_such_statistic";
	u64 before = ASK(STATISTIC, ABI_SELF, (uintptr_t)exits);

	for (unsigned int i = 0; i < 10; i++)
		out8(0x80, 0);
	EXPECT(ASK(STATISTIC, ABI_SELF, (uintptr_t)exits) >= before + 10);
	EXPECT_EQ(REQUEST(STATISTIC, ABI_SELF, (uintptr_t)none).status,
		  ABI_REQUEST_WRONG);
	EXPECT_EQ(REQUEST(STATISTIC, ABI_ALL, (uintptr_t)none).status,
		  ABI_REQUEST_WRONG);
}

#define EXITS_EACH	1000

static void exit_often(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < EXITS_EACH; i++)
		out8(0x80, 0);
}

TEST(exits_at_once, "all CPUs exit at once, and each exit is counted once",
     CPUS(2), DEVICE(TESTDEV_EXITS))
{
	u64 before, alone, all;

	smp_start();
	before = rdtsc();
	exit_often(NULL);
	alone = rdtsc() - before;
	before = ASK(EXITS, ABI_ALL, EXIT_IO);
	all = rdtsc();
	on_cpus(exit_often, NULL);
	all = rdtsc() - all;
	EXPECT_EQ(ASK(EXITS, ABI_ALL, EXIT_IO) - before, EXITS_EACH * cpu_count() + 1);
	METRIC("exit_alone", (u32)alone / EXITS_EACH, "cycles");
	METRIC("exit_at_once", (u32)all / EXITS_EACH, "cycles");
}
