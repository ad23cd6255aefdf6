/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactional memory (Power ISA 2.07, Book II, 5). */
#include <clock.h>
#include <exception.h>
#include <hcall.h>
#include <smp.h>
#include <test.h>

/*
 * Returns 0 in a transaction that is suspended, and once more, 1, when that has been
 * aborted: registers are then as they were here, memory is not.
 */
int tm_suspend(void) __attribute__((returns_twice));
void tm_abort(void);

/* Words, as not all assemblers know them. */
asm(".text\n"
    ".globl tm_suspend, tm_abort\n"
    "tm_suspend:\n"
    ".long 0x7c00051d\n"		/* tbegin. */
    "beq 1f\n"
    ".long 0x7c0005dd\n"		/* tsuspend. */
    "li 3, 0\n"
    "blr\n"
    "1: li 3, 1\n"
    "blr\n"
    "tm_abort:\n"
    "li 3, 1\n"
    ".long 0x7c03071d\n"		/* tabort. r3 */
    ".long 0x7c2005dd\n"		/* tresume. */
    "blr\n");

#define ROUNDS		500u
#define SLEEP_US	10000u
#define SPIN_US		5000u

static u32 slept[64], failed[64];

static void cede_suspended(void *arg)
{
	volatile u32 rounds = 0;
	unsigned int index = cpu_index();

	(void)arg;
	msr_write(msr_read() | MSR_TM);
	if (tm_suspend()) {
		failed[index] = !rounds;
		slept[index] = rounds;
		return;
	}
	for (u32 i = 0; i < ROUNDS; i++) {
		spr_write(SPR_DEC, clock_us_to_ticks(SLEEP_US));
		hcall(H_CEDE);
		irq_disable();
		delay_us(SPIN_US);
		rounds++;
	}
	tm_abort();
}

TEST(h_cede_tm, "CPUs cede and come back in a transaction that is suspended",
     DEVICE(DEVICE_PAPR), REQUIRES(CPU_TM))
{
	unsigned int count = cpu_count() < 64 ? cpu_count() : 64;

	on_cpus(cede_suspended, NULL);
	for (unsigned int i = 0; i < count; i++) {
		EXPECT_EQ(failed[i], 0);
		EXPECT_EQ(slept[i], ROUNDS);
	}
}

TEST(absent, "without it, its instructions are not there", LACKS(CPU_TM))
{
	/* Facility unavailable, with TM's number, or illegal (7.5.22). */
	struct fault fault = TRY(".long 0x7c00051d");

	EXPECT(fault.raised);
	if (fault.vector != VECTOR_FACILITY)
		EXPECT_FAULT(FAULT_UNDEFINED, fault);
}
