/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's system suspend (13): all of the machine sleeps, and a timer wakes it. */
#include <asm/cpu.h>
#include <clock.h>
#include <hart_probe.h>
#include <harts.h>
#include <sbi.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define BIT_32		(IS_64BIT ? 1ul << (4 * WORD_BYTES) : 0)

static void stop(void *arg)
{
	(void)arg;
	hart_stop();
}

static void nothing(void *arg)
{
	(void)arg;
}

static void others_stop(void)
{
	smp_start();
	for (unsigned int i = 1; i < cpu_count(); i++) {
		on_cpu(i, stop, NULL);
		while (sbi_hart_status(hart_of(i)) != HSM_STOPPED)
			cpu_relax();
	}
}

static void others_start(void)
{
	for (unsigned int i = 1; i < cpu_count(); i++) {
		REQUIRE_EQ(hart_start_again(i), SBI_SUCCESS);
		on_cpu(i, nothing, NULL);
	}
}

static struct hart_probe probe;

/* The timer is pending when it wakes, and is taken away without being taken. */
static long suspend(unsigned long type)
{
	long error = SBI_FAILED;

	sbi_timer_set(clock_ticks() + clock_us_to_ticks(500000));
	WITH_SIE(IRQ_BIT(IRQ_TIMER), 0)
		error = hart_suspend(SBI_SUSP, SBI_SUSP_SUSPEND, type, &probe);
	sbi_timer_set(-1ull);
	return error;
}

static void check_suspend(unsigned long type)
{
	u64 begin = clock_ticks();

	others_stop();
	EXPECT_EQ(suspend(type), SBI_SUCCESS);
	EXPECT(clock_ticks() - begin >= clock_us_to_ticks(500000));
	EXPECT(probe.entered);
	EXPECT_EQ(probe.satp, 0);
	EXPECT_EQ(probe.sstatus & SSTATUS_SIE, 0);
	EXPECT_EQ(probe.a0, hart_of(0));
	EXPECT_EQ(probe.a1, (uintptr_t)&probe);
	others_start();
}

TEST(susp, "suspended to RAM, a timer wakes it up", DEVICE(DEVICE_SBI_SUSP))
{
	check_suspend(SUSP_TO_RAM);
}

TEST(susp_types, "types of sleep have 32 bits", DEVICE(DEVICE_SBI_SUSP))
{
	if (!IS_64BIT)
		return skip("so do registers");
	check_suspend(SUSP_TO_RAM | BIT_32);
}

TEST(susp_reserved, "reserved types are INVALID_PARAM", DEVICE(DEVICE_SBI_SUSP))
{
	others_stop();
	EXPECT_EQ(suspend(1), SBI_INVALID_PARAM);
	EXPECT_EQ(suspend(0x7fffffff), SBI_INVALID_PARAM);
	others_start();
}

TEST(susp_address, "an address that cannot be executed is INVALID_ADDRESS",
     DEVICE(DEVICE_SBI_SUSP))
{
	u64 at;

	if (!environment_number("INVALID_ADDR", &at))
		return skip("no such address is known: INVALID_ADDR");
	others_stop();
	EXPECT_EQ(sbi_call(SBI_SUSP, SBI_SUSP_SUSPEND, SUSP_TO_RAM, at).error,
		  SBI_INVALID_ADDRESS);
	others_start();
}

TEST(susp_running, "while another hart runs, it is DENIED", DEVICE(DEVICE_SBI_SUSP),
     CPUS(2))
{
	smp_start();
	EXPECT_EQ(suspend(SUSP_TO_RAM), SBI_DENIED);
}
