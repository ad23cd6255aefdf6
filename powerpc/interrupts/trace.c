/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tracing (Power ISA 3.1, Book III, 7.5.15): an interrupt behind each instruction that
 * completes, or behind each branch, and SIAR has its address.
 */
#include <scope.h>
#include <test.h>

extern char trace_nop[], trace_branch[], trace_target[], trace_end[], trace_illegal[];
void trace_run(u64 msr);

/* Entered by rfid, which is not traced itself. */
asm(".text\n"
    ".globl trace_run, trace_nop, trace_branch, trace_target, trace_end, trace_illegal\n"
    "trace_run:\n"
    "mflr 0\n"
    "bcl 20, 31, 1f\n"
    "1: mflr 4\n"
    "mtlr 0\n"
    "addi 4, 4, trace_nop - 1b\n"
    "mtsrr0 4; mtsrr1 3; rfid\n"
    "trace_nop: nop\n"
    "trace_branch: b trace_target\n"
    "nop\n"
    "trace_target: nop\n"
    "trace_end: blr\n"
    "trace_illegal: .long 0; blr\n");

static struct {
	uintptr_t pc, siar;
} traced[8];
static u32 traces;

static bool trace(struct frame *frame)
{
	if (traces < ARRAY_SIZE(traced)) {
		traced[traces].pc = frame->pc;
		traced[traces].siar = spr_read(SPR_SIAR);
	}
	traces++;
	/* Back with the caller, or on and on: it is enough. */
	if (frame->pc < (uintptr_t)trace_nop || frame->pc >= (uintptr_t)trace_end ||
	    traces >= ARRAY_SIZE(traced))
		frame->msr &= ~(u64)(MSR_SE | MSR_BE);
	return true;
}

static void trace_with(u64 bits)
{
	traces = 0;
	memset(traced, 0, sizeof(traced));
	WITH_VECTOR(VECTOR_TRACE, trace)
		trace_run(msr_read() | bits);
}

TEST(trace_single, "MSR.SE: behind each instruction, taken branches included")
{
	trace_with(MSR_SE);
	REQUIRE_EQ(traces, 3);
	EXPECT_EQ(traced[0].pc, (uintptr_t)trace_branch);
	EXPECT_EQ(traced[1].pc, (uintptr_t)trace_target);
	EXPECT_EQ(traced[2].pc, (uintptr_t)trace_end);
	SUBTEST("SIAR") {
		EXPECT_EQ(traced[0].siar, (uintptr_t)trace_nop);
		EXPECT_EQ(traced[1].siar, (uintptr_t)trace_branch);
		EXPECT_EQ(traced[2].siar, (uintptr_t)trace_target);
	}
}

TEST(trace_branches, "MSR.BE: behind branches only")
{
	trace_with(MSR_BE);
	REQUIRE_EQ(traces, 2);
	EXPECT_EQ(traced[0].pc, (uintptr_t)trace_target);
	SUBTEST("SIAR") {
		EXPECT_EQ(traced[0].siar, (uintptr_t)trace_branch);
		EXPECT_EQ(traced[1].siar, (uintptr_t)trace_end);
	}
}

static u32 illegals;

static bool leave_illegal(struct frame *frame)
{
	illegals++;
	EXPECT(frame->msr & MSR_SE);
	frame->pc = frame->lr;
	frame->msr &= ~(u64)MSR_SE;
	return true;
}

static void illegal_run(u64 msr)
{
	uintptr_t scratch;

	asm volatile("bcl 20, 31, 1f\n"
		     "1: mflr %0\n"
		     "addi %0, %0, 2f - 1b\n"
		     "mtlr %0\n"
		     "mtsrr0 %2; mtsrr1 %1; rfid\n"
		     "2:"
		     : "=&b"(scratch) : "r"(msr), "r"(trace_illegal) : "lr", "memory");
}

TEST(trace_not, "an instruction that does not complete is not traced")
{
	traces = illegals = 0;
	WITH_VECTOR(VECTOR_TRACE, trace)
		WITH_VECTOR(FAULT_UNDEFINED.vector, leave_illegal)
			illegal_run(msr_read() | MSR_SE);
	EXPECT_EQ(illegals, 1);
	EXPECT_EQ(traces, 0);
}
