/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ssdbltrp: a trap while SSTATUS.SDT is set is a double trap, which the supervisor does
 * not take; the firmware makes an event of it (SBI 3.0, 17), or the end of the machine.
 */
#include <asm/cpu.h>
#include <exception.h>
#include <insn.h>
#include <sse.h>
#include <test.h>

static struct {
	u32 outer, inner;
	unsigned long status;
	bool clears;		/* the handler clears SDT before it traps once more */
	struct fault fault;
} seen;

static bool trap_again(struct frame *frame)
{
	if (seen.outer++)
		return false;
	seen.status = csr_read(CSR_SSTATUS);
	if (seen.clears)
		csr_clear(CSR_SSTATUS, SSTATUS_SDT);
	seen.fault = TRY("ebreak");
	seen.inner++;
	frame_skip(frame);
	return true;
}

static void trap_in_trap(bool clears)
{
	memset(&seen, 0, sizeof(seen));
	seen.clears = clears;
	exception_handle(EXCEPTION_BREAKPOINT, trap_again);
	asm volatile("ebreak" : : : "memory");
	exception_handle(EXCEPTION_BREAKPOINT, NULL);
}

static long double_traps(unsigned long value)
{
	return sbi_call(SBI_FWFT, SBI_FWFT_SET, FWFT_DOUBLE_TRAP, value, 0).error;
}

/* Or SKIP. */
static bool turn_on(void)
{
	long error = double_traps(1);

	if (error == SBI_NOT_SUPPORTED) {
		skip("the firmware does not turn it on");
		return false;
	}
	REQUIRE_EQ(error, SBI_SUCCESS);
	return true;
}

TEST(dbltrp_off, "turned off, a trap in a trap is a trap, and SDT is not there",
     REQUIRES(CPU_SSDBLTRP), DEVICE(DEVICE_SBI_FWFT))
{
	if (!turn_on())
		return;
	EXPECT_EQ(double_traps(0), SBI_SUCCESS);
	trap_in_trap(false);
	EXPECT_EQ(seen.outer, 2);
	EXPECT_EQ(seen.inner, 1);
	EXPECT_EQ(seen.status & SSTATUS_SDT, 0);
	EXPECT_FAULT(FAULT(BREAKPOINT), seen.fault);
	csr_set(CSR_SSTATUS, SSTATUS_SDT);
	EXPECT_EQ(csr_read(CSR_SSTATUS) & SSTATUS_SDT, 0);
}

TEST(dbltrp_clear, "turned on, a handler that clears SDT takes another trap",
     REQUIRES(CPU_SSDBLTRP), DEVICE(DEVICE_SBI_FWFT))
{
	if (!turn_on())
		return;
	trap_in_trap(true);
	EXPECT_EQ(double_traps(0), SBI_SUCCESS);
	EXPECT_EQ(seen.outer, 2);
	EXPECT_EQ(seen.inner, 1);
	EXPECT_EQ(seen.status & SSTATUS_SDT, SSTATUS_SDT);
	EXPECT_FAULT(FAULT(BREAKPOINT), seen.fault);
}

TEST(dbltrp_sdt, "SDT holds interrupts back, and SRET clears it",
     REQUIRES(CPU_SSDBLTRP), DEVICE(DEVICE_SBI_FWFT))
{
	unsigned long before, with;

	if (!turn_on())
		return;
	/* Written ones in both SDT and SIE leave SIE zero (12.1.1). */
	before = csr_read(CSR_SSTATUS);
	csr_set(CSR_SSTATUS, SSTATUS_SDT | SSTATUS_SIE);
	with = csr_read(CSR_SSTATUS);
	csr_write(CSR_SSTATUS, before);
	EXPECT_EQ(before & (SSTATUS_SDT | SSTATUS_SIE), 0);
	EXPECT_EQ(with & (SSTATUS_SDT | SSTATUS_SIE), SSTATUS_SDT);
	EXPECT_FAULT(FAULT(BREAKPOINT), TRY("ebreak"));
	EXPECT_EQ(csr_read(CSR_SSTATUS) & SSTATUS_SDT, 0);
	EXPECT_EQ(double_traps(0), SBI_SUCCESS);
}

static unsigned long flags;

/* SEPC is where it goes on: behind the EBREAK that could not be taken. */
static void skip_insn(struct sse_event *event, unsigned long hart)
{
	uintptr_t at = csr_read(CSR_SEPC);

	(void)hart;
	sse_read(event->id, SSE_FLAGS, &flags);
	csr_write(CSR_SEPC, at + ((*(const u16 *)at & 3) == 3 ? 4 : 2));
}

TEST(dbltrp_event, "a double trap is an event of this hart's",
     REQUIRES(CPU_SSDBLTRP), DEVICE(DEVICE_SBI_FWFT, DEVICE_SBI_SSE))
{
	struct sse_event event = { .handler = skip_insn, .id = SSE_DOUBLE_TRAP };

	if (!turn_on())
		return;
	REQUIRE_EQ(sse_begin(&event), SBI_SUCCESS);
	sse_call(SBI_SSE_UNMASK, 0, 0, 0);
	flags = 0;
	trap_in_trap(false);
	EXPECT_EQ(double_traps(0), SBI_SUCCESS);
	sse_call(SBI_SSE_MASK, 0, 0, 0);
	EXPECT_EQ(sse_end(&event), SBI_SUCCESS);
	EXPECT_EQ(event.count, 1);
	SUBTEST("flags")
		EXPECT_EQ(flags, SSE_FLAG_SPP | SSE_FLAG_SDT);
	EXPECT_EQ(seen.outer, 1);
	EXPECT_EQ(seen.inner, 1);
	EXPECT_FAULT(FAULT_NONE, seen.fault);
}

TEST(dbltrp_crash, "a double trap that nobody waits for is the end of the machine",
     REQUIRES(CPU_SSDBLTRP), DEVICE(DEVICE_SBI_FWFT), ENDS(SHUTDOWN))
{
	u64 wanted = 0;

	if (!environment_number("DOUBLE_TRAP_TEST_CRASH", &wanted) || !wanted)
		return skip("DOUBLE_TRAP_TEST_CRASH does not ask for it");
	if (!turn_on())
		return;
	trap_in_trap(false);
}
