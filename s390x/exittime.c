/* SPDX-License-Identifier: BSD-2-Clause */
/* What instructions cost that a hypervisor may have to emulate: METRICs. */
#include <asm/clock.h>
#include <exception.h>
#include <prefix.h>
#include <sclp.h>
#include <sigp.h>
#include <smp.h>
#include <stsi.h>
#include <test.h>

#define ROUNDS		11	/* their median counts */
#define CALLS		200

static u8 block[4096] __attribute__((aligned(4096)));

/* Each is run by the second; a fault is what it is about, or a reason to leave it out. */
#define CALL(name, insn, ...) static struct fault name(void)		\
{									\
	return TRY(insn, ##__VA_ARGS__);				\
}

CALL(nop, "bcr 0, 0")
CALL(diag9c, "diag %0, 0, 0x9c", "d"((u64)cpu_address()))
CALL(diag44, "diag 0, 0, 0x44")
CALL(stnsm, "stnsm 0(%0), 0xff", "a"(block))
CALL(stosm, "stosm 0(%0), 0", "a"(block))
CALL(load_ctl, "stctg 4, 4, 0(%0)\n\tlctlg 4, 4, 0(%0)", "a"(block))
CALL(stpx, "stpx 0(%0)", "a"(block))
CALL(stfl, "stfl 0")
CALL(illegal, INSN_UNDEFINED)

static struct fault epsw(void)
{
	u64 high, low;

	return TRY_OUT("epsw %0, %1", OUT("=&d"(high), "=&d"(low)));
}

static struct fault sense_running(void)
{
	sigp(cpu_address(), SIGP_SENSE_RUNNING, 0, NULL);
	return FAULT_NONE;
}

/* The other CPU waits for work meanwhile. */
static struct fault sense_running_other(void)
{
	sigp(cpu_get(1)->address, SIGP_SENSE_RUNNING, 0, NULL);
	return FAULT_NONE;
}

static struct fault sense_other(void)
{
	sigp(cpu_get(1)->address, SIGP_SENSE, 0, NULL);
	return FAULT_NONE;
}

static struct fault servc_info(void)
{
	struct sccb *sccb = (struct sccb *)block;

	memset(sccb, 0, 8);
	sccb->length = 4096;
	sclp_call(SCLP_READ_CPU_INFO, sccb);
	return FAULT_NONE;
}

static struct fault stsi_122(void)
{
	stsi(block, 1, 2, 2);
	return FAULT_NONE;
}

static struct fault stsi_322(void)
{
	stsi(block, 3, 2, 2);
	return FAULT_NONE;
}

static const struct {
	const char *name;
	struct fault (*run)(void);
	bool faults;
} calls[] = {
	{ "nop", nop, false },
	{ "sigp sense running", sense_running, false },
	{ "sigp sense running, other", sense_running_other, false },
	{ "sigp sense, other", sense_other, false },
	{ "diag 9c", diag9c, false },
	{ "diag 44", diag44, false },
	{ "stnsm", stnsm, false },
	{ "stosm", stosm, false },
	{ "lctlg 4", load_ctl, false },
	{ "stpx", stpx, false },
	{ "stfl", stfl, false },
	{ "epsw", epsw, false },
	{ "illegal", illegal, true },
	{ "servc", servc_info, false },
	{ "stsi 1.2.2", stsi_122, false },
	{ "stsi 3.2.2", stsi_322, false },
};

static u64 measure(struct fault (*run)(void))
{
	u64 times[ROUNDS], begin;

	for (unsigned int round = 0; round < ROUNDS; round++) {
		begin = clock_ticks();
		for (unsigned int i = 0; i < CALLS; i++)
			run();
		times[round] = clock_ticks() - begin;
	}
	/* A tick is 1000 / 4096 ns. */
	return median(times, ROUNDS) * 1000 / CLOCK_TICKS_A_US / CALLS;
}

TEST(times, "nanoseconds each", CPUS(2))
{
	smp_start();
	for_each(c, calls)
		SUBTEST("%s", c->name) {
			struct fault fault = c->run();

			if (fault.raised && !c->faults) {
				char text[FAULT_TEXT];

				skip("%s", fault_text(fault, text));
				continue;
			}
			EXPECT_EQ(fault.raised, c->faults);
			METRIC(c->name, measure(c->run), "ns");
		}
}
