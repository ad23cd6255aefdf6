/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Power State Coordination Interface: DEN 0022, chapter 5; and of the calling
 * convention, DEN 0028, 5.2: an unknown function returns NOT_SUPPORTED.
 */
#include <asm/cpu.h>
#include <clock.h>
#include <entry_probe.h>
#include <errata.h>
#include <mmu.h>
#include <psci.h>
#include <smp.h>
#include <test.h>
#include <topology.h>

#define NO_FUNCTION	1337
#define NO_AFFINITY	0xff00ffull	/* no machine has so many CPUs */
#define PSCI_1_0	0x10000
#define MS(n)		((u64)clock_khz() * (n))

void start_other(void);

static u64 affinity_of(unsigned int cpu)
{
	u64 affinity = 0;

	REQUIRE(cpu_affinity_by_tree(cpu, &affinity));
	return affinity;
}

TEST(version, "PSCI_VERSION is 0.2 or later", DEVICE(DEVICE_PSCI))
{
	long version = psci_call(PSCI_VERSION, 0, 0, 0);

	EXPECT(version >= 2);
	EXPECT((version >> 16) <= 1);
	METRIC("major version", version >> 16, "");
}

TEST(invalid_function, "an unknown function is NOT_SUPPORTED", DEVICE(DEVICE_PSCI))
{
	EXPECT_EQ(psci_call(NO_FUNCTION, 0, 0, 0), PSCI_NOT_SUPPORTED);
	/* PSCI's own range, beyond all that is defined. */
	EXPECT_EQ(psci_call(0x8400001f, 0, 0, 0), PSCI_NOT_SUPPORTED);
}

TEST(features, "PSCI_FEATURES knows what has to be there", DEVICE(DEVICE_PSCI))
{
	/* 5.1: mandatory, from version 1.0 on */
	static const struct {
		const char *name;
		u32 function;
	} mandatory[] = {
		{ "PSCI_VERSION", PSCI_VERSION },
		{ "CPU_OFF", PSCI_CPU_OFF },
		{ "CPU_ON", PSCI_CPU_ON_32 },
		{ "AFFINITY_INFO", PSCI_AFFINITY_INFO_32 },
		{ "SYSTEM_OFF", PSCI_SYSTEM_OFF },
		{ "SYSTEM_RESET", PSCI_SYSTEM_RESET },
		{ "PSCI_FEATURES", PSCI_FEATURES },
	};

	if (psci_call(PSCI_VERSION, 0, 0, 0) < PSCI_1_0)
		return skip("PSCI 0.2 has no PSCI_FEATURES");
	for_each(row, mandatory) SUBTEST("%s", row->name)
		EXPECT_EQ(psci_call(PSCI_FEATURES, row->function, 0, 0), 0);
	SUBTEST("absent")
		EXPECT_EQ(psci_call(PSCI_FEATURES, NO_FUNCTION, 0, 0),
			  PSCI_NOT_SUPPORTED);
}

TEST(affinity_info_on, "AFFINITY_INFO of this CPU is ON", DEVICE(DEVICE_PSCI))
{
	EXPECT_EQ(psci_affinity_info(affinity_of(0)), PSCI_ON);
	EXPECT_EQ(psci_affinity_info(NO_AFFINITY), PSCI_INVALID_PARAMETERS);
}

/* True once AFFINITY_INFO has said so; within a second. */
static bool becomes(unsigned int cpu, long state)
{
	u64 begin = clock_ticks();

	while (psci_affinity_info(affinity_of(cpu)) != state)
		if (clock_ticks() - begin > MS(1000))
			return false;
	return true;
}

static void turn_off(void *arg)
{
	u32 *returned = arg;

	cpu_turn_off();
	atomic_add(returned, 1);
}

static u32 returned;

/* Whatever ran before: off from here on, by itself or by us. */
static void require_off(unsigned int cpu)
{
	if (psci_affinity_info(affinity_of(cpu)) == PSCI_OFF)
		return;
	on_cpu(cpu, turn_off, &returned);
	REQUIRE(becomes(cpu, PSCI_OFF));
}

static void nothing(void *arg)
{
	(void)arg;
}

/* So that the harness finds it as it left it. */
static void turn_on_again(unsigned int cpu)
{
	REQUIRE_EQ(cpu_turn_on(cpu_get(cpu), affinity_of(cpu)), PSCI_SUCCESS);
	on_cpu(cpu, nothing, NULL);
}

TEST(affinity_info_off, "AFFINITY_INFO of a CPU that is off is OFF",
     CPUS(2), DEVICE(DEVICE_PSCI))
{
	smp_start();
	require_off(1);
	EXPECT_EQ(psci_affinity_info(affinity_of(1)), PSCI_OFF);
	turn_on_again(1);
	EXPECT_EQ(psci_affinity_info(affinity_of(1)), PSCI_ON);
}

TEST(cpu_on_errors, "CPU_ON refuses a CPU that is on, or is not there",
     CPUS(2), DEVICE(DEVICE_PSCI))
{
	smp_start();
	EXPECT_EQ(psci_cpu_on(affinity_of(0), start_other, 0), PSCI_ALREADY_ON);
	EXPECT_EQ(psci_cpu_on(affinity_of(1), start_other, 0), PSCI_ALREADY_ON);
	EXPECT_EQ(psci_cpu_on(NO_AFFINITY, start_other, 0), PSCI_INVALID_PARAMETERS);
}

TEST(cpu_on_state, "a CPU starts with its argument, its MMU off, and masked (6.4)",
     CPUS(2), DEVICE(DEVICE_PSCI))
{
	static struct entry_probe probe __attribute__((aligned(64)));
	u64 begin;

	smp_start();
	require_off(1);
	probe = (struct entry_probe){ .use_smc = !strcmp(psci_conduit(), "smc") };
	dcache_clean(&probe, sizeof(probe));
	REQUIRE_EQ(psci_cpu_on(affinity_of(1), entry_probe, (uintptr_t)&probe),
		   PSCI_SUCCESS);
	for (begin = clock_ticks(); clock_ticks() - begin < MS(1000);) {
		dcache_clean(&probe, sizeof(probe));
		if (*(volatile u64 *)&probe.done)
			break;
	}
	REQUIRE_EQ(probe.done, 1);
	EXPECT_EQ(probe.argument, (uintptr_t)&probe);
	EXPECT_EQ(probe.pstate & ~PSTATE_FLAGS, boot_pstate);
	EXPECT_EQ(probe.sctlr & SCTLR_ENTRY_ZERO, 0);
	REQUIRE(becomes(1, PSCI_OFF));
	turn_on_again(1);
}

static struct barrier start_line;
static u32 started, already, others;

static void race(void *arg)
{
	struct cpu *target = arg;
	long result;

	if (cpu_self() == target)
		return;
	barrier_wait(&start_line);
	result = psci_cpu_on(target->affinity, start_other, (uintptr_t)target);
	if (result == PSCI_SUCCESS)
		atomic_add(&started, 1);
	else if (result == PSCI_ALREADY_ON || result == PSCI_ON_PENDING_ERROR)
		atomic_add(&already, 1);
	else
		atomic_add(&others, 1);
}

/* All CPUs but the target call CPU_ON at once; @callers is how many those are. */
static void race_round(unsigned int callers)
{
	started = already = others = 0;
	start_line = (struct barrier){ .expected = callers };
	require_off(1);
	mmu_registers(cpu_get(1));
	dcache_clean(cpu_get(1), sizeof(struct cpu));
	for (unsigned int i = 2; i <= callers; i++)
		on_cpu_begin(i, race, cpu_get(1));
	race(cpu_get(1));
	for (unsigned int i = 2; i <= callers; i++)
		on_cpu_end(i);
	REQUIRE(becomes(1, PSCI_ON));
	/* Should it have been started twice, then it has been by now. */
	if (started > 1)
		delay_us(100000);
	on_cpu(1, nothing, NULL);
	REQUIRE_EQ(started, 1);
	REQUIRE_EQ(already, callers - 1);
	REQUIRE_EQ(others, 0);
}

static bool race_is_safe(void)
{
	if (erratum_fixed("6c7a5dce22b3"))
		return true;
	skip("the host's kernel might lose a CPU: ERRATA_6c7a5dce22b3=y enables this");
	return false;
}

TEST(cpu_on, "CPU_ON of a CPU that is off succeeds, each time",
     CPUS(2), DEVICE(DEVICE_PSCI))
{
	if (!race_is_safe())
		return;
	smp_start();
	for (u32 round = 0; round < 10; round++)
		race_round(1);
}

/*
 * 5.6: the others get ALREADY_ON or ON_PENDING.  QEMU looks at the target's state, and
 * changes it later, on the target's own thread.
 */
TEST(cpu_on_race, "of CPUs that race to turn on another, one succeeds",
     CPUS(3), DEVICE(DEVICE_PSCI),
     XFAIL_ON(HYPERVISOR_TCG, "QEMU starts a CPU as often as it is asked at once"))
{
	if (!race_is_safe())
		return;
	smp_start();
	for (u32 round = 0; round < 100; round++)
		race_round(cpu_count() - 1);
}

TEST(cpu_off, "CPUs turn themselves off, and do not come back from it",
     CPUS(2), DEVICE(DEVICE_PSCI))
{
	smp_start();
	returned = 0;
	for (unsigned int i = 1; i < cpu_count(); i++)
		on_cpu(i, turn_off, &returned);
	for (unsigned int i = 1; i < cpu_count(); i++)
		EXPECT(becomes(i, PSCI_OFF));
	delay_us(100000);
	EXPECT_EQ(returned, 0);
	for (unsigned int i = 1; i < cpu_count(); i++)
		turn_on_again(i);
}
