/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reservations: what keeps them, what takes them away, and that updates made with them
 * are never lost (Power ISA 3.1, Book II, 1.7.4 and 4.6.2).
 */
#include <clock.h>
#include <migrate.h>
#include <smp.h>
#include <test.h>

#define UPDATES		200000u
#define PATIENCE_US	1000000		/* a host that is slow does fewer */

/*
 * Checks count with reservations of their own: none stands between a load and the store
 * that is meant to belong to it.
 */
static u64 cell[4] __attribute__((aligned(128)));

/* X(bits, suffix): lbarx and stbcx., … */
#define SIZES(X)	X(8, "b") X(16, "h") X(32, "w") X(64, "d")

/* Each is the load, the store that depends on it, and whether it was made. */
#define DEFINE_RESERVE(bits, suffix)					\
static inline u##bits reserve##bits(const void *at)			\
{									\
	u64 value;							\
									\
	asm volatile("l" suffix "arx %0, 0, %1"				\
		     : "=r"(value) : "r"(at) : "memory");		\
	return value;							\
}									\
									\
static inline bool store##bits(void *at, u64 value)			\
{									\
	u32 cr;								\
									\
	asm volatile("st" suffix "cx. %1, 0, %2; mfcr %0"		\
		     : "=r"(cr) : "r"(value), "r"(at) : "cr0", "memory"); \
	return cr >> 29 & 1;						\
}
SIZES(DEFINE_RESERVE)

/* There is one reservation a CPU: a store to another place uses it up. */
static void reservation_drop(void)
{
	static u64 elsewhere;

	store64(&elsewhere, 0);
}

#define CHECK_SIZE(bits, suffix)					\
	SUBTEST("l" suffix "arx") {					\
		volatile u##bits *at = (volatile u##bits *)cell;	\
		bool first, second;					\
		u##bits got;						\
									\
		*at = 0x5a;						\
		got = reserve##bits((void *)at);			\
		first = store##bits((void *)at, 0x33);			\
		second = store##bits((void *)at, 0x44);			\
		EXPECT_EQ(got, 0x5a);					\
		EXPECT(first);						\
		/* It is used up. */					\
		EXPECT(!second);					\
		EXPECT_EQ(*at, 0x33);					\
		reserve##bits((void *)at);				\
		reservation_drop();					\
		first = store##bits((void *)at, 0x55);			\
		EXPECT(!first);						\
		EXPECT_EQ(*at, 0x33);					\
	}

TEST(reservation, "a store with a reservation is made, one without is not")
{
	SIZES(CHECK_SIZE)
}

struct quad {
	u64 high, low;
};

static bool quad_exchange(struct quad *at, struct quad *old, struct quad value)
{
	u32 cr;

	asm volatile("lqarx 22, 0, %[at]\n"
		     "std 22, 0(%[old]); std 23, 8(%[old])\n"
		     "ld 22, 0(%[value]); ld 23, 8(%[value])\n"
		     "stqcx. 22, 0, %[at]\n"
		     "mfcr %[cr]"
		     : [cr] "=r"(cr)
		     : [at] "b"(at), [old] "b"(old), [value] "b"(&value)
		     : "r22", "r23", "cr0", "memory");
	return cr >> 29 & 1;
}

TEST(quadword, "lqarx and stqcx. update 16 bytes", REQUIRES(CPU_ISA_207))
{
	struct quad *at = (struct quad *)cell, old;

	*at = (struct quad){ 0x1122334455667788ull, 0x99aabbccddeeff00ull };
	EXPECT(quad_exchange(at, &old, (struct quad){ 1, 2 }));
	/* The even register has the more significant half. */
#if IS_LITTLE
	EXPECT_EQ(old.low, 0x1122334455667788ull);
	EXPECT_EQ(old.high, 0x99aabbccddeeff00ull);
	EXPECT_EQ(at->low, 1);
	EXPECT_EQ(at->high, 2);
#else
	EXPECT_EQ(old.high, 0x1122334455667788ull);
	EXPECT_EQ(old.low, 0x99aabbccddeeff00ull);
	EXPECT_EQ(at->high, 1);
	EXPECT_EQ(at->low, 2);
#endif
}

TEST(own_store, "a CPU's own stores leave its reservation, says the METRIC")
{
	bool made;

	cell[0] = 1;
	reserve64(cell);
	*(volatile u64 *)cell = 1;
	/* Either is allowed (4.6.2.1). */
	made = store64(cell, 2);
	EXPECT_EQ(cell[0], made ? 2 : 1);
	METRIC("kept over an own store of the same", made, "");
}

static void store_value(void *arg)
{
	*(volatile u64 *)cell = *(u64 *)arg;
}

TEST(other_store, "another CPU's store takes a reservation away", CPUS(2))
{
	u64 value = 2;
	bool made;

	smp_start();
	SUBTEST("of another value") {
		cell[0] = 1;
		reserve64(cell);
		on_cpu(1, store_value, &value);
		made = store64(cell, 3);
		EXPECT(!made);
		EXPECT_EQ(cell[0], 2);
	}
	SUBTEST("of the same value") {
		cell[0] = 2;
		reserve64(cell);
		on_cpu(1, store_value, &value);
		made = store64(cell, 3);
		EXPECT(!made);
	}
}

#define MARK	0x5a5a5a5a5a5a5a5aull

/* Operands are not aligned: the load's target, and memory, stay as they are. */
#define CHECK_UNALIGNED(bits, suffix)					\
	if (bits > 8)							\
		SUBTEST("l" suffix "arx") {				\
			u64 value = MARK;				\
			void *at = (char *)cell + 1;			\
									\
			EXPECT_FAULT(FAULT_AT(VECTOR_ALIGNMENT, 0, at),	\
				     TRY_OUT("l" suffix "arx %0, 0, %1", \
					     OUT("+&r"(value)), "r"(at))); \
			EXPECT_EQ(value, MARK);				\
		}
#define CHECK_UNALIGNED_STORE(bits, suffix)				\
	if (bits > 8)							\
		SUBTEST("st" suffix "cx.") {				\
			void *at = (char *)cell + 1;			\
									\
			cell[0] = MARK;					\
			cell[1] = MARK;					\
			reserve##bits(cell);				\
			EXPECT_FAULT(FAULT_AT(VECTOR_ALIGNMENT, 0, at),	\
				     TRY("st" suffix "cx. %1, 0, %0",	\
					 "r"(at), "r"(0ul)));		\
			EXPECT_EQ(cell[0], MARK);			\
			EXPECT_EQ(cell[1], MARK);			\
			reservation_drop();				\
		}

TEST(unaligned, "operands that are not aligned are alignment interrupts")
{
	SIZES(CHECK_UNALIGNED)
	SIZES(CHECK_UNALIGNED_STORE)
}

static void increment(u64 *at)
{
	u64 value;

	do
		value = reserve64(at);
	while (!store64(at, value + 1));
}

static u64 lock, counter, done;

static void increments(void *arg)
{
	u64 begin = clock_ticks(), own = 0;

	(void)arg;
	while (own < UPDATES && (own % 1024 || clock_ticks() - begin <
				 clock_us_to_ticks(PATIENCE_US))) {
		increment(&counter);
		own++;
	}
	__atomic_fetch_add(&done, own, __ATOMIC_SEQ_CST);
}

TEST(smp_atomic, "no increment of any CPU is lost", CPUS(2))
{
	counter = done = 0;
	on_cpus(increments, NULL);
	EXPECT(done);
	EXPECT_EQ(counter, done);
}

static void lock_take(void)
{
	do {
		while (reserve64(&lock))
			cpu_relax();
	} while (!store64(&lock, 1));
	asm volatile("isync" : : : "memory");
}

static void lock_give(void)
{
	asm volatile("lwsync" : : : "memory");
	*(volatile u64 *)&lock = 0;
}

static void locked_increments(void *arg)
{
	u64 begin = clock_ticks(), own = 0;

	(void)arg;
	while (own < UPDATES && (own % 1024 || clock_ticks() - begin <
				 clock_us_to_ticks(PATIENCE_US))) {
		lock_take();
		*(volatile u64 *)&counter = *(volatile u64 *)&counter + 1;
		lock_give();
		own++;
	}
	__atomic_fetch_add(&done, own, __ATOMIC_SEQ_CST);
}

TEST(smp_lock, "a lock of lwsync and isync orders what it protects", CPUS(2))
{
	counter = done = lock = 0;
	on_cpus(locked_increments, NULL);
	EXPECT(done);
	EXPECT_EQ(counter, done);
}

#define MEASURED	100000u

TEST(performance, "what adding costs, in ticks for 100000 times")
{
	u64 begin = clock_ticks();

	counter = 0;
	for (u32 i = 0; i < MEASURED; i++)
		*(volatile u64 *)&counter = *(volatile u64 *)&counter + 1;
	METRIC("load and store", clock_ticks() - begin, "ticks");
	begin = clock_ticks();
	for (u32 i = 0; i < MEASURED; i++)
		increment(&counter);
	METRIC("ldarx and stdcx.", clock_ticks() - begin, "ticks");
	begin = clock_ticks();
	lock = 0;
	for (u32 i = 0; i < MEASURED; i++) {
		lock_take();
		*(volatile u64 *)&counter = *(volatile u64 *)&counter + 1;
		lock_give();
	}
	METRIC("under a lock", clock_ticks() - begin, "ticks");
	EXPECT_EQ(counter, 3 * MEASURED);
}

TEST(migration, "a reservation does not go with the machine", MIGRATES)
{
	u32 kept = 0;

	for (u32 i = 0; i < 10; i++) {
		cell[0] = i;
		reserve64(cell);
		migrate_once();
		kept += store64(cell, -1ull);
	}
	EXPECT_EQ(kept, 0);
}
