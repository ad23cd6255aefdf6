/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Pages that the host gives late (userfaultfd: KVM sleeps in the middle of whatever
 * needed the page): nothing of it shows, each access takes place once, and no event is
 * lost or comes twice.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <asm/page.h>
#include <clock.h>
#include <exception.h>
#include <irq.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>
#include <work.h>

#define DELAY_US	300
#define PAGES		3
#define WORD(area, page) (*(volatile u32 *)((area) + (page) * PAGE_SIZE))

struct late_scope {
	struct scope scope;
};

static void late_leave(struct scope *scope)
{
	(void)scope;
	ASK(FAULT_RELEASE);
}

static void late_enter(struct late_scope *s, const volatile void *page, u32 pages, u32 us)
{
	ASK(FAULT_MISSING, (uintptr_t)page, pages * PAGE_SIZE, us);
	scope_enter(&s->scope, late_leave);
}

#define WITH_LATE(page, pages)		SCOPE(late_scope, late_enter, page, pages, DELAY_US)
#define WITH_ABSENT(page, pages)	SCOPE(late_scope, late_enter, page, pages, ABI_FOREVER)

static u32 faults(void)
{
	return REQUEST(FAULT_COUNT).result[0];
}

static volatile u8 *area_alloc(void)
{
	volatile u8 *area = pages_alloc_zeroed(PAGES);

	for (unsigned int i = 0; i < PAGES; i++)
		WORD(area, i) = 100 + i;
	return area;
}

static u32 load(volatile u8 *area)
{
	return WORD(area, 1);
}

static u32 add(volatile u8 *area)
{
	WORD(area, 1)++;
	return WORD(area, 1);
}

static u32 locked(volatile u8 *area)
{
	u32 value = 7;

	asm volatile("lock xadd %0, %1" : "+r"(value), "+m"(WORD(area, 1)));
	return value * 1000 + WORD(area, 1);
}

static u32 compare_exchange(volatile u8 *area)
{
	u32 old = 101;

	asm volatile("lock cmpxchg %2, %1" : "+a"(old), "+m"(WORD(area, 1))
		     : "r"(55) : "cc");
	return old * 1000 + WORD(area, 1);
}

static u32 across(volatile u8 *area)
{
	volatile u32 *word = (volatile u32 *)(area + PAGE_SIZE - 2);

	*word = 0xaabbccdd;
	return *word;
}

/* From the first page, by way of the second, into the third. */
static u32 string_move(volatile u8 *area)
{
	const void *from = (void *)area;
	void *to = (void *)(area + PAGE_SIZE + 8);
	unsigned long count = PAGE_SIZE;

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
	return *(volatile u32 *)(area + PAGE_SIZE + 8) * 1000 + count;
}

static u32 string_output(volatile u8 *area)
{
	const void *from = (void *)(area + PAGE_SIZE - 2);
	unsigned long count = 4;

	asm volatile("rep outsb" : "+S"(from), "+c"(count) : "d"(0x80) : "memory");
	return (uintptr_t)from - (uintptr_t)area - PAGE_SIZE + count;
}

static u32 string_input(volatile u8 *area)
{
	void *to = (void *)(area + PAGE_SIZE - 2);
	unsigned long count = 4;

	asm volatile("rep insb" : "+D"(to), "+c"(count) : "d"(0x80) : "memory");
	return (uintptr_t)to - (uintptr_t)area - PAGE_SIZE + count;
}

static u32 stack(volatile u8 *area)
{
	unsigned long top = (uintptr_t)area + PAGE_SIZE + 8, value = 0x1357;

	asm volatile("xchg %0, %%" STACK_POINTER "\n"
		     "push %1; push %1; xor %1, %1; pop %1; pop %1\n"
		     "xchg %0, %%" STACK_POINTER
		     : "+r"(top), "+r"(value) : : "memory", "cc");
	return value;
}

static const struct {
	const char *name;
	u32 (*run)(volatile u8 *area);
	u32 result;
} accesses[] = {
	{ "load",	load,			101 },
	{ "add",	add,			102 },
	{ "LOCK XADD",	locked,			101 * 1000 + 108 },
	{ "LOCK CMPXCHG", compare_exchange,	101 * 1000 + 55 },
	{ "across pages", across,		0xaabbccdd },
	{ "REP MOVSB",	string_move,		100 * 1000 },
	{ "REP OUTSB",	string_output,		2 },
	{ "REP INSB",	string_input,		2 },
	{ "stack",	stack,			0x1357 },
};

TEST(accesses, "an access to a page that comes late takes place once",
     DEVICE(TESTDEV_FAULTS))
{
	for_each(access, accesses) SUBTEST("%s", access->name) {
		volatile u8 *area = area_alloc();
		u32 before = faults();

		WITH_LATE(area, PAGES)
			EXPECT_EQ(access->run(area), access->result);
		EXPECT(faults() > before);
		EXPECT_EQ(WORD(area, 0), 100);
	}
}

#define VIRTUAL		((volatile u32 *)PAGES_SPARE)

TEST(table, "a page of the page tables that comes late", DEVICE(TESTDEV_FAULTS))
{
	u32 *page = pages_alloc_zeroed(1);
	void *entry;
	u32 before;

	*page = 42;
	page_map((void *)VIRTUAL, (uintptr_t)page, PAGE_DATA);
	entry = pte_at((void *)VIRTUAL);
	pte_write(entry, pte_read(entry) & ~(u64)(PTE_A | PTE_D));
	tlb_flush_page((const void *)VIRTUAL);
	before = faults();
	WITH_LATE((void *)((uintptr_t)entry & ~(PAGE_SIZE - 1)), 1) {
		EXPECT_EQ(*VIRTUAL, 42);
		*VIRTUAL = 43;
	}
	EXPECT(faults() > before);
	EXPECT_EQ(*page, 43);
	EXPECT_EQ(pte_read(entry) & (PTE_A | PTE_D), PTE_A | PTE_D);
	page_map((void *)VIRTUAL, 0, PAGE_NONE);
}

TEST(code, "code in pages that come late runs as if they had been there",
     DEVICE(TESTDEV_FAULTS))
{
	static const u8 function[] = { 0xb8, 0x2a, 0, 0, 0, 0xc3 };	/* mov $42; ret */
	u8 *page = pages_alloc_zeroed(2);
	u8 *begin = page + PAGE_SIZE - 3;	/* of two pages */
	u32 (*run)(void) = (u32 (*)(void))(uintptr_t)begin;

	memcpy(begin, function, sizeof(function));
	WITH_LATE(page, 2)
		EXPECT_EQ(run(), 42);
	EXPECT_EQ(run(), 42);
}

#define VECTOR	0x48

struct table_scope {
	struct scope scope;
	struct table_register old;
};

static void table_leave(struct scope *scope)
{
	write_idtr(&((struct table_scope *)scope)->old);
}

/* The IDT at another place, a page of its own. */
static void table_enter(struct table_scope *s, void *page)
{
	struct table_register idtr;

	s->old = idtr = read_idtr();
	memcpy(page, (void *)idtr.base, idtr.limit + 1u);
	idtr.base = (uintptr_t)page;
	scope_enter(&s->scope, table_leave);
	write_idtr(&idtr);
}

#define WITH_IDT_AT(page)	SCOPE(table_scope, table_enter, page)

TEST(exception, "an exception whose gate comes late is that exception",
     DEVICE(TESTDEV_FAULTS))
{
	void *page = pages_alloc_zeroed(1);

	WITH_IDT_AT(page) {
		WITH_LATE(page, 1)
			EXPECT_FAULT(FAULT_UD, TRY("ud2"));
		WITH_LATE(page, 1)
			EXPECT_FAULT(FAULT_GP(0), try_rdmsr(0x12345678, NULL));
	}
}

TEST(interrupt, "an interrupt whose gate comes late comes once",
     DEVICE(TESTDEV_FAULTS), REQUIRES(CPU_APIC))
{
	void *page = pages_alloc_zeroed(1);
	u32 count = 0;

	apic_enable();
	WITH_IRQ(VECTOR, irq_count, &count) WITH_IDT_AT(page)
		for (u32 n = 1; n <= 5; n++) {
			WITH_LATE(page, 1) {
				apic_ipi(APIC_INT_ASSERT | APIC_DEST_SELF | VECTOR, 0);
				irq_wait(&count, n);
			}
			EXPECT_EQ(count, n);
		}
}

static u32 nmis;

static bool on_nmi(struct frame *frame)
{
	(void)frame;
	atomic_add(&nmis, 1);
	return true;
}

TEST(nmi, "an NMI for a CPU that waits for a page comes once, afterwards",
     DEVICE(TESTDEV_FAULTS), REQUIRES(CPU_APIC))
{
	void *page = pages_alloc_zeroed(1);

	nmis = 0;
	apic_enable();
	WITH_HANDLER(VECTOR_NMI, on_nmi) WITH_IDT_AT(page)
		for (u32 n = 1; n <= 5; n++) {
			WITH_LATE(page, 1) {
				apic_ipi(APIC_INT_ASSERT | APIC_DM_NMI, apic_id());
				irq_wait(&nmis, n);
			}
			EXPECT_EQ(nmis, n);
		}
}

static volatile u8 *shared;

static void add_to_all(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < PAGES; i++)
		asm volatile("lock incl %0" : "+m"(WORD(shared, i)));
}

#define ROUNDS	20

TEST(at_once, "CPUs that wait for the same page all get it", CPUS(2),
     DEVICE(TESTDEV_FAULTS))
{
	smp_start();
	for (unsigned int n = 0; n < ROUNDS; n++) {
		shared = area_alloc();
		WITH_LATE(shared, PAGES)
			on_cpus(add_to_all, NULL);
		for (unsigned int i = 0; i < PAGES; i++)
			EXPECT_EQ(WORD(shared, i), 100 + i + cpu_count());
	}
}

static u32 loaded;

static void load_shared(void *arg)
{
	(void)arg;
	__atomic_store_n(&loaded, WORD(shared, 0), __ATOMIC_RELEASE);
	irq_let_in();
}

static bool waits_for_page(void)
{
	for (unsigned int i = 0; i < 2000; i++) {
		if (REQUEST(FAULT_COUNT).result[1])
			return true;
		delay_us(500);
	}
	return false;
}

TEST(events, "what comes for a CPU that waits for a page comes once, afterwards", CPUS(2),
     DEVICE(TESTDEV_FAULTS), REQUIRES(CPU_APIC))
{
	static struct arrivals arrivals;

	nmis = loaded = 0;
	smp_start();
	shared = area_alloc();
	WITH_HANDLER(VECTOR_NMI, on_nmi) WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		WITH_ABSENT(shared, 1) {
			on_cpu_begin(1, load_shared, NULL);
			EXPECT(waits_for_page());
			for (unsigned int i = 0; i < 3; i++) {
				apic_ipi(APIC_INT_ASSERT | VECTOR, cpu_get(1)->apic_id);
				apic_ipi(APIC_INT_ASSERT | APIC_DM_NMI,
					 cpu_get(1)->apic_id);
			}
			EXPECT_EQ(__atomic_load_n(&loaded, __ATOMIC_ACQUIRE), 0);
		}
		on_cpu_end(1);
		EXPECT_EQ(loaded, 100);
		irq_wait(&nmis, 1);
		/* One in service and one that is latched, at most. */
		EXPECT(nmis == 1 || nmis == 2);
		EXPECT_ARRIVALS(&arrivals, BIT(1));
	}
}

static void protect_enter(struct late_scope *s, const volatile void *page, u32 pages)
{
	ASK(FAULT_PROTECT, (uintptr_t)page, pages * PAGE_SIZE, DELAY_US);
	scope_enter(&s->scope, late_leave);
}

TEST(protected, "a write to a page that is late to let it, takes place once",
     DEVICE(TESTDEV_FAULTS_WP))
{
	for_each(access, accesses) SUBTEST("%s", access->name) {
		volatile u8 *area = area_alloc();

		SCOPE(late_scope, protect_enter, area, PAGES)
			EXPECT_EQ(access->run(area), access->result);
		EXPECT_EQ(WORD(area, 0), 100);
	}
}
