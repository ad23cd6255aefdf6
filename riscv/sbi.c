/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Supervisor Binary Interface, 3.0: what every implementation has (chapters 3 and 4),
 * and the timer (6).  Each other extension is a part of this image, in sbi/.
 *
 * What only the user can know comes from the environment, and is not checked without it.
 */
#include <asm/cpu.h>
#include <clock.h>
#include <exception.h>
#include <probe.h>
#include <sbi.h>
#include <scope.h>
#include <test.h>

#define NO_EXTENSION	0xb000000
#define NO_FUNCTION	0xbad

static void check_value(const char *variable, struct sbi_result result)
{
	u64 want;

	SUBTEST("%s", variable) {
		EXPECT_EQ(result.error, SBI_SUCCESS);
		if (environment_number(variable, &want))
			EXPECT_EQ(result.value, want);
	}
}

TEST(base, "version and identities (4)")
{
	struct sbi_result version = sbi_call(SBI_BASE, SBI_BASE_SPEC_VERSION);

	REQUIRE_EQ(version.error, SBI_SUCCESS);
	EXPECT_EQ((u32)version.value >> 31, 0);
	EXPECT((unsigned long)version.value >= SBI_VERSION(0, 2));
	printf("INFO: SBI %lu.%lu, implementation %lu, its version %#lx\n",
	       version.value >> 24 & 0x7f, version.value & 0xffffff,
	       sbi_call(SBI_BASE, SBI_BASE_IMPL_ID).value,
	       (unsigned long)sbi_call(SBI_BASE, SBI_BASE_IMPL_VERSION).value);
	check_value("SBI_SPEC_VERSION", version);
	check_value("SBI_IMPL_ID", sbi_call(SBI_BASE, SBI_BASE_IMPL_ID));
	check_value("SBI_IMPL_VERSION", sbi_call(SBI_BASE, SBI_BASE_IMPL_VERSION));
	check_value("MVENDORID", sbi_call(SBI_BASE, SBI_BASE_MVENDORID));
	check_value("MARCHID", sbi_call(SBI_BASE, SBI_BASE_MARCHID));
	check_value("MIMPID", sbi_call(SBI_BASE, SBI_BASE_MIMPID));
}

TEST(probe, "probing tells what is there, and what is not (4.4)")
{
	u64 present = 1;
	struct sbi_result result;

	environment_number("SBI_PROBE_EXT", &present);
	result = sbi_call(SBI_BASE, SBI_BASE_PROBE, SBI_BASE);
	EXPECT_EQ(result.error, SBI_SUCCESS);
	EXPECT_EQ(result.value, present);
	result = sbi_call(SBI_BASE, SBI_BASE_PROBE, NO_EXTENSION);
	EXPECT_EQ(result.error, SBI_SUCCESS);
	EXPECT_EQ(result.value, 0);
}

static const struct extension {
	const char *name;
	unsigned long id;
} extensions[] = {
	{ "BASE", SBI_BASE },
#define EXTENSION_ROW(X, name, id) { #name, id },
	SBI_EXTENSIONS(EXTENSION_ROW,)
#undef EXTENSION_ROW
};

TEST(no_function, "functions that no extension has are NOT_SUPPORTED (3)")
{
	SUBTEST("an unknown extension")
		EXPECT_EQ(sbi_call(NO_EXTENSION, 0).error, SBI_NOT_SUPPORTED);
	for_each(row, extensions) SUBTEST("%s", row->name) {
		if (!sbi_has(row->id)) {
			skip("no SBI %s", row->name);
			continue;
		}
		EXPECT_EQ(sbi_call(row->id, NO_FUNCTION).error, SBI_NOT_SUPPORTED);
	}
}

TEST(registers, "a call changes a0 and a1, and no other register (3)")
{
	struct probe before, after;

	for (unsigned int i = 1; i < GPR_COUNT; i++)
		before.gpr[i] = 0x13572468ul * i + 0x5a5a;
	before.gpr[GPR_A0 + 6] = SBI_BASE_PROBE;
	before.gpr[GPR_A0 + 7] = SBI_BASE;
	before.gpr[GPR_A0] = SBI_BASE;
	memset(&after, 0, sizeof(after));
	probe_sbi(&before, &after);
	EXPECT_EQ(after.gpr[GPR_A0], SBI_SUCCESS);
	EXPECT_EQ(after.gpr[GPR_A0 + 1], 1);
	for (unsigned int i = 1; i < GPR_COUNT; i++)
		if (i != GPR_SP && i != GPR_A0 && i != GPR_A0 + 1)
			EXPECT_EQ(after.gpr[i], before.gpr[i]);
}

#define TIMER	IRQ_BIT(IRQ_TIMER)
#define PATIENCE_US	20000000	/* a host that has much else to do */

static struct {
	volatile u32 taken;
	u64 at;			/* when it was first taken */
	bool pending, stayed;	/* SIP in the handler; after it was set to never */
	bool mask;		/* by SIE, instead */
} timer;

static long timer_set(u64 at)
{
	if (IS_64BIT)
		return sbi_call(SBI_TIME, SBI_TIME_SET_TIMER, at).error;
	return sbi_call(SBI_TIME, SBI_TIME_SET_TIMER, at, at >> 32).error;
}

static void timer_take(void *arg)
{
	(void)arg;
	if (!timer.taken++)
		timer.at = clock_ticks();
	timer.pending = csr_read(CSR_SIP) & TIMER;
	if (timer.mask) {
		csr_clear(CSR_SIE, TIMER);
		return;
	}
	timer_set(-1ull);
	timer.stayed = csr_read(CSR_SIP) & TIMER;
}

static void wait_taken(void)
{
	u64 begin = clock_ticks(), most = clock_us_to_ticks(PATIENCE_US);

	while (!timer.taken && clock_ticks() - begin < most)
		irq_window();
}

/* Never early; how late, is the host's business, unless the user says a margin. */
static void timer_round(bool mask)
{
	u64 delay_us = 200000, margin_us, due, late;

	environment_number("SBI_TIMER_DELAY", &delay_us);
	memset(&timer, 0, sizeof(timer));
	timer.mask = mask;
	WITH_IRQ(IRQ_TIMER, timer_take, NULL) {
		due = clock_ticks() + clock_us_to_ticks(delay_us);
		EXPECT_EQ(timer_set(due), SBI_SUCCESS);
		EXPECT_EQ(csr_read(CSR_SIP) & TIMER, 0);
		wait_taken();
		REQUIRE_EQ(timer.taken, 1);
		for (unsigned int i = 0; i < 1000; i++)
			irq_window();
		EXPECT_EQ(timer.taken, 1);
		EXPECT(timer.at >= due);
		EXPECT(timer.pending);
		late = timer.at - due;
		if (environment_number("SBI_TIMER_MARGIN", &margin_us))
			EXPECT(late <= clock_us_to_ticks(margin_us));
	}
	METRIC(mask ? "late, masked by the handler" : "late", (u32)late, "ticks");
}

TEST(time, "an interrupt once, not before its time (6.1)", DEVICE(DEVICE_SBI_TIME))
{
	timer_round(false);
	EXPECT(!timer.stayed);
}

static bool timer_maskable(void)
{
	bool maskable;

	WITH_SIE(0, TIMER)
		maskable = !(csr_read(CSR_SIE) & TIMER);
	return maskable;
}

TEST(time_masked, "the handler masks it by SIE, and it is pending until it is set anew",
     DEVICE(DEVICE_SBI_TIME))
{
	if (!timer_maskable())
		return skip("SIE.STIE is read-only");
	timer_round(true);
	EXPECT(csr_read(CSR_SIP) & TIMER);
	EXPECT_EQ(timer_set(-1ull), SBI_SUCCESS);
	EXPECT_EQ(csr_read(CSR_SIP) & TIMER, 0);
}

TEST(time_past, "a time that has passed is pending at once; none ever, with all ones",
     DEVICE(DEVICE_SBI_TIME))
{
	WITH_SIE(0, TIMER) {
		EXPECT_EQ(timer_set(-1ull), SBI_SUCCESS);
		EXPECT_EQ(csr_read(CSR_SIP) & TIMER, 0);
		EXPECT_EQ(timer_set(0), SBI_SUCCESS);
		EXPECT(csr_read(CSR_SIP) & TIMER);
		EXPECT_EQ(timer_set(clock_ticks()), SBI_SUCCESS);
		EXPECT(csr_read(CSR_SIP) & TIMER);
		EXPECT_EQ(timer_set(-1ull), SBI_SUCCESS);
		EXPECT_EQ(csr_read(CSR_SIP) & TIMER, 0);
	}
}

TEST(reset_type, "SRST refuses a type that is reserved (10.1)", DEVICE(DEVICE_SBI_SRST))
{
	EXPECT_EQ(sbi_call(SBI_SRST, SBI_SRST_RESET, 0x7fffffff, SRST_NO_REASON).error,
		  SBI_INVALID_PARAM);
}
