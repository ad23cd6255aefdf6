/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Last branch records (SDM 3B, "Last Branch, Interrupt, and Exception Recording"; SDM 4):
 * while IA32_DEBUGCTL.LBR is set, pairs of MSRs keep where the last branches came from
 * and went to.
 */
#include <pmu.h>
#include <scope.h>

ONLY_ON(x86_64);

#define DEBUGCTL_LBR	1
#define MSR_LBR_SELECT	0x1c8
#define MSR_LBR_TOS	0x1c9
#define MOST		32
#define ROUNDS		10000

/* By model there are two places (SDM 4); the first that is there is the one. */
static const struct place {
	u32 from, to;
} places[] = {
	{ 0x680, 0x6c0 }, { 0x40, 0x60 },
};

static const struct place *place;

static unsigned int entries(void)
{
	unsigned int n = 0;

	for_each(p, places)
		if (!try_rdmsr(p->from, NULL).raised) {
			for (place = p; n < MOST && !try_rdmsr(p->from + n, NULL).raised;)
				n++;
			return n;
		}
	return 0;
}

static u64 capabilities(void)
{
	u64 value = 0;

	if (cpu_is_intel() && cpu_has(CPU_PDCM))
		try_rdmsr(MSR_PERF_CAPABILITIES, &value);
	return value;
}

static bool absent(void)
{
	if (capabilities() & PERF_CAP_LBR_FORMAT)
		return false;
	return skip("no last branch records"), true;
}

TEST(capabilities, "PDCM: IA32_PERF_CAPABILITIES is there, and read-only",
     REQUIRES(CPU_PDCM))
{
	u64 value;

	EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_PERF_CAPABILITIES, &value));
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_PERF_CAPABILITIES, ~value));
}

TEST(entries, "records that are announced are there, each a pair")
{
	unsigned int n;

	if (absent())
		return;
	n = entries();
	EXPECT(n > 0);
	for (unsigned int i = 0; i < n; i++)
		EXPECT_FAULT(FAULT_NONE, try_rdmsr(place->to + i, NULL));
	EXPECT_FAULT(FAULT_NONE, try_rdmsr(MSR_LBR_TOS, NULL));
}

static void branch_on(void)
{
	unsigned int rounds = ROUNDS;

	asm volatile("1: test $1, %0; jz 2f; nop; 2: jmp 3f; 3: dec %0; jnz 1b"
		     : "+r"(rounds) : : "cc");
}

TEST(recorded, "while LBR is set all records fill; while it is clear none changes")
{
	unsigned int n;

	if (absent())
		return;
	n = entries();
	REQUIRE(n > 0);
	for (unsigned int i = 0; i < n; i++) {
		wrmsr(place->from + i, 0);
		wrmsr(place->to + i, 0);
	}
	branch_on();
	for (unsigned int i = 0; i < n; i++)
		EXPECT_EQ(rdmsr(place->from + i), 0);
	if (!try_rdmsr(MSR_LBR_SELECT, NULL).raised)
		wrmsr(MSR_LBR_SELECT, 0);
	WITH_MSR(MSR_DEBUGCTL, DEBUGCTL_LBR)
		branch_on();
	for (unsigned int i = 0; i < n; i++) {
		EXPECT(rdmsr(place->from + i));
		EXPECT(rdmsr(place->to + i));
	}
}

TEST(absent, "without records announced, LBR cannot be set")
{
	u64 value;

	if (!cpu_is_intel())
		return skip("not an Intel CPU");
	if (capabilities() & PERF_CAP_LBR_FORMAT)
		return skip("they are announced");
	if (try_rdmsr(MSR_DEBUGCTL, &value).raised)
		return skip("no IA32_DEBUGCTL");
	/* KVM may refuse it, or drop it: what counts is that nothing is recorded. */
	if (!try_wrmsr(MSR_DEBUGCTL, value | DEBUGCTL_LBR).raised)
		wrmsr(MSR_DEBUGCTL, value);
	EXPECT_EQ(rdmsr(MSR_DEBUGCTL) & DEBUGCTL_LBR, 0);
}
