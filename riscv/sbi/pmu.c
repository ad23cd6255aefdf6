/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's performance monitors (11): counters of hardware, and of the firmware itself. */
#include <asm/cpu.h>
#include <clock.h>
#include <harts.h>
#include <sbi.h>
#include <test.h>

/* COUNTER_GET_INFO: the CSR, one less than its bits, whose counter it is. */
#define INFO_CSR(info)		((info) & 0xfff)
#define INFO_IS_FIRMWARE(info)	((long)(info) < 0)
#define CALLS	100

static unsigned long counters(void)
{
	struct sbi_result result = sbi_call(SBI_PMU, SBI_PMU_COUNTERS);

	REQUIRE_EQ(result.error, SBI_SUCCESS);
	return result.value;
}

static struct sbi_result info(unsigned long counter)
{
	return sbi_call(SBI_PMU, SBI_PMU_INFO, counter);
}

TEST(pmu_info, "each counter has a description, and no other (11.6)",
     DEVICE(DEVICE_SBI_PMU))
{
	unsigned long count = counters(), firmware = 0, there = 0;

	REQUIRE(count > 0);
	/* 1 is the time, and no counter. */
	for (unsigned long i = 0; i < count; i++) {
		struct sbi_result result = info(i);

		if (result.error == SBI_INVALID_PARAM)
			continue;
		EXPECT_EQ(result.error, SBI_SUCCESS);
		there++;
		firmware += INFO_IS_FIRMWARE(result.value);
		if (!INFO_IS_FIRMWARE(result.value))
			EXPECT(INFO_CSR(result.value) >= CSR_CYCLE &&
			       INFO_CSR(result.value) < CSR_CYCLE + 32);
	}
	EXPECT(there > 0);
	EXPECT_EQ(info(count).error, SBI_INVALID_PARAM);
	EXPECT_EQ(info(-1ul).error, SBI_INVALID_PARAM);
	METRIC("counters", there, "");
	METRIC("the firmware's", firmware, "");
}

/* The counter for an event among the first so many, or an error. */
static struct sbi_result match(unsigned long event)
{
	unsigned long count = counters();
	unsigned long mask = count < 8 * WORD_BYTES ? (1ul << count) - 1 : -1ul;

	return sbi_call(SBI_PMU, SBI_PMU_MATCH, 0, mask, PMU_MATCH_CLEAR, event);
}

static long start(unsigned long counter, unsigned long value)
{
	return sbi_call(SBI_PMU, SBI_PMU_START, counter, 1, PMU_START_SET, value).error;
}

static long stop(unsigned long counter, unsigned long flags)
{
	return sbi_call(SBI_PMU, SBI_PMU_STOP, counter, 1, flags).error;
}

static unsigned long firmware_read(unsigned long counter)
{
	struct sbi_result result = sbi_call(SBI_PMU, SBI_PMU_FW_READ, counter);

	EXPECT_EQ(result.error, SBI_SUCCESS);
	return result.value;
}

static void timer_never(void)
{
	sbi_call(SBI_TIME, SBI_TIME_SET_TIMER, -1ul, -1ul);
}

TEST(pmu_firmware, "the firmware counts what it is asked for, to the call",
     DEVICE(DEVICE_SBI_PMU))
{
	struct sbi_result counter = match(PMU_FW_SET_TIMER);

	if (counter.error == SBI_NOT_SUPPORTED)
		return skip("calls of set_timer are not counted");
	REQUIRE_EQ(counter.error, SBI_SUCCESS);
	EXPECT(INFO_IS_FIRMWARE(info(counter.value).value));
	REQUIRE_EQ(start(counter.value, 1000), SBI_SUCCESS);
	for (unsigned int i = 0; i < CALLS; i++)
		timer_never();
	EXPECT_EQ(firmware_read(counter.value), 1000 + CALLS);
	EXPECT_EQ(stop(counter.value, 0), SBI_SUCCESS);
	timer_never();
	EXPECT_EQ(firmware_read(counter.value), 1000 + CALLS);
	stop(counter.value, PMU_STOP_RESET);
}

TEST(pmu_twice, "what runs is ALREADY_STARTED, what does not ALREADY_STOPPED (11.9, 11.10)",
     DEVICE(DEVICE_SBI_PMU),
     XFAIL_ON(HYPERVISOR_OPENSBI_1_6, "OpenSBI 1.1 and 1.6 return success for their own"))
{
	struct sbi_result counter = match(PMU_FW_SET_TIMER);

	if (counter.error == SBI_NOT_SUPPORTED)
		return skip("calls of set_timer are not counted");
	REQUIRE_EQ(counter.error, SBI_SUCCESS);
	EXPECT_EQ(stop(counter.value, 0), SBI_ALREADY_STOPPED);
	EXPECT_EQ(start(counter.value, 0), SBI_SUCCESS);
	EXPECT_EQ(start(counter.value, 0), SBI_ALREADY_STARTED);
	EXPECT_EQ(stop(counter.value, 0), SBI_SUCCESS);
	EXPECT_EQ(stop(counter.value, 0), SBI_ALREADY_STOPPED);
	stop(counter.value, PMU_STOP_RESET);
}

static unsigned long hardware_read(unsigned long counter)
{
	switch (INFO_CSR(info(counter).value)) {
	case CSR_CYCLE:
		return csr_read(CSR_CYCLE);
	case CSR_INSTRET:
		return csr_read(CSR_INSTRET);
#define COUNTER_CASE(n) case CSR_CYCLE + n: return csr_read(CSR_CYCLE + n);
	COUNTER_CASE(3) COUNTER_CASE(4) COUNTER_CASE(5) COUNTER_CASE(6)
	COUNTER_CASE(7) COUNTER_CASE(8) COUNTER_CASE(9) COUNTER_CASE(10)
	COUNTER_CASE(11) COUNTER_CASE(12) COUNTER_CASE(13) COUNTER_CASE(14)
	COUNTER_CASE(15) COUNTER_CASE(16) COUNTER_CASE(17) COUNTER_CASE(18)
	COUNTER_CASE(19) COUNTER_CASE(20) COUNTER_CASE(21) COUNTER_CASE(22)
	COUNTER_CASE(23) COUNTER_CASE(24) COUNTER_CASE(25) COUNTER_CASE(26)
	COUNTER_CASE(27) COUNTER_CASE(28) COUNTER_CASE(29) COUNTER_CASE(30)
	COUNTER_CASE(31)
#undef COUNTER_CASE
	}
	panic("counter %lu has no CSR", counter);
}

static void work(void)
{
	for (volatile unsigned int i = 0; i < 10000; i++)
		continue;
}

/* Matched and started, or -1. */
static long counter_start(unsigned long event)
{
	struct sbi_result counter = match(event);
	long error;

	if (counter.error == SBI_NOT_SUPPORTED) {
		skip("this event is not counted");
		return -1;
	}
	REQUIRE_EQ(counter.error, SBI_SUCCESS);
	REQUIRE(!INFO_IS_FIRMWARE(info(counter.value).value));
	/* Cycles and instructions may be counted ever since. */
	error = start(counter.value, 0);
	if (error != SBI_ALREADY_STARTED)
		REQUIRE_EQ(error, SBI_SUCCESS);
	return counter.value;
}

static const struct {
	const char *name;
	unsigned long event;
} events[] = {
	{ "cycles", PMU_CYCLES },
	{ "instructions", PMU_INSTRUCTIONS },
};

TEST(pmu_counts, "cycles and instructions are counted", DEVICE(DEVICE_SBI_PMU))
{
	for_each(row, events) SUBTEST("%s", row->name) {
		long counter = counter_start(row->event);
		unsigned long before;

		if (counter < 0)
			continue;
		before = hardware_read(counter);
		work();
		EXPECT(hardware_read(counter) - before >= 10000);
		stop(counter, PMU_STOP_RESET);
	}
}

TEST(pmu_stops, "a counter that was stopped stands still", DEVICE(DEVICE_SBI_PMU))
{
	for_each(row, events) SUBTEST("%s", row->name) {
		long counter = counter_start(row->event);
		unsigned long stopped;

		if (counter < 0)
			continue;
		EXPECT_EQ(stop(counter, 0), SBI_SUCCESS);
		stopped = hardware_read(counter);
		work();
		EXPECT_EQ(hardware_read(counter), stopped);
		stop(counter, PMU_STOP_RESET);
	}
}

TEST(pmu_no_event, "no counter is found for an event that is reserved (11.1)",
     DEVICE(DEVICE_SBI_PMU))
{
	long error = match(0x0ffff).error;

	EXPECT(error == SBI_NOT_SUPPORTED || error == SBI_INVALID_PARAM);
}

TEST(pmu_no_counter, "counters that are not there are INVALID_PARAM",
     DEVICE(DEVICE_SBI_PMU))
{
	unsigned long none = counters();

	EXPECT_EQ(start(none, 0), SBI_INVALID_PARAM);
	EXPECT_EQ(stop(none, 0), SBI_INVALID_PARAM);
	EXPECT_EQ(sbi_call(SBI_PMU, SBI_PMU_FW_READ, none).error, SBI_INVALID_PARAM);
}
