/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's hart state management (9). */
#include <asm/cpu.h>
#include <clock.h>
#include <hart_probe.h>
#include <harts.h>
#include <sbi.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define PATIENCE_US	20000000
#define BIT_63		(IS_64BIT ? 1ul << (8 * WORD_BYTES - 1) : 0)

/* States on the way there are those of 9.1, figure 1, and no others. */
static bool becomes(unsigned int cpu, long state, long on_the_way, long at_first)
{
	u64 begin = clock_ticks(), most = clock_us_to_ticks(PATIENCE_US);
	long now;

	while ((now = sbi_hart_status(hart_of(cpu))) != state) {
		if (now != on_the_way && now != at_first)
			EXPECT_EQ(now, state);
		if ((now != on_the_way && now != at_first) || clock_ticks() - begin > most)
			return false;
	}
	return true;
}

static void nothing(void *arg)
{
	(void)arg;
}

/* So that the harness finds it as it left it. */
static void start_again(unsigned int cpu)
{
	REQUIRE_EQ(hart_start_again(cpu), SBI_SUCCESS);
	on_cpu(cpu, nothing, NULL);
}

static void stop(void *arg)
{
	atomic_add(arg, hart_stop() != 0);
}

static u32 came_back;

static void require_stopped(unsigned int cpu)
{
	on_cpu(cpu, stop, &came_back);
	REQUIRE(becomes(cpu, HSM_STOPPED, HSM_STOP_PENDING, HSM_STARTED));
	/* OpenSBI 1.1 starts a hart that does not wait yet at its former address. */
	delay_us(2000);
}

TEST(hsm_started, "this hart is started, and cannot be once more", DEVICE(DEVICE_SBI_HSM))
{
	EXPECT_EQ(sbi_hart_status(hart_of(0)), HSM_STARTED);
	EXPECT_EQ(sbi_hart_start(hart_of(0), hart_entry, 0), SBI_ALREADY_AVAILABLE);
}

TEST(hsm_absent, "a hart that is not there is INVALID_PARAM", DEVICE(DEVICE_SBI_HSM))
{
	EXPECT_EQ(sbi_hart_status(hart_absent()), SBI_INVALID_PARAM);
	EXPECT_EQ(sbi_hart_status(-1ul), SBI_INVALID_PARAM);
	EXPECT_EQ(sbi_hart_start(hart_absent(), hart_entry, 0), SBI_INVALID_PARAM);
	EXPECT_EQ(sbi_hart_start(-1ul, hart_entry, 0), SBI_INVALID_PARAM);
}

TEST(hsm_stop, "harts stop, start and stop again, as often as they are told to",
     DEVICE(DEVICE_SBI_HSM), CPUS(2))
{
	smp_start();
	came_back = 0;
	for (unsigned int round = 0; round < 3; round++)
		for (unsigned int i = 1; i < cpu_count(); i++)
			SUBTEST("CPU %u, round %u", i, round) {
				require_stopped(i);
				start_again(i);
				EXPECT_EQ(sbi_hart_status(hart_of(i)), HSM_STARTED);
			}
	EXPECT_EQ(came_back, 0);
}

/* 9.1, table 9: SATP and SSTATUS.SIE are zero, a0 is the hart's id, a1 the argument. */
static void check_entry(const struct hart_probe *probe, unsigned int cpu)
{
	EXPECT_EQ(probe->satp, 0);
	EXPECT_EQ(probe->sstatus & SSTATUS_SIE, 0);
	EXPECT_EQ(probe->a0, hart_of(cpu));
	EXPECT_EQ(probe->a1, (uintptr_t)probe);
}

static bool has_entered(const struct hart_probe *probe)
{
	u64 begin = clock_ticks(), most = clock_us_to_ticks(PATIENCE_US);

	while (!__atomic_load_n(&probe->entered, __ATOMIC_ACQUIRE))
		if (clock_ticks() - begin > most)
			return false;
	return true;
}

TEST(hsm_entry, "a hart starts with its id and its argument, translation off",
     DEVICE(DEVICE_SBI_HSM), CPUS(2))
{
	static struct hart_probe probe;

	smp_start();
	for (unsigned int i = 1; i < cpu_count(); i++) SUBTEST("CPU %u", i) {
		require_stopped(i);
		memset(&probe, 0, sizeof(probe));
		REQUIRE_EQ(sbi_hart_start(hart_of(i), hart_entry, (uintptr_t)&probe),
			   SBI_SUCCESS);
		EXPECT(becomes(i, HSM_STARTED, HSM_START_PENDING, HSM_STOPPED));
		REQUIRE(has_entered(&probe));
		check_entry(&probe, i);
		EXPECT_EQ(sbi_hart_start(hart_of(i), hart_entry, (uintptr_t)&probe),
			  SBI_ALREADY_AVAILABLE);
		__atomic_store_n(&probe.leave, HART_PROBE_STOP, __ATOMIC_RELEASE);
		EXPECT(becomes(i, HSM_STOPPED, HSM_STOP_PENDING, HSM_STARTED));
		start_again(i);
	}
}

static struct {
	unsigned long type;
	long error;
	struct hart_probe probe;
} suspension;

static void suspend(void *arg)
{
	(void)arg;
	csr_clear(CSR_SIP, IRQ_BIT(IRQ_SOFTWARE));
	WITH_SIE(IRQ_BIT(IRQ_SOFTWARE), 0)
		suspension.error = hart_suspend(SBI_HSM, SBI_HSM_SUSPEND,
						suspension.type, &suspension.probe);
	csr_clear(CSR_SIP, IRQ_BIT(IRQ_SOFTWARE));
}

/* Returns false if no hart can do it. */
static bool suspend_round(unsigned int cpu, unsigned long type)
{
	u64 begin, most = clock_us_to_ticks(PATIENCE_US);

	suspension.type = type;
	suspension.error = 1;
	on_cpu_begin(cpu, suspend, NULL);
	begin = clock_ticks();
	while (sbi_hart_status(hart_of(cpu)) != HSM_SUSPENDED &&
	       __atomic_load_n(&suspension.error, __ATOMIC_ACQUIRE) > 0 &&
	       clock_ticks() - begin < most)
		cpu_relax();
	if (suspension.error == SBI_NOT_SUPPORTED) {
		on_cpu_end(cpu);
		return false;
	}
	EXPECT_EQ(sbi_hart_status(hart_of(cpu)), HSM_SUSPENDED);
	delay_us(1000);
	EXPECT_EQ(sbi_hart_status(hart_of(cpu)), HSM_SUSPENDED);
	sbi_ipi(hart_of(cpu));
	on_cpu_end(cpu);
	EXPECT_EQ(suspension.error, SBI_SUCCESS);
	EXPECT_EQ(sbi_hart_status(hart_of(cpu)), HSM_STARTED);
	return true;
}

static void suspend_all(unsigned long type, bool entered)
{
	bool any = false;

	smp_start();
	for (unsigned int i = 1; i < cpu_count(); i++) SUBTEST("CPU %u", i) {
		if (!suspend_round(i, type))
			break;
		any = true;
		EXPECT_EQ(suspension.probe.entered, entered);
		if (entered)
			check_entry(&suspension.probe, i);
	}
	if (!any)
		skip("harts do not suspend this way");
}

TEST(hsm_retentive, "a suspended hart goes on by an interrupt, as if it returned",
     DEVICE(DEVICE_SBI_HSM), CPUS(2))
{
	suspend_all(HSM_RETENTIVE, false);
}

TEST(hsm_non_retentive, "or at an address, as if it were started",
     DEVICE(DEVICE_SBI_HSM), CPUS(2))
{
	suspend_all(HSM_NON_RETENTIVE, true);
}

TEST(hsm_types, "types of suspension have 32 bits", DEVICE(DEVICE_SBI_HSM), CPUS(2))
{
	if (!IS_64BIT)
		return skip("so do registers");
	SUBTEST("retentive") suspend_all(HSM_RETENTIVE | BIT_63, false);
	SUBTEST("non-retentive") suspend_all(HSM_NON_RETENTIVE | BIT_63, true);
}

TEST(hsm_reserved, "reserved types of suspension are INVALID_PARAM",
     DEVICE(DEVICE_SBI_HSM))
{
	static const u32 reserved[] = { 1, 0x0fffffff, 0x80000001, 0x8fffffff };
	static struct hart_probe probe;

	for_each(type, reserved) SUBTEST("%#x", *type) {
		long error = hart_suspend(SBI_HSM, SBI_HSM_SUSPEND, *type, &probe);

		if (error == SBI_NOT_SUPPORTED)
			skip("no suspension");
		else
			EXPECT_EQ(error, SBI_INVALID_PARAM);
	}
}
