/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's log of dirty pages against what was written (KVM doc, KVM_GET_DIRTY_LOG,
 * KVM_CAP_DIRTY_LOG_RING): a page that was written to since it was last asked about is
 * told, by whatever it was written; one that was not is not.  A migration that misses a
 * page has broken its guest.
 */
#include <asm/cpu.h>
#include <asm/page.h>
#include <defs/kvm.h>
#include <irq.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>
#include <work.h>

#define PAGES		4
#define PAGE(n)		((n) * PAGE_SIZE)

struct log_scope {
	struct scope scope;
};

static void log_leave(struct scope *scope)
{
	(void)scope;
	ASK(LOG_END);
}

static void log_enter(struct log_scope *s)
{
	ASK(LOG_BEGIN);
	scope_enter(&s->scope, log_leave);
}

#define WITH_LOG()	SCOPE(log_scope, log_enter)

/* What was written since the last time. */
static u32 written(const volatile void *pages, unsigned int count)
{
	u32 bits = 0;

	ASK(LOG_READ, (uintptr_t)pages, count * PAGE_SIZE, (uintptr_t)&bits);
	asm volatile("" : "+m"(bits) : : "memory");
	return bits;
}

static void load(volatile u8 *area)
{
	(void)*area;
	(void)area[PAGE(1)];
}

static void store(volatile u8 *area)
{
	*area = 1;
}

static void store_last(volatile u8 *area)
{
	area[PAGE(2) - 1] = 1;
}

static void store_same(volatile u8 *area)
{
	area[PAGE(1)] = area[PAGE(1)];
}

static void store_across(volatile u8 *area)
{
	*(volatile u32 *)(area + PAGE(1) - 2) = 0x12345678;
}

static void locked(volatile u8 *area)
{
	asm volatile("lock addl $1, %0" : "+m"(*(volatile u32 *)(area + PAGE(1))));
}

static void exchange(volatile u8 *area)
{
	u32 value = 5;

	asm volatile("xchg %0, %1" : "+r"(value), "+m"(*(volatile u32 *)area));
}

static void bit_far_away(volatile u8 *area)
{
	unsigned long bit = PAGE(2) * 8 + 3;

	asm volatile("bts %1, %0" : "+m"(*(volatile unsigned long *)area)
		     : "r"(bit) : "memory", "cc");
}

static void string_store(volatile u8 *area)
{
	void *to = (void *)(area + PAGE(1) - 8);
	unsigned long count = PAGE_SIZE + 16;

	asm volatile("rep stosb" : "+D"(to), "+c"(count) : "a"(7) : "memory");
}

static void string_move(volatile u8 *area)
{
	const void *from = (void *)(area + PAGE(3));
	void *to = (void *)area;
	unsigned long count = 64;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void string_input(volatile u8 *area)
{
	void *to = (void *)(area + PAGE(2));
	unsigned long count = 4;

	asm volatile("rep insb" : "+D"(to), "+c"(count) : "d"(0x80) : "memory");
}

static void stack(volatile u8 *area)
{
	unsigned long top = (uintptr_t)area + PAGE(3);

	asm volatile("xchg %0, %%" STACK_POINTER "\n"
		     "pushf\n"
		     "popf\n"
		     "xchg %0, %%" STACK_POINTER
		     : "+r"(top) : : "memory", "cc");
}

static void table_store(volatile u8 *area)
{
	asm volatile("sgdt %0" : "=m"(*(struct table_register *)(area + PAGE(1))));
}

static void fetch(volatile u8 *area)
{
	void (*code)(void) = (void (*)(void))(uintptr_t)(area + PAGE(3));

	code();
}

static const struct {
	const char *name;
	void (*run)(volatile u8 *area);
	u32 pages;
} accesses[] = {
	{ "load",			load,		0 },
	{ "store",			store,		BIT(0) },
	{ "store of a page's last byte", store_last,	BIT(1) },
	{ "store of what was there",	store_same,	BIT(1) },
	{ "store across pages",		store_across,	BIT(0) | BIT(1) },
	{ "locked",			locked,		BIT(1) },
	{ "XCHG",			exchange,	BIT(0) },
	{ "BTS of a bit far away",	bit_far_away,	BIT(2) },
	{ "REP STOSB",			string_store,	BIT(0) | BIT(1) | BIT(2) },
	{ "REP MOVSB",			string_move,	BIT(0) },
	{ "REP INSB",			string_input,	BIT(2) },
	{ "push",			stack,		BIT(2) },
	{ "SGDT",			table_store,	BIT(1) },
	{ "fetch",			fetch,		0 },
};

#define RET	0xc3

static volatile u8 *area_alloc(void)
{
	volatile u8 *area = pages_alloc_zeroed(PAGES);

	area[PAGE(3)] = RET;
	return area;
}

TEST(accesses, "each page that was written to is told, each time, and no other",
     DEVICE(TESTDEV_LOG))
{
	volatile u8 *area = area_alloc();

	WITH_LOG()
		for_each(access, accesses) SUBTEST("%s", access->name) {
			written(area, PAGES);
			for (unsigned int n = 0; n < 3; n++) {
				access->run(area);
				EXPECT_EQ(written(area, PAGES), access->pages);
			}
			EXPECT_EQ(written(area, PAGES), 0);
		}
}

TEST(forced, "the dirty log has pages that KVM's emulator wrote",
     DEVICE(TESTDEV_LOG, DEVICE_FEP))
{
	volatile u8 *area = area_alloc();

	WITH_LOG() {
		written(area, PAGES);
		EXPECT_FAULT(FAULT_NONE, TRY_FORCED("movl $1, (%0)", "r"(area + PAGE(1) - 2)));
		EXPECT_EQ(written(area, PAGES), BIT(0) | BIT(1));
		EXPECT_FAULT(FAULT_NONE, TRY_FORCED("lock; incl (%0)", "r"(area + PAGE(2))));
		EXPECT_EQ(written(area, PAGES), BIT(2));
		EXPECT_FAULT(FAULT_NONE, TRY_FORCED("cmpl $1, (%0)", "r"(area + PAGE(3))));
		EXPECT_EQ(written(area, PAGES), 0);
	}
}

/* A page of its own for the table: others' entries are not in it. */
#define VIRTUAL	((volatile u8 *)PAGES_SPARE)

static const struct {
	const char *name;
	u64 before, after;	/* of A and D */
	bool write;
} walks[] = {
	{ "A by a load",	0,	PTE_A,		false },
	{ "A and D by a store",	0,	PTE_A | PTE_D,	true },
	{ "D by a store",	PTE_A,	PTE_A | PTE_D,	true },
};

TEST(walks, "a page table's page is told where a walk sets A or D in it",
     DEVICE(TESTDEV_LOG))
{
	void *page = pages_alloc_zeroed(1), *entry;
	const void *table;

	page_map((void *)VIRTUAL, (uintptr_t)page, PAGE_DATA);
	entry = pte_at((void *)VIRTUAL);
	table = (const void *)((uintptr_t)entry & ~(PAGE_SIZE - 1));
	WITH_LOG()
		for_each(walk, walks) SUBTEST("%s", walk->name) {
			pte_write(entry, (pte_read(entry) & ~(u64)(PTE_A | PTE_D)) |
				  walk->before);
			tlb_flush_page((const void *)VIRTUAL);
			written(table, 1);
			if (walk->write)
				*VIRTUAL = 1;
			else
				(void)*VIRTUAL;
			EXPECT_EQ(written(table, 1), 1);
			EXPECT_EQ(pte_read(entry) & (PTE_A | PTE_D), walk->after);
		}
	page_map((void *)VIRTUAL, 0, PAGE_NONE);
}

TEST(clock_page, "a page that KVM writes by itself is told",
     DEVICE(TESTDEV_LOG, DEVICE_KVM))
{
	volatile u8 *area = area_alloc();

	WITH_LOG() {
		written(area, PAGES);
		wrmsr(MSR_KVM_SYSTEM_TIME, (uintptr_t)(area + PAGE(1)) | 1);
		irq_exit();
		EXPECT_EQ(written(area, PAGES) & BIT(1), BIT(1));
		wrmsr(MSR_KVM_SYSTEM_TIME, 0);
		irq_exit();
		written(area, PAGES);
		irq_exit();
		EXPECT_EQ(written(area, PAGES), 0);
	}
}

#define BIG		512		/* pages of 2 MiB */
#define EVERY		3

TEST(large, "small pages that the host may map as one of 2 MiB are told one by one",
     DEVICE(TESTDEV_LOG))
{
	volatile u8 *area = pages_alloc_aligned(BIG, BIG * PAGE_SIZE);
	u32 bits[BIG / 32], wrong = 0;

	memset((void *)area, 0, BIG * PAGE_SIZE);
	WITH_LOG()
		for (unsigned int first = 0; first < EVERY; first++) {
			ASK(LOG_READ, (uintptr_t)area, BIG * PAGE_SIZE, (uintptr_t)bits);
			for (unsigned int n = first; n < BIG; n += EVERY)
				area[PAGE(n)]++;
			ASK(LOG_READ, (uintptr_t)area, BIG * PAGE_SIZE, (uintptr_t)bits);
			asm volatile("" : "+m"(bits));
			for (unsigned int n = 0; n < BIG; n++)
				wrong += (bits[n / 32] >> n % 32 & 1) !=
					(n % EVERY == first);
			EXPECT_EQ(wrong, 0);
		}
}

static struct {
	volatile u8 *area;
	u32 go, done;
} other;

/* Its translations are warm: only a flush makes it tell the log again. */
static void write_when_told(void *arg)
{
	u32 round = 0;

	(void)arg;
	while (!work_is_over())
		if (__atomic_load_n(&other.go, __ATOMIC_ACQUIRE) != round) {
			other.area[PAGE(round % PAGES)]++;
			__atomic_store_n(&other.done, ++round, __ATOMIC_RELEASE);
		}
}

#define ROUNDS	40

TEST(flushed, "a CPU that could write before the log was read is told again", CPUS(2),
     DEVICE(TESTDEV_LOG))
{
	u32 lost = 0, extra = 0;

	memset(&other, 0, sizeof(other));
	other.area = area_alloc();
	WITH_LOG() WITH_WORK(1, write_when_told, NULL) {
		written(other.area, PAGES);
		for (u32 n = 0; n < ROUNDS; n++) {
			u32 bits;

			__atomic_store_n(&other.go, n + 1, __ATOMIC_RELEASE);
			while (__atomic_load_n(&other.done, __ATOMIC_ACQUIRE) != n + 1)
				irq_exit();
			bits = written(other.area, PAGES);
			lost += !(bits & BIT(n % PAGES));
			extra += bits & ~BIT(n % PAGES) ? 1 : 0;
		}
	}
	EXPECT_EQ(lost, 0);
	EXPECT_EQ(extra, 0);
}
