/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's supervisor software events (17): their attributes, and states until they run. */
#include <asm/cpu.h>
#include <harts.h>
#include <sse.h>
#include <test.h>

static const struct kind {
	const char *name;
	u32 id;
} kinds[] = {
	{ "local RAS of high priority", 0x00000000 },
	{ "double trap", SSE_DOUBLE_TRAP },
	{ "global RAS of high priority", 0x00008000 },
	{ "local PMU overflow", 0x00010000 },
	{ "local RAS of low priority", 0x00100000 },
	{ "global RAS of low priority", 0x00108000 },
	{ "local software", SSE_LOCAL_SOFTWARE },
	{ "global software", SSE_GLOBAL_SOFTWARE },
};

static unsigned long buffer[SSE_ATTRIBUTES + 1];

static long read_many(u32 id, unsigned long first, unsigned long count, uintptr_t to)
{
	return sbi_call(SBI_SSE, SBI_SSE_READ, id, first, count, to).error;
}

static bool is_there(const struct kind *kind)
{
	unsigned long value;

	if (sse_read(kind->id, SSE_STATUS, &value) != SBI_NOT_SUPPORTED)
		return true;
	skip("the firmware has no such event");
	return false;
}

/* As events are before anybody uses them; software events are used by others here. */
static void check_reset(const struct kind *kind)
{
	unsigned long value;

	memset(buffer, 0xff, sizeof(buffer));
	REQUIRE_EQ(read_many(kind->id, 0, SSE_ATTRIBUTES, (uintptr_t)buffer), SBI_SUCCESS);
	EXPECT_EQ(buffer[SSE_ATTRIBUTES], -1ul);
	EXPECT_EQ(SSE_STATE(buffer[SSE_STATUS]), SSE_UNUSED);
	EXPECT_EQ(buffer[SSE_STATUS] & SSE_PENDING, 0);
	EXPECT_EQ(buffer[SSE_PRIORITY], 0);
	EXPECT_EQ(buffer[SSE_CONFIG], 0);
	for (unsigned int i = 0; i < SSE_SEPC; i++) {
		EXPECT_EQ(sse_read(kind->id, i, &value), SBI_SUCCESS);
		EXPECT_EQ(value, buffer[i]);
	}
}

static void check_writes(const struct kind *kind)
{
	unsigned long value;

	/* Read-only ones. */
	EXPECT_EQ(sse_write(kind->id, SSE_STATUS, 0), SBI_DENIED);
	EXPECT_EQ(sse_write(kind->id, SSE_ENTRY_PC, 0), SBI_DENIED);
	EXPECT_EQ(sse_write(kind->id, SSE_ENTRY_ARG, 0), SBI_DENIED);
	/* Of what it interrupts, when it interrupts nothing. */
	for (unsigned int i = SSE_SEPC; i <= SSE_A7; i++)
		EXPECT_EQ(sse_write(kind->id, i, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_write(kind->id, SSE_PRIORITY, 0xffffffff), SBI_SUCCESS);
	EXPECT_EQ(sse_read(kind->id, SSE_PRIORITY, &value), SBI_SUCCESS);
	EXPECT_EQ(value, 0xffffffff);
	if (IS_64BIT)
		EXPECT_EQ(sse_write(kind->id, SSE_PRIORITY, -1ul), SBI_INVALID_PARAM);
	EXPECT_EQ(sse_write(kind->id, SSE_PRIORITY, 0), SBI_SUCCESS);
	EXPECT_EQ(sse_write(kind->id, SSE_CONFIG, SSE_ONE_SHOT), SBI_SUCCESS);
	EXPECT_EQ(sse_write(kind->id, SSE_CONFIG, 2), SBI_INVALID_PARAM);
	EXPECT_EQ(sse_write(kind->id, SSE_CONFIG, 0), SBI_SUCCESS);
	if (kind->id & SSE_GLOBAL) {
		EXPECT_EQ(sse_write(kind->id, SSE_PREFERRED_HART, hart_absent()),
			  SBI_INVALID_PARAM);
		EXPECT_EQ(sse_write(kind->id, SSE_PREFERRED_HART, hart_of(0)),
			  SBI_SUCCESS);
	} else {
		EXPECT_EQ(sse_write(kind->id, SSE_PREFERRED_HART, hart_of(0)), SBI_DENIED);
	}
}

static void check_ranges(const struct kind *kind)
{
	uintptr_t to = (uintptr_t)buffer;
	long error;

	EXPECT_EQ(read_many(kind->id, SSE_ATTRIBUTES, 1, to), SBI_BAD_RANGE);
	EXPECT_EQ(read_many(kind->id, 0, SSE_ATTRIBUTES + 1, to), SBI_BAD_RANGE);
	EXPECT_EQ(read_many(kind->id, -1ul, 2, to), SBI_BAD_RANGE);
	EXPECT_EQ(read_many(kind->id, 0, 0, to), SBI_INVALID_PARAM);
	error = read_many(kind->id, 0, 1, to + 1);
	EXPECT(error == SBI_INVALID_PARAM || error == SBI_INVALID_ADDRESS);
}

TEST(sse_attributes, "attributes of events that nobody uses", DEVICE(DEVICE_SBI_SSE),
     XFAIL_ON(HYPERVISOR_OPENSBI_1_6, "OpenSBI before 1.7 has a draft's errors"))
{
	for_each(kind, kinds) SUBTEST("%s", kind->name) {
		if (!is_there(kind))
			continue;
		SUBTEST("reset") check_reset(kind);
		SUBTEST("written") check_writes(kind);
		SUBTEST("ranges") check_ranges(kind);
	}
}

static unsigned int state_of(u32 id)
{
	unsigned long status = 0;

	EXPECT_EQ(sse_read(id, SSE_STATUS, &status), SBI_SUCCESS);
	return SSE_STATE(status);
}

static void check_states(const struct kind *kind)
{
	uintptr_t entry = (uintptr_t)sse_entry;
	unsigned long value;
	u32 id = kind->id;

	EXPECT_EQ(sse_call(SBI_SSE_UNREGISTER, id, 0, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_ENABLE, id, 0, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_DISABLE, id, 0, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_REGISTER, id, entry + 1, 0), SBI_INVALID_PARAM);
	EXPECT_EQ(state_of(id), SSE_UNUSED);
	REQUIRE_EQ(sse_call(SBI_SSE_REGISTER, id, entry, 0x1234), SBI_SUCCESS);
	EXPECT_EQ(state_of(id), SSE_REGISTERED);
	EXPECT_EQ(sse_read(id, SSE_ENTRY_PC, &value) ?: (long)(value != entry), 0);
	EXPECT_EQ(sse_read(id, SSE_ENTRY_ARG, &value) ?: (long)(value != 0x1234), 0);
	EXPECT_EQ(sse_call(SBI_SSE_REGISTER, id, entry, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_DISABLE, id, 0, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_ENABLE, id, 0, 0), SBI_SUCCESS);
	EXPECT_EQ(state_of(id), SSE_ENABLED);
	EXPECT_EQ(sse_call(SBI_SSE_ENABLE, id, 0, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_UNREGISTER, id, 0, 0), SBI_INVALID_STATE);
	EXPECT_EQ(sse_write(id, SSE_PRIORITY, 1), SBI_INVALID_STATE);
	EXPECT_EQ(sse_call(SBI_SSE_DISABLE, id, 0, 0), SBI_SUCCESS);
	EXPECT_EQ(state_of(id), SSE_REGISTERED);
	EXPECT_EQ(sse_call(SBI_SSE_UNREGISTER, id, 0, 0), SBI_SUCCESS);
	EXPECT_EQ(state_of(id), SSE_UNUSED);
}

TEST(sse_states, "unused, registered, enabled, and back", DEVICE(DEVICE_SBI_SSE),
     XFAIL_ON(HYPERVISOR_OPENSBI_1_6, "OpenSBI before 1.7 has a draft's errors"))
{
	/* Whatever comes, it is not delivered. */
	sse_call(SBI_SSE_MASK, 0, 0, 0);
	for_each(kind, kinds) SUBTEST("%s", kind->name)
		if (is_there(kind))
			check_states(kind);
}

TEST(sse_invalid, "events that do not exist are INVALID_PARAM, for each function",
     DEVICE(DEVICE_SBI_SSE))
{
	static const u32 reserved[] = { 0x2, 0x3fff, 0x8001, 0x10001, 0xfffeffff, 0xffff0001 };

	for_each(id, reserved) SUBTEST("%#x", *id) {
		EXPECT_EQ(read_many(*id, 0, 1, (uintptr_t)buffer), SBI_INVALID_PARAM);
		EXPECT_EQ(sse_write(*id, SSE_PRIORITY, 0), SBI_INVALID_PARAM);
		EXPECT_EQ(sse_call(SBI_SSE_REGISTER, *id, (uintptr_t)sse_entry, 0),
			  SBI_INVALID_PARAM);
		EXPECT_EQ(sse_call(SBI_SSE_UNREGISTER, *id, 0, 0), SBI_INVALID_PARAM);
		EXPECT_EQ(sse_call(SBI_SSE_ENABLE, *id, 0, 0), SBI_INVALID_PARAM);
		EXPECT_EQ(sse_call(SBI_SSE_DISABLE, *id, 0, 0), SBI_INVALID_PARAM);
		EXPECT_EQ(sse_call(SBI_SSE_INJECT, *id, hart_of(0), 0), SBI_INVALID_PARAM);
	}
}
