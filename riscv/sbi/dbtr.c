/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's debug triggers (19): breakpoints and watchpoints of the hart's, by the firmware. */
#include <asm/cpu.h>
#include <exception.h>
#include <sbi.h>
#include <test.h>

/* What the firmware and we share: of as many triggers as a call is about. */
struct entry {
	unsigned long word;	/* the state when it is read, the index otherwise */
	unsigned long tdata1, tdata2, tdata3;
};
static struct entry shared[2] __attribute__((aligned(32)));

static struct sbi_result call(unsigned long function, unsigned long a, unsigned long b,
			      unsigned long c)
{
	return sbi_call(SBI_DBTR, function, a, b, c);
}

static unsigned long type_of(unsigned long type)
{
	return type << (8 * WORD_BYTES - 4);
}

static unsigned long count(unsigned long tdata1)
{
	struct sbi_result result = call(SBI_DBTR_COUNT, tdata1, 0, 0);

	EXPECT_EQ(result.error, SBI_SUCCESS);
	return result.value;
}

/* The kind of trigger that there is, so many of it at least, or 0. */
static unsigned long kind(unsigned long least)
{
	if (count(type_of(TRIGGER_MCONTROL6)) >= least)
		return type_of(TRIGGER_MCONTROL6);
	if (count(type_of(TRIGGER_MCONTROL)) >= least)
		return type_of(TRIGGER_MCONTROL);
	skip("not as many triggers that match addresses");
	return 0;
}

static long share(void)
{
	return call(SBI_DBTR_SHMEM, (uintptr_t)shared, 0, 0).error;
}

static void unshare(void)
{
	EXPECT_EQ(call(SBI_DBTR_SHMEM, -1ul, -1ul, 0).error, SBI_SUCCESS);
}

TEST(dbtr_count, "triggers, of all kinds and of each", DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long all = count(0);

	METRIC("triggers", all, "");
	for (unsigned long type = 1; type < 16; type++)
		EXPECT(count(type_of(type)) <= all);
}

TEST(dbtr_shared, "memory is shared first, by an address that is aligned",
     DEVICE(DEVICE_SBI_DBTR))
{
	unshare();
	EXPECT_EQ(call(SBI_DBTR_READ, 0, 1, 0).error, SBI_NO_SHMEM);
	EXPECT_EQ(call(SBI_DBTR_INSTALL, 1, 0, 0).error, SBI_NO_SHMEM);
	EXPECT_EQ(call(SBI_DBTR_SHMEM, (uintptr_t)shared + 1, 0, 0).error,
		  SBI_INVALID_PARAM);
	EXPECT_EQ(share(), SBI_SUCCESS);
	if (count(0))
		EXPECT_EQ(call(SBI_DBTR_READ, 0, 1, 0).error, SBI_SUCCESS);
	unshare();
}

TEST(dbtr_range, "triggers that are not there are BAD_RANGE", DEVICE(DEVICE_SBI_DBTR))
{
	REQUIRE_EQ(share(), SBI_SUCCESS);
	EXPECT_EQ(call(SBI_DBTR_READ, count(0), 1, 0).error, SBI_BAD_RANGE);
	EXPECT_EQ(call(SBI_DBTR_READ, 0, count(0) + 1, 0).error, SBI_BAD_RANGE);
	unshare();
}

#define NO_INDEX	99

static long install_at(unsigned long tdata1, const void *at)
{
	shared[0] = (struct entry){
		.word = NO_INDEX, .tdata1 = tdata1 | TRIGGER_SUPERVISOR,
		.tdata2 = (uintptr_t)at,
	};
	return call(SBI_DBTR_INSTALL, 1, 0, 0).error;
}

/* Returns its index, as the triggers say themselves, or ends the TEST. */
static unsigned long install(unsigned long tdata1, const void *at)
{
	unsigned long triggers = count(0);

	REQUIRE_EQ(install_at(tdata1, at), SBI_SUCCESS);
	for (unsigned long i = 0; i < triggers; i++) {
		memset(shared, 0, sizeof(shared));
		REQUIRE_EQ(call(SBI_DBTR_READ, i, 1, 0).error, SBI_SUCCESS);
		if (shared[0].word & DBTR_MAPPED && shared[0].tdata2 == (uintptr_t)at)
			return i;
	}
	REQUIRE(!"the trigger is nowhere");
	return 0;
}

static void uninstall(unsigned long index)
{
	EXPECT_EQ(call(SBI_DBTR_UNINSTALL, index, 1, 0).error, SBI_SUCCESS);
}

#define APART	64	/* bytes, so that neighbours are another matter */

static u8 watched[APART + 1] __attribute__((aligned(APART)));

static long function(long n)
{
	/* Opaque, so that there is a function to be called. */
	asm volatile("" : "+r"(n));
	return n + 1;
}

static uintptr_t stopped;

static bool see_stop(struct frame *frame)
{
	stopped = frame->pc;
	/* As if it had returned. */
	frame->pc = *frame_gpr(frame, GPR_RA);
	*frame_gpr(frame, GPR_A0) = 0;
	return true;
}

static bool function_stops(void)
{
	long (*volatile run)(long n) = function;
	long result;

	stopped = 0;
	exception_handle(EXCEPTION_BREAKPOINT, see_stop);
	result = run(41);
	exception_handle(EXCEPTION_BREAKPOINT, NULL);
	EXPECT_EQ(result, stopped ? 0 : 42);
	if (stopped)
		EXPECT_EQ(stopped, (uintptr_t)function);
	return stopped;
}

/* Which of the three accesses fire. */
static void check_fires(unsigned long accesses)
{
	struct fault fires = FAULT(BREAKPOINT), none = FAULT_NONE;

	EXPECT_FAULT(accesses & TRIGGER_LOAD ? fires : none, try_load(watched));
	EXPECT_FAULT(accesses & TRIGGER_STORE ? fires : none, try_store(watched));
	EXPECT_FAULT(FAULT_NONE, try_load(watched + APART));
	EXPECT_FAULT(FAULT_NONE, try_store(watched + APART));
	EXPECT_EQ(function_stops(), !!(accesses & TRIGGER_EXECUTE));
}

static const struct {
	const char *name;
	unsigned long accesses;
} rows[] = {
	{ "load", TRIGGER_LOAD },
	{ "store", TRIGGER_STORE },
	{ "execute", TRIGGER_EXECUTE },
	{ "load and store", TRIGGER_LOAD | TRIGGER_STORE },
};

static const void *place(unsigned long accesses)
{
	return accesses & TRIGGER_EXECUTE ? (const void *)function : watched;
}

TEST(dbtr_fires, "a trigger fires on its access, as long as it is installed",
     DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1), index;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	for_each(row, rows) SUBTEST("%s", row->name) {
		check_fires(0);
		index = install(type | row->accesses, place(row->accesses));
		check_fires(row->accesses);
		uninstall(index);
		check_fires(0);
	}
	unshare();
}

TEST(dbtr_neighbour, "a byte beside is not meant (Debug 1.0, 5.7.12, match 0)",
     DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1), index;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	index = install(type | TRIGGER_STORE | TRIGGER_LOAD, watched);
	EXPECT_FAULT(FAULT(BREAKPOINT), try_store(watched));
	EXPECT_FAULT(FAULT_NONE, try_store(watched + 1));
	EXPECT_FAULT(FAULT_NONE, try_load(watched + 1));
	uninstall(index);
	unshare();
}

TEST(dbtr_index, "installing tells the trigger's index", DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1);

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	EXPECT_EQ(install_at(type | TRIGGER_STORE, watched), SBI_SUCCESS);
	EXPECT(shared[0].word < count(0));
	for (unsigned long i = 0; i < count(0); i++)
		call(SBI_DBTR_UNINSTALL, i, 1, 0);
	unshare();
}

TEST(dbtr_read, "what was installed is read back, and its state",
     DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1), index;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	index = install(type | TRIGGER_STORE, watched);
	memset(shared, 0, sizeof(shared));
	EXPECT_EQ(call(SBI_DBTR_READ, index, 1, 0).error, SBI_SUCCESS);
	EXPECT(shared[0].word & DBTR_MAPPED);
	EXPECT_EQ(shared[0].word & (DBTR_SUPERVISOR | DBTR_USER), DBTR_SUPERVISOR);
	EXPECT_EQ(shared[0].tdata1 >> (8 * WORD_BYTES - 4), type >> (8 * WORD_BYTES - 4));
	EXPECT_EQ(shared[0].tdata1 & 0x1f, TRIGGER_STORE | TRIGGER_SUPERVISOR);
	EXPECT_EQ(shared[0].tdata2, (uintptr_t)watched);
	uninstall(index);
	EXPECT_EQ(call(SBI_DBTR_READ, index, 1, 0).error, SBI_SUCCESS);
	EXPECT(!(shared[0].word & DBTR_MAPPED));
	unshare();
}

TEST(dbtr_disable, "a trigger that is disabled does not fire, until it is enabled",
     DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1), index;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	index = install(type | TRIGGER_STORE, watched);
	EXPECT_EQ(call(SBI_DBTR_DISABLE, index, 1, 0).error, SBI_SUCCESS);
	check_fires(0);
	EXPECT_EQ(call(SBI_DBTR_READ, index, 1, 0).error, SBI_SUCCESS);
	EXPECT(shared[0].word & DBTR_MAPPED);
	EXPECT_EQ(call(SBI_DBTR_ENABLE, index, 1, 0).error, SBI_SUCCESS);
	check_fires(TRIGGER_STORE);
	EXPECT_EQ(call(SBI_DBTR_DISABLE, index, 1, 0).error, SBI_SUCCESS);
	uninstall(index);
	check_fires(0);
	unshare();
}

static long update(unsigned long index, unsigned long tdata1, const void *at)
{
	shared[0] = (struct entry){
		.word = index, .tdata1 = tdata1 | TRIGGER_SUPERVISOR,
		.tdata2 = (uintptr_t)at,
	};
	return call(SBI_DBTR_UPDATE, 1, 0, 0).error;
}

TEST(dbtr_update, "a trigger is changed where it is", DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1), index;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	index = install(type | TRIGGER_STORE, watched);
	check_fires(TRIGGER_STORE);
	EXPECT_EQ(update(index, type | TRIGGER_LOAD, watched), SBI_SUCCESS);
	EXPECT_EQ(call(SBI_DBTR_READ, index, 1, 0).error, SBI_SUCCESS);
	EXPECT_EQ(shared[0].tdata1 & 0x1f, TRIGGER_LOAD | TRIGGER_SUPERVISOR);
	check_fires(TRIGGER_LOAD);
	uninstall(index);
	unshare();
}

TEST(dbtr_uninstalled, "what is not installed does not fire, whatever is asked",
     DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(1), index;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	index = install(type | TRIGGER_STORE, watched);
	uninstall(index);
	EXPECT_EQ(call(SBI_DBTR_ENABLE, index, 1, 0).error, SBI_SUCCESS);
	check_fires(0);
	EXPECT_EQ(update(index, type | TRIGGER_STORE, watched), SBI_FAILED);
	check_fires(0);
	call(SBI_DBTR_UNINSTALL, index, 1, 0);
	check_fires(0);
	unshare();
}

TEST(dbtr_many, "triggers are apart, and so are their ends", DEVICE(DEVICE_SBI_DBTR))
{
	unsigned long type = kind(2), a, b;

	if (!type)
		return;
	REQUIRE_EQ(share(), SBI_SUCCESS);
	a = install(type | TRIGGER_STORE, watched);
	b = install(type | TRIGGER_EXECUTE, (const void *)function);
	EXPECT(a != b);
	check_fires(TRIGGER_STORE | TRIGGER_EXECUTE);
	uninstall(a);
	check_fires(TRIGGER_EXECUTE);
	uninstall(b);
	check_fires(0);
	unshare();
}
