/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Performance counters (SDM 3B, "Performance Monitoring"; SDM 2, RDPMC; APM 2,
 * "Performance Monitoring Counters").
 *
 * Numbers of instructions and branches are exact: two runs of a loop differ by what the
 * loop has more, whatever comes before and behind.  Times and caches are looked at only
 * for whether they count.  An interrupt of the host may add to a run, so that the least
 * of some runs counts.  Transactions are in pmu/transactions.c.
 */
#include <apic.h>
#include <exception.h>
#include <insn.h>
#include <irq.h>
#include <memory.h>
#include <pmu.h>
#include <scope.h>

#define VECTOR		0x61
#define LOOP		1000u		/* rounds */
#define LOOP_INSNS	10u		/* in a round, one of them a branch */
#define RUNS		8
#define AMD_SLACK	64u		/* VMRUN counts there, and what interrupts */

static struct pmu pmus[PMU_SCHEMES];

static void loop(unsigned long rounds)
{
	static volatile u32 word;

	asm volatile("1: mov %1, %%edx\n"
		     "nop\n nop\n nop\n nop\n nop\n nop\n nop\n"
		     "dec %0\n"
		     "jnz 1b\n"
		     : "+r"(rounds) : "m"(word) : "edx", "cc", "memory");
}

static struct fault rdpmc(u32 index, u64 *value)
{
	u32 low = 0, high = 0;
	struct fault fault = TRY_OUT("rdpmc", OUT("+a"(low), "+d"(high)), "c"(index));

	*value = (u64)high << 32 | low;
	return fault;
}

/* AMD's selectors and counters alternate. */
static void expect_counter(u32 select, u32 counter, u32 n)
{
	u64 value;

	EXPECT_FAULT(FAULT_NONE, try_rdmsr(select, NULL));
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(counter, NULL));
	EXPECT_FAULT(FAULT_NONE, rdpmc(n, &value));
}

TEST(announced, "counters that CPUID announces are there")
{
	u32 a = cpuid(0xa, 0).reg[CPUID_EAX], count = a >> 8 & 0xff;

	if (!pmu_announced())
		return skip("CPUID announces none");
	if (cpu_is_intel()) {
		EXPECT(count > 0);
		EXPECT((a >> 16 & 0xff) >= 32);
		for (u32 n = 0; n < count; n++)
			expect_counter(MSR_PERFEVTSEL(n), MSR_PERFCTR(n), n);
	} else {
		for (u32 n = 0; n < 6; n++)
			expect_counter(MSR_CORE_EVNTSEL(n), MSR_CORE_PERFCTR(n), n);
		EXPECT(pmus_find(pmus) > 1);
	}
}

TEST(absent, "without counters RDPMC is #GP(0) at every CPL, whatever CR4.PCE")
{
	u64 value;

	if (pmus_find(pmus) || pmu_announced())
		return skip("there are counters");
	for (unsigned int pce = 0; pce < 2; pce++)
		WITH_CR4(pce ? CR4_PCE : 0, pce ? 0 : CR4_PCE) {
			EXPECT_FAULT(FAULT_GP(0), rdpmc(0, &value));
			EXPECT_FAULT(FAULT_GP(0), rdpmc(RDPMC_FIXED, &value));
		}
}

static const u64 values[] = {
	0, 1, 0x7fffffff, 0x80000000, 0xffffffff, 0x123456789abcull, ~0ull,
};

/* What a counter has after a WRMSR. */
static u64 written(const struct pmu *pmu, u64 value)
{
	if (pmu->sign_extends)
		value = (int64_t)(int32_t)value;
	return value & pmu_mask(pmu->width);
}

TEST(registers, "counters and selectors read back, by RDMSR and by RDPMC")
{
	FOR_EACH_PMU(pmu)
		for (unsigned int n = 0; n < pmu->counters; n++) {
			u32 counter = pmu->counter + n * pmu->step;
			u64 select = 0xc0 | EVNTSEL_USR | EVNTSEL_INT, got;

			for_each(value, values) {
				u64 want = written(pmu, *value);
				bool wide = !pmu->sign_extends && pmu->intel &&
					*value & ~pmu_mask(pmu->width);

				/* Only Intel's full width refuses more. */
				EXPECT_FAULT(wide ? FAULT_GP(0) : FAULT_NONE,
					     try_wrmsr(counter, *value));
				if (wide)
					continue;
				EXPECT_EQ(rdmsr(counter), want);
				EXPECT_FAULT(FAULT_NONE, rdpmc(n, &got));
				EXPECT_EQ(got, want);
			}
			wrmsr(pmu->select + n * pmu->step, select);
			EXPECT_EQ(rdmsr(pmu->select + n * pmu->step), select);
		}
}

TEST(rdpmc_index, "RDPMC of a counter that is not there is #GP(0)")
{
	u64 value;

	FOR_EACH_PMU(pmu) {
		EXPECT_FAULT(FAULT_GP(0), rdpmc(64, &value));
		EXPECT_FAULT(FAULT_GP(0), rdpmc(0xffff, &value));
		EXPECT_FAULT(FAULT_NONE, rdpmc(pmu->counters - 1, &value));
		if (pmu->intel)
			EXPECT_FAULT(FAULT_GP(0), rdpmc(pmu->counters, &value));
		for (unsigned int n = 0; n < pmu->fixed; n++)
			EXPECT_FAULT(FAULT_NONE, rdpmc(RDPMC_FIXED | n, &value));
		if (pmu->intel)
			EXPECT_FAULT(FAULT_GP(0), rdpmc(RDPMC_FIXED | pmu->fixed, &value));
	}
}

TEST(rdpmc_fast, "RDPMC with bit 31 of ECX brings the low half, or is #GP(0)")
{
	FOR_EACH_PMU(pmu) {
		struct fault fault;
		u64 value;

		if (!pmu->intel) {
			skip("AMD has no fast mode");
			break;
		}
		wrmsr(pmu->counter, 0x7654321012345678 & pmu_mask(pmu->width));
		fault = rdpmc(RDPMC_FAST, &value);
		if (fault.raised)
			EXPECT_FAULT(FAULT_GP(0), fault);
		else
			EXPECT_EQ(value, 0x12345678);
	}
}

static void rdpmc_as_user(void *fault)
{
	u64 value;

	*(struct fault *)fault = rdpmc(0, &value);
}

TEST(rdpmc_user, "RDPMC at CPL 3 is #GP(0) while CR4.PCE is clear")
{
	struct fault fault;

	FOR_EACH_PMU(pmu)
		for (unsigned int pce = 0; pce < 2; pce++)
			WITH_CR4(pce ? CR4_PCE : 0, pce ? 0 : CR4_PCE) {
				user_call(rdpmc_as_user, &fault, 0);
				EXPECT_FAULT(pce ? FAULT_NONE : FAULT_GP(0), fault);
				rdpmc_as_user(&fault);
				EXPECT_FAULT(FAULT_NONE, fault);
			}
}

TEST(reserved, "reserved bits of Intel's selectors and controls are #GP(0)")
{
	FOR_EACH_PMU(pmu) {
		if (!pmu->intel) {
			skip("an AMD CPU");
			break;
		}
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(pmu->select, BIT(63)));
		if (pmu->version < 2)
			continue;
		for (unsigned int bit = pmu->counters; bit < 32; bit++)
			EXPECT_FAULT(FAULT_GP(0), try_wrmsr(pmu->global_ctrl, BIT(bit)));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(pmu->global_ctrl, BIT(32 + pmu->fixed)));
		EXPECT_FAULT(FAULT_GP(0), try_wrmsr(pmu->global_status, 1));
		EXPECT_FAULT(FAULT_GP(0),
			     try_wrmsr(MSR_FIXED_CTR_CTRL, BIT(4 * pmu->fixed)));
	}
}

/* What counter @n, or fixed counter n - pmu->counters, counts in so many rounds. */
static u64 measure(const struct pmu *pmu, unsigned int n, u32 event, u64 bits,
		   unsigned long rounds)
{
	u64 least = ~0ull;

	for (unsigned int run = 0; run < RUNS; run++) {
		u64 got;

		if (n < pmu->counters)
			pmu_start(pmu, n, event, 0, bits);
		else
			pmu_start_fixed(pmu, n - pmu->counters, 0, 0);
		loop(rounds);
		pmu_stop(pmu);
		got = n < pmu->counters ? pmu_read(pmu, n) :
			pmu_read_fixed(n - pmu->counters);
		least = got < least ? got : least;
	}
	return least;
}

static void expect_exact(const struct pmu *pmu, unsigned int n, u32 event, u64 want)
{
	u64 more = measure(pmu, n, event, 0, 2 * LOOP) - measure(pmu, n, event, 0, LOOP);

	check_explained(CHECK_HERE("a loop counts for what it has"),
			more + AMD_SLACK >= want && more <= want + AMD_SLACK &&
			(!pmu->intel || more == want),
			"counter %u, event %#x: %llu, not %llu", n, event,
			(unsigned long long)more, (unsigned long long)want);
}

TEST(instructions, "each counter counts a loop's instructions exactly")
{
	FOR_EACH_PMU(pmu) {
		for (unsigned int n = 0; n < pmu->counters; n++)
			expect_exact(pmu, n, pmu_event(pmu, PMU_INSTRUCTIONS),
				     LOOP * LOOP_INSNS);
		if (pmu->fixed)
			expect_exact(pmu, pmu->counters, 0, LOOP * LOOP_INSNS);
	}
}

TEST(branches, "each counter counts a loop's branches exactly")
{
	FOR_EACH_PMU(pmu)
		for (unsigned int n = 0; n < pmu->counters; n++)
			expect_exact(pmu, n, pmu_event(pmu, PMU_BRANCHES), LOOP);
}

TEST(nothing, "a counter that is off, or not for this CPL, counts nothing")
{
	FOR_EACH_PMU(pmu) {
		u32 event = pmu_event(pmu, PMU_INSTRUCTIONS);

		wrmsr(pmu->counter, 5);
		wrmsr(pmu->select, event | EVNTSEL_USR | EVNTSEL_OS);
		if (pmu->global_ctrl)
			wrmsr(pmu->global_ctrl, 1);
		loop(LOOP);
		EXPECT_EQ(pmu_read(pmu, 0), 5);
		wrmsr(pmu->select, event | EVNTSEL_USR | EVNTSEL_EN);
		loop(LOOP);
		pmu_stop(pmu);
		EXPECT(pmu_read(pmu, 0) < LOOP);
	}
}

#define FAR_SIZE	(1u << 20)

/* Misses caches and predictions once at least. */
static void stray(void)
{
	static u8 *far;
	u32 random = 1;

	if (!far)
		far = pages_alloc_permanent(FAR_SIZE / 4096, 4096);
	for (u32 at = 0; at < FAR_SIZE; at += 4096) {
		asm volatile("clflush %0; mfence" : : "m"(far[at]) : "memory");
		random = random * 1103515245 + 12345;
		if (random >> 16 & 1)
			far[at]++;
	}
}

TEST(events, "each event that is announced counts, on each counter")
{
	FOR_EACH_PMU(pmu)
		for (unsigned int event = 0; event < PMU_EVENTS; event++) {
			u32 select = pmu_event(pmu, event);

			for (unsigned int n = 0; select && n < pmu->counters; n++) {
				pmu_start(pmu, n, select, 0, 0);
				stray();
				pmu_stop(pmu);
				check_explained(CHECK_HERE("it counts"), pmu_read(pmu, n),
						"counter %u counts no %s", n,
						pmu_event_names[event]);
			}
		}
}

TEST(fixed, "each fixed counter counts")
{
	FOR_EACH_PMU(pmu) {
		if (!pmu->fixed) {
			skip("no fixed counters");
			break;
		}
		for (unsigned int n = 0; n < pmu->fixed && n < 3; n++) {
			pmu_start_fixed(pmu, n, 0, 0);
			loop(LOOP);
			pmu_stop(pmu);
			EXPECT(pmu_read_fixed(n) > 0);
		}
	}
}

TEST(together, "all counters count at once")
{
	FOR_EACH_PMU(pmu) {
		for (unsigned int n = 0; n < pmu->counters; n++)
			pmu_start(pmu, n, pmu_event(pmu, n % 2 ? PMU_BRANCHES :
						    PMU_INSTRUCTIONS), 0, 0);
		loop(LOOP);
		pmu_stop(pmu);
		for (unsigned int n = 0; n < pmu->counters; n++)
			EXPECT(pmu_read(pmu, n) >= (n % 2 ? LOOP : LOOP * LOOP_INSNS) -
			       (pmu->intel ? 0 : AMD_SLACK));
	}
}

TEST(running, "WRMSR to a running counter takes effect")
{
	FOR_EACH_PMU(pmu) {
		u64 got;

		pmu_start(pmu, 0, pmu_event(pmu, PMU_INSTRUCTIONS), 0, 0);
		loop(LOOP);
		wrmsr(pmu->counter, 0x10000000);
		loop(LOOP);
		pmu_stop(pmu);
		got = pmu_read(pmu, 0);
		EXPECT(got >= 0x10000000 + LOOP * LOOP_INSNS - (pmu->intel ? 0 : AMD_SLACK));
		EXPECT(got < 0x20000000);
	}
}

TEST(running_wrap, "WRMSR of all ones to a running counter: the next event wraps it")
{
	FOR_EACH_PMU(pmu) {
		if (!pmu->global_status) {
			skip("no status that would tell");
			break;
		}
		pmu_start(pmu, 0, pmu_event(pmu, PMU_INSTRUCTIONS), 0, 0);
		loop(LOOP);
		EXPECT_EQ(rdmsr(pmu->global_status) & 1, 0);
		wrmsr(pmu->counter, ~0ull & pmu_mask(pmu->sign_extends ? 32 : pmu->width));
		loop(LOOP);
		pmu_stop(pmu);
		EXPECT_EQ(rdmsr(pmu->global_status) & 1, 1);
		EXPECT(pmu_read(pmu, 0) < 0x10000000);
		wrmsr(pmu->global_clear, 1);
	}
}

TEST(mask, "CMASK counts cycles with so many instructions: fewer than there are")
{
	FOR_EACH_PMU(pmu)
		EXPECT(measure(pmu, 0, pmu_event(pmu, PMU_INSTRUCTIONS), EVNTSEL_CMASK(2),
			       LOOP) < LOOP * LOOP_INSNS);
}

static u32 pmis;

static void expect_overflow(const struct pmu *pmu, unsigned int n)
{
	u64 interrupt = n % 2 ? EVNTSEL_INT : 0, bit = BIT(n);

	pmis = 0;
	apic_write(APIC_LVT_PMC, APIC_DM_FIXED | VECTOR);
	irq_enable();
	pmu_start(pmu, n, pmu_event(pmu, PMU_INSTRUCTIONS),
		  -(u64)(LOOP * LOOP_INSNS / 2) & pmu_mask(pmu->width), interrupt);
	loop(LOOP);
	irq_disable();
	pmu_stop(pmu);
	if (interrupt)
		irq_wait(&pmis, 1);
	else
		irq_let_in();
	EXPECT_EQ(pmis, interrupt ? 1 : 0);
	EXPECT(pmu_read(pmu, n) < LOOP * LOOP_INSNS * 2);
	if (!pmu->global_status)
		return;
	EXPECT_EQ(rdmsr(pmu->global_status) & bit, bit);
	wrmsr(pmu->global_clear, bit);
	EXPECT_EQ(rdmsr(pmu->global_status) & bit, 0);
}

TEST(overflow, "a counter that wraps goes on from 0, tells so, and interrupts if it is to")
{
	apic_enable();
	WITH_IRQ(VECTOR, irq_count, &pmis)
		FOR_EACH_PMU(pmu)
			for (unsigned int n = 0; n < pmu->counters; n++)
				expect_overflow(pmu, n);
	apic_write(APIC_LVT_PMC, APIC_LVT_MASKED | APIC_DM_FIXED | VECTOR);
}

TEST(emulated, "instructions that the hypervisor executes are counted")
{
	FOR_EACH_PMU(pmu) {
		u64 least = ~0ull;

		for (unsigned int run = 0; run < RUNS; run++) {
			u64 got;

			pmu_start(pmu, 0, pmu_event(pmu, PMU_INSTRUCTIONS), 0, 0);
			for (unsigned int i = 0; i < LOOP / 10; i++)
				cpuid(0, 0);
			pmu_stop(pmu);
			got = pmu_read(pmu, 0);
			least = got < least ? got : least;
		}
		EXPECT(least >= LOOP / 10);
	}
}

TEST(emulated_forced, "instructions and branches that KVM's emulator executes are counted",
     DEVICE(DEVICE_FEP))
{
	FOR_EACH_PMU(pmu)
		for (unsigned int branches = 0; branches < 2; branches++) {
			pmu_start(pmu, 0, pmu_event(pmu, branches ? PMU_BRANCHES :
						    PMU_INSTRUCTIONS), 0, 0);
			for (unsigned int i = 0; i < 5; i++)
				TRY_FORCED("jmp 1f; 1:");
			pmu_stop(pmu);
			EXPECT(pmu_read(pmu, 0) >= 5);
		}
}
