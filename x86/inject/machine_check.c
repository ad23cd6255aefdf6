/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Machine checks (SDM 3B, "Machine-Check Architecture": IA32_MCi_STATUS, "Overwrite Rules
 * for Overlapping Errors", IA32_MCG_STATUS).
 */
#include <asm/cpu.h>
#include <exception.h>
#include <irq.h>
#include <scope.h>
#include <testdev.h>

#define BANK		0
#define MSR_CTL		MSR_MC0_CTL
#define MSR_STATUS	(MSR_MC0_CTL + 1)
#define MSR_ADDRESS	(MSR_MC0_CTL + 2)
#define MSR_MCG_STATUS	0x17a
#define MCG_IN_PROGRESS	BIT(2)
#define MCG_STATUS	(BIT(0) | MCG_IN_PROGRESS)	/* RIPV, MCIP */
#define VALID		(1ull << 63)
#define OVERFLOW	(1ull << 62)
#define UNCORRECTED	(1ull << 61)
#define ENABLED		(1ull << 60)
#define CORRECTED_ERROR	(VALID | ENABLED | 0x136)
#define FATAL_ERROR	(VALID | UNCORRECTED | ENABLED | 0x135)

static u32 checks;
static u64 mcg_status;

static bool on_machine_check(struct frame *frame)
{
	(void)frame;
	checks++;
	mcg_status = rdmsr(MSR_MCG_STATUS);
	wrmsr(MSR_MCG_STATUS, 0);
	return true;
}

static void happen(u64 status, u64 address)
{
	ASK(MCE, ABI_SELF, BANK, status, address, 0,
	    status & UNCORRECTED ? MCG_STATUS : 0);
	irq_exit();
}

static const struct {
	const char *name;
	u64 first, second;
	u32 checks;
	u64 status, address;
} pairs[] = {
	{ "corrected", CORRECTED_ERROR, 0, 0, CORRECTED_ERROR, 0x1000 },
	{ "uncorrected", FATAL_ERROR, 0, 1, FATAL_ERROR, 0x1000 },
	{ "two corrected", CORRECTED_ERROR, CORRECTED_ERROR, 0,
	  CORRECTED_ERROR | OVERFLOW, 0 },
	{ "uncorrected over corrected", CORRECTED_ERROR, FATAL_ERROR, 1,
	  FATAL_ERROR | OVERFLOW, 0x2000 },
	/* The worse one stays. */
	{ "corrected over uncorrected", FATAL_ERROR, CORRECTED_ERROR, 1,
	  FATAL_ERROR | OVERFLOW, 0x1000 },
};

static void pair_run(typeof(&pairs[0]) pair)
{
	checks = 0;
	wrmsr(MSR_STATUS, 0);
	happen(pair->first, 0x1000);
	if (pair->second)
		happen(pair->second, 0x2000);
	for (unsigned int i = 0; i < 100 && checks < pair->checks; i++)
		irq_exit();
	EXPECT_EQ(checks, pair->checks);
	EXPECT_EQ(rdmsr(MSR_STATUS), pair->status);
	/* Of two corrected ones either may be the one that is kept. */
	if (pair->address)
		EXPECT_EQ(rdmsr(MSR_ADDRESS), pair->address);
	if (pair->checks)
		EXPECT(mcg_status & MCG_IN_PROGRESS);
	wrmsr(MSR_STATUS, 0);
}

TEST(machine_checks, "a bank has the worse of two errors, and says that there were two",
     DEVICE(TESTDEV_MCE))
{
	WITH_MSR(MSR_CTL, -1ull) WITH_CR4(CR4_MCE, 0)
		WITH_HANDLER(VECTOR_MC, on_machine_check)
			for_each(pair, pairs) SUBTEST("%s", pair->name)
				pair_run(pair);
}

TEST(machine_check_corrected, "a corrected error is no exception, with CR4.MCE clear, too",
     DEVICE(TESTDEV_MCE))
{
	EXPECT(!(read_cr4() & CR4_MCE));
	checks = 0;
	WITH_MSR(MSR_CTL, -1ull) WITH_HANDLER(VECTOR_MC, on_machine_check) {
		wrmsr(MSR_STATUS, 0);
		happen(CORRECTED_ERROR, 0x3000);
		EXPECT_EQ(rdmsr(MSR_STATUS), CORRECTED_ERROR);
		EXPECT_EQ(rdmsr(MSR_ADDRESS), 0x3000);
		wrmsr(MSR_STATUS, 0);
	}
	EXPECT_EQ(checks, 0);
}

static bool leave_in_progress(struct frame *frame)
{
	(void)frame;
	checks++;
	return true;
}

TEST(machine_check_twice, "one while another is in progress is a shutdown",
     DEVICE(TESTDEV_MCE), ENDS(SHUTDOWN))
{
	checks = 0;
	WITH_MSR(MSR_CTL, -1ull) WITH_CR4(CR4_MCE, 0)
		WITH_HANDLER(VECTOR_MC, leave_in_progress) {
			happen(FATAL_ERROR, 0x1000);
			for (unsigned int i = 0; i < 100 && !checks; i++)
				irq_exit();
			EXPECT(rdmsr(MSR_MCG_STATUS) & MCG_IN_PROGRESS);
			happen(FATAL_ERROR, 0x1000);
			for (unsigned int i = 0; i < 100; i++)
				irq_exit();
			EXPECT(!"alive");
		}
}
