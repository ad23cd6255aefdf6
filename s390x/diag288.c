/* SPDX-License-Identifier: BSD-2-Clause */
/* DIAG 288: the watchdog of virtual machines (Linux, drivers/watchdog/diag288_wdt.c). */
#include <asm/clock.h>
#include <insn.h>
#include <scope.h>
#include <test.h>

#define INIT	0
#define CHANGE	1
#define CANCEL	2
#define LEAST	15	/* seconds */
#define RESTART	0	/* action: a restart interruption */

/* R2: function, R3: interval; R4: action. */
static struct fault watchdog(u64 function, u64 interval, u64 action)
{
	register u64 r2 asm("2") = function;
	register u64 r3 asm("3") = interval;
	register u64 r4 asm("4") = action;
	register u64 r5 asm("5") = 0;

	return TRY("diag 2, 4, 0x288", "d"(r2), "d"(r3), "d"(r4), "d"(r5));
}

INSN(diag288_user, "diag 2, 4, 0x288");

TEST(problem, "it is privileged", DEVICE(DEVICE_DIAG288))
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(diag288_user, .user = true));
}

TEST(refused, "arguments that make no sense", DEVICE(DEVICE_DIAG288))
{
	struct fault want = FAULT(PGM_SPECIFICATION);

	SUBTEST("odd register")
		EXPECT_FAULT(want, TRY("diag 3, 4, 0x288"));
	SUBTEST("action")
		EXPECT_FAULT(want, watchdog(INIT, LEAST, 42));
	SUBTEST("function")
		EXPECT_FAULT(want, watchdog(42, LEAST, RESTART));
	SUBTEST("cancel what was not begun")
		EXPECT_FAULT(want, watchdog(CANCEL, 0, 0));
	SUBTEST("change what was not begun")
		EXPECT_FAULT(want, watchdog(CHANGE, LEAST, 0));
	SUBTEST("interval")
		EXPECT_FAULT(want, watchdog(INIT, LEAST - 1, RESTART));
}

TEST(cancelled, "a watchdog that was begun can be changed, and cancelled once",
     DEVICE(DEVICE_DIAG288))
{
	EXPECT_FAULT(FAULT_NONE, watchdog(INIT, LEAST, RESTART));
	EXPECT_FAULT(FAULT_NONE, watchdog(CHANGE, 2 * LEAST, RESTART));
	EXPECT_FAULT(FAULT_NONE, watchdog(CANCEL, 0, 0));
	EXPECT_FAULT(FAULT(PGM_SPECIFICATION), watchdog(CANCEL, 0, 0));
}

static u32 bitten, late;

static void bite(void *arg)
{
	(void)arg;
	bitten++;
}

static void too_late(void *arg)
{
	(void)arg;
	late++;
}

TEST(bites, "it restarts a machine that does not feed it", DEVICE(DEVICE_DIAG288))
{
	u64 deadline = clock_ticks() + (LEAST + 5) * 1000000ull * CLOCK_TICKS_A_US;

	bitten = late = 0;
	WITH_IRQ(IRQ_RESTART, bite, NULL)
		WITH_IRQ(EXT_CLOCK_COMPARATOR, too_late, NULL)
			WITH_CR0(CR0_CLOCK_COMPARATOR, 0) {
				asm volatile("sckc %0" : : "QS"(deadline));
				EXPECT_FAULT(FAULT_NONE, watchdog(INIT, LEAST, RESTART));
				cpu_wait(PSW_EXT);
			}
	EXPECT_EQ(bitten, 1);
	EXPECT_EQ(late, 0);
	watchdog(CANCEL, 0, 0);
}
