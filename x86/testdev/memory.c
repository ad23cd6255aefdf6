/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory slots, pages that come late, and the dirty log. */
#include <clock.h>
#include <defs/page.h>
#include <device.h>
#include <memory.h>
#include <smp.h>
#include <testdev.h>
#include <clock.h>

/* In a device's memory: what is behind a slot can be told from having none. */
#define WINDOW		TESTDEV_MEMORY
#define AT(page)	((volatile u32 *)(uintptr_t)(WINDOW + (page) * PAGE_SIZE))
#define DEVICES_WORD	0x0de71ce5u

static u64 window(unsigned int page)
{
	return WINDOW + page * PAGE_SIZE;
}

TEST(slot_add, "a slot has zeros, keeps what is written, and goes",
     DEVICE(TESTDEV_SLOTS, DEVICE_TESTDEV_MEMORY))
{
	u64 slot;

	*AT(0) = *AT(1) = DEVICES_WORD;
	slot = ASK(SLOT_ADD, window(0), PAGE_SIZE, 0);
	EXPECT_EQ(*AT(0), 0);
	*AT(0) = 42;
	EXPECT_EQ(*AT(0), 42);
	EXPECT_EQ(*AT(1), DEVICES_WORD);
	EXPECT_EXITS_AT_MOST(0, *AT(0) = 43);
	ASK(SLOT_REMOVE, slot);
	EXPECT_EQ(*AT(0), DEVICES_WORD);
	EXPECT_EQ(REQUEST(SLOT_REMOVE, slot).status, ABI_REQUEST_WRONG);
}

TEST(slot_move, "what is in a slot moves with it",
     DEVICE(TESTDEV_SLOTS, DEVICE_TESTDEV_MEMORY))
{
	u64 slot = ASK(SLOT_ADD, window(0), PAGE_SIZE, 0);

	*AT(0) = 42;
	*AT(3) = DEVICES_WORD;
	ASK(SLOT_MOVE, slot, window(3));
	EXPECT_EQ(*AT(3), 42);
	ASK(SLOT_MOVE, slot, window(0));
	EXPECT_EQ(*AT(0), 42);
	EXPECT_EQ(*AT(3), DEVICES_WORD);
	ASK(SLOT_REMOVE, slot);
}

TEST(slot_resize, "a slot made smaller keeps the part that is left",
     DEVICE(TESTDEV_SLOTS, DEVICE_TESTDEV_MEMORY))
{
	u64 slot;

	*AT(1) = DEVICES_WORD;
	slot = ASK(SLOT_ADD, window(0), 2 * PAGE_SIZE, 0);
	*AT(0) = 42;
	*AT(1) = 43;
	ASK(SLOT_RESIZE, slot, PAGE_SIZE);
	EXPECT_EQ(*AT(0), 42);
	EXPECT_EQ(*AT(1), DEVICES_WORD);
	ASK(SLOT_RESIZE, slot, 2 * PAGE_SIZE);
	EXPECT_EQ(*AT(1), 43);
	EXPECT_EQ(REQUEST(SLOT_RESIZE, slot, 3 * PAGE_SIZE).status,
		  ABI_REQUEST_WRONG);
	ASK(SLOT_REMOVE, slot);
}

TEST(slot_protect, "a read-only slot keeps what it has",
     DEVICE(TESTDEV_SLOTS, DEVICE_TESTDEV_MEMORY))
{
	u64 slot = ASK(SLOT_ADD, window(0), PAGE_SIZE, 0);

	*AT(0) = 42;
	ASK(SLOT_PROTECT, slot, ABI_SLOT_READONLY);
	EXPECT_EQ(*AT(0), 42);
	*AT(0) = 43;
	EXPECT_EQ(*AT(0), 42);
	ASK(SLOT_PROTECT, slot, 0);
	*AT(0) = 44;
	EXPECT_EQ(*AT(0), 44);
	ASK(SLOT_REMOVE, slot);
}

TEST(slot_alias, "one memory in two slots is the same at both addresses",
     DEVICE(TESTDEV_SLOTS, DEVICE_TESTDEV_MEMORY))
{
	volatile u32 *page = pages_alloc_zeroed(1);
	u64 slot = ASK(SLOT_ALIAS, window(0), PAGE_SIZE, 0, (uintptr_t)page);

	*page = 42;
	EXPECT_EQ(*AT(0), 42);
	*AT(0) = 43;
	EXPECT_EQ(*page, 43);
	ASK(SLOT_REMOVE, slot);
	EXPECT_EQ(*page, 43);
}

TEST(slot_carve, "a piece of RAM can become a slot of its own", DEVICE(TESTDEV_SLOTS))
{
	u8 *pages = pages_alloc_zeroed(3);
	volatile u32 *page = (u32 *)(pages + PAGE_SIZE);
	u64 slot;

	*page = 42;
	slot = ASK(SLOT_CARVE, (uintptr_t)page, PAGE_SIZE, ABI_SLOT_READONLY);
	EXPECT_EQ(*page, 42);
	*page = 43;
	EXPECT_EQ(*page, 42);
	pages[0] = pages[2 * PAGE_SIZE] = 1;
	EXPECT_EQ(pages[0] + pages[2 * PAGE_SIZE], 2);
	ASK(SLOT_REMOVE, slot);
	EXPECT_EQ(*page, 0xffffffff);
	ASK(SLOT_RESTORE);
	EXPECT_EQ(*page, 42);
	*page = 44;
	EXPECT_EQ(*page, 44);
}

#define MOVES	20

static u32 stop;

static void look(void *arg)
{
	u32 *strange = arg;

	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		u32 a = *AT(0), b = *AT(3);

		*strange += a != 42 && a != DEVICES_WORD;
		*strange += b != 42 && b != DEVICES_WORD;
	}
}

TEST(slot_move_live, "a slot moves under a CPU that reads it", CPUS(2),
     DEVICE(TESTDEV_SLOTS, DEVICE_TESTDEV_MEMORY))
{
	u32 strange = 0;
	u64 slot;

	*AT(0) = *AT(3) = DEVICES_WORD;
	slot = ASK(SLOT_ADD, window(0), PAGE_SIZE, 0);
	*AT(0) = 42;
	stop = 0;
	on_cpu_begin(1, look, &strange);
	for (unsigned int i = 1; i <= MOVES; i++)
		ASK(SLOT_MOVE, slot, window(i % 2 ? 3 : 0));
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	on_cpu_end(1);
	EXPECT_EQ(strange, 0);
	EXPECT_EQ(*AT(0), 42);
	ASK(SLOT_REMOVE, slot);
}

#define DELAY_US	2000

TEST(missing, "a page comes late, and is what it was", DEVICE(TESTDEV_FAULTS))
{
	volatile u32 *page = pages_alloc_zeroed(2);
	u64 faults = REQUEST(FAULT_COUNT).result[0], begin;

	page[0] = 42;
	page[PAGE_SIZE / 4] = 43;
	ASK(FAULT_MISSING, (uintptr_t)page, 2 * PAGE_SIZE, DELAY_US);
	begin = rdtsc();
	EXPECT_EQ(page[0], 42);
	EXPECT(rdtsc() - begin >= clock_us_to_ticks(DELAY_US));
	EXPECT_EQ(REQUEST(FAULT_COUNT).result[0], faults + 1);
	/* It is there now, and the other one is not. */
	page[0] = 44;
	EXPECT_EQ(page[0], 44);
	EXPECT_EQ(REQUEST(FAULT_COUNT).result[0], faults + 1);
	ASK(FAULT_RELEASE);
	EXPECT_EQ(page[0], 44);
	EXPECT_EQ(page[PAGE_SIZE / 4], 43);
	EXPECT_EQ(REQUEST(FAULT_COUNT).result[0], faults + 1);
}

TEST(missing_overlap, "a page that is away is not taken away again",
     DEVICE(TESTDEV_FAULTS))
{
	u8 *page = pages_alloc_zeroed(2);

	ASK(FAULT_MISSING, (uintptr_t)page, 2 * PAGE_SIZE, 0);
	EXPECT_EQ(REQUEST(FAULT_MISSING, (uintptr_t)page + PAGE_SIZE, PAGE_SIZE,
			  0).status, ABI_REQUEST_WRONG);
	ASK(FAULT_RELEASE);
	EXPECT_EQ(page[0], 0);
}

static volatile u32 *late;
static u32 late_value;

static void read_late(void *arg)
{
	(void)arg;
	__atomic_store_n(&late_value, *late, __ATOMIC_RELEASE);
}

/* Polls, with pauses: each question is an exit. */
static bool waits(u64 want)
{
	for (unsigned int i = 0; i < 1000; i++) {
		if (REQUEST(FAULT_COUNT).result[1] == want)
			return true;
		delay_us(1000);
	}
	return false;
}

TEST(missing_forever, "a CPU waits for a page until it is released", CPUS(2),
     DEVICE(TESTDEV_FAULTS))
{
	late = pages_alloc_zeroed(1);
	*late = 42;
	late_value = 0;
	ASK(FAULT_MISSING, (uintptr_t)late, PAGE_SIZE, ABI_FOREVER);
	on_cpu_begin(1, read_late, NULL);
	EXPECT(waits(1));
	EXPECT_EQ(__atomic_load_n(&late_value, __ATOMIC_ACQUIRE), 0);
	ASK(FAULT_RELEASE);
	on_cpu_end(1);
	EXPECT_EQ(late_value, 42);
	EXPECT(waits(0));
}

TEST(protected, "writing to a page takes its time, reading does not",
     DEVICE(TESTDEV_FAULTS_WP))
{
	volatile u32 *page = pages_alloc_zeroed(1);
	u64 faults = REQUEST(FAULT_COUNT).result[0], begin;

	page[0] = 42;
	ASK(FAULT_PROTECT, (uintptr_t)page, PAGE_SIZE, DELAY_US);
	EXPECT_EQ(page[0], 42);
	EXPECT_EQ(REQUEST(FAULT_COUNT).result[0], faults);
	begin = rdtsc();
	page[0] = 43;
	EXPECT(rdtsc() - begin >= clock_us_to_ticks(DELAY_US));
	EXPECT_EQ(page[0], 43);
	EXPECT(REQUEST(FAULT_COUNT).result[0] > faults);
	ASK(FAULT_RELEASE);
}

#define LOGGED	16

static u32 log_bits(const u8 *pages)
{
	u32 bits = 0;

	ASK(LOG_READ, (uintptr_t)pages, LOGGED * PAGE_SIZE, (uintptr_t)&bits);
	asm volatile("" : "+m"(bits) : : "memory");
	return bits;
}

TEST(log, "the log has pages that were written to, once", DEVICE(TESTDEV_LOG))
{
	volatile u8 *pages = pages_alloc_zeroed(LOGGED);
	const u8 *logged = (const u8 *)pages;

	ASK(LOG_BEGIN);
	EXPECT_EQ(REQUEST(LOG_BEGIN).status, ABI_REQUEST_WRONG);
	log_bits(logged);
	pages[3 * PAGE_SIZE] = pages[7 * PAGE_SIZE + 4095] = 1;
	EXPECT_EQ(pages[5 * PAGE_SIZE], 0);
	EXPECT_EQ(log_bits(logged), BIT(3) | BIT(7));
	EXPECT_EQ(log_bits(logged), 0);
	pages[7 * PAGE_SIZE] = 2;
	EXPECT_EQ(log_bits(logged), BIT(7));
	ASK(LOG_END);
	EXPECT_EQ(REQUEST(LOG_READ, (uintptr_t)pages, PAGE_SIZE,
			  (uintptr_t)pages).status, ABI_REQUEST_WRONG);
}

#define ROUNDS	50

static void write_all(void *arg)
{
	volatile u8 *pages = arg;

	for (unsigned int i = 0; i < ROUNDS * LOGGED; i++)
		pages[i % LOGGED * PAGE_SIZE]++;
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
}

TEST(log_live, "no write is lost while another CPU writes", CPUS(2),
     DEVICE(TESTDEV_LOG))
{
	u8 *pages = pages_alloc_zeroed(LOGGED);
	u8 seen[LOGGED] = { 0 }, now[LOGGED];
	u32 lost = 0, bits;

	ASK(LOG_BEGIN);
	log_bits(pages);
	stop = 0;
	on_cpu_begin(1, write_all, pages);
	for (bool last = false; !last;) {
		last = __atomic_load_n(&stop, __ATOMIC_ACQUIRE);
		for (unsigned int i = 0; i < LOGGED; i++)
			now[i] = ((volatile u8 *)pages)[i * PAGE_SIZE];
		bits = log_bits(pages);
		for (unsigned int i = 0; i < LOGGED; i++) {
			lost += now[i] != seen[i] && !(bits & BIT(i));
			/* What is other than this next time was written since. */
			seen[i] = ((volatile u8 *)pages)[i * PAGE_SIZE];
		}
	}
	on_cpu_end(1);
	ASK(LOG_END);
	EXPECT_EQ(lost, 0);
	EXPECT_EQ(pages[0], ROUNDS);
}
