/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Radix translation: what entries permit, and that translations which were invalidated
 * are gone, on this CPU and on others (Power ISA 3.1, Book III, 6.7 and 6.9.3).
 */
#include <asm/page.h>
#include <clock.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define ROUNDS		100000u
#define PATIENCE_US	1500000		/* a host that is slow does fewer */

static u32 *map(u64 **pte)
{
	u32 *page = (u32 *)PAGES_SPARE;

	*pte = pte_at(page);
	return page;
}

static void this_cpu(void (*forget)(const void *address))
{
	u32 *one = pages_alloc(1), *two = pages_alloc(1), stale = 0, rounds = 0;
	u64 *pte, begin = clock_ticks();
	volatile u32 *page = map(&pte);

	*one = 1;
	*two = 2;
	pte_set(pte, (uintptr_t)one | PAGE_DATA, (void *)page);
	for (; rounds < ROUNDS && clock_ticks() - begin < clock_us_to_ticks(PATIENCE_US);
	     rounds++) {
		bool odd = rounds & 1;

		stale += *page != (odd ? 2 : 1);
		pte_put(pte, (uintptr_t)(odd ? one : two) | PAGE_DATA);
		forget((void *)page);
	}
	EXPECT(rounds);
	EXPECT_EQ(stale, 0);
	pte_set(pte, 0, (void *)page);
	EXPECT_FAULT(FAULT_MISSING(page, false), try_load((void *)page));
}

TEST(tlbi_this_cpu, "after tlbiel or tlbie, this CPU translates anew", REQUIRES(CPU_RADIX))
{
	SUBTEST("tlbiel") this_cpu(tlb_forget_here);
	SUBTEST("tlbie") this_cpu(tlb_forget);
}

static volatile u32 *shared_page;
static u32 stop, wrong, reads;

/* The page is either of two; none of it is ever all ones while it is mapped. */
static void read_all_the_time(void *arg)
{
	u32 own_wrong = 0, own_reads = 0;

	(void)arg;
	while (!__atomic_load_n(&stop, __ATOMIC_ACQUIRE)) {
		for (u32 i = 0; i < 256; i++)
			own_wrong += shared_page[i] == -1u;
		own_reads++;
		__atomic_store_n(&reads, own_reads, __ATOMIC_RELEASE);
	}
	atomic_add(&wrong, own_wrong);
}

static void fill(u32 *page, u32 value)
{
	for (u32 i = 0; i < 256; i++)
		((volatile u32 *)page)[i] = value;
}

TEST(tlbi_other_cpu, "after tlbie, no CPU reads the page that was there", CPUS(2),
     REQUIRES(CPU_RADIX))
{
	u32 *pages[2] = { pages_alloc(1), pages_alloc(1) }, rounds = 0;
	u64 *pte, begin;

	shared_page = map(&pte);
	fill(pages[0], 1);
	fill(pages[1], 1);
	pte_set(pte, (uintptr_t)pages[0] | PAGE_DATA, (void *)shared_page);
	stop = wrong = reads = 0;
	for (unsigned int i = 1; i < cpu_count(); i++)
		on_cpu_begin(i, read_all_the_time, NULL);
	begin = clock_ticks();
	while (!__atomic_load_n(&reads, __ATOMIC_ACQUIRE))
		cpu_relax();
	for (; clock_ticks() - begin < clock_us_to_ticks(PATIENCE_US); rounds++) {
		u32 *away = pages[rounds & 1], *here = pages[!(rounds & 1)];

		fill(here, 1);
		pte_set(pte, (uintptr_t)here | PAGE_DATA, (void *)shared_page);
		/* Nobody reads it any more. */
		fill(away, -1u);
	}
	__atomic_store_n(&stop, 1, __ATOMIC_RELEASE);
	for (unsigned int i = 1; i < cpu_count(); i++)
		on_cpu_end(i);
	EXPECT(rounds > 1);
	EXPECT_EQ(wrong, 0);
	METRIC("rounds", rounds, "");
}

static char *target;

static void load_there(void *arg)
{
	*(struct fault *)arg = try_load(target);
}

static void store_there(void *arg)
{
	*(struct fault *)arg = try_store(target);
}

static struct fault fetched;

static bool fetch_fails(struct frame *frame)
{
	fetched = frame_fault(frame);
	frame->pc = frame->lr;
	frame->msr &= ~(u64)STORAGE_INSN_MASK;
	return true;
}

static void fetch_there(void *arg)
{
	struct fault *result = arg;

	asm volatile("mtctr %0; bctrl" : : "r"(target) : "ctr", "lr", "memory");
	(void)result;
}

static struct fault reach(void (*how)(void *arg), bool user)
{
	static struct fault result;

	result = fetched = FAULT_NONE;
	WITH_VECTOR(VECTOR_INSN_STORAGE, fetch_fails)
		if (user)
			user_call(how, &result);
		else
			how(&result);
	return how == fetch_there ? fetched : result;
}

#define INSN_BLR	0x4e800020u

TEST(permissions, "entries permit what they say, in privileged and problem state",
     REQUIRES(CPU_RADIX))
{
	u64 *pte, physical = (uintptr_t)pages_alloc(1);

	*(volatile u32 *)physical = INSN_BLR;
	asm volatile("dcbst 0, %0; sync; icbi 0, %0; sync; isync" : : "r"(physical) : "memory");
	target = (char *)map(&pte);
	for (u32 bits = 0; bits < 32; bits++) {
		/* Encoded Access Authority (6.7.10.3): writable is readable. */
		bool user = bits & 16, outsider = user && bits & PTE_PRIVILEGED;
		bool read = bits & (PTE_READ | PTE_WRITE) && !outsider;
		bool write = bits & PTE_WRITE && !outsider;
		bool execute = bits & PTE_EXECUTE && !outsider;
		u32 denied = STORAGE_PROTECTED;
		struct fault got;

		pte_set(pte, physical | (PAGE_KERNEL & ~PTE_READ) | (bits & 15), target);
		SUBTEST("%s%s%s%s in %s state", bits & PTE_PRIVILEGED ? "privileged " : "",
			bits & PTE_READ ? "r" : "-", bits & PTE_WRITE ? "w" : "-",
			bits & PTE_EXECUTE ? "x" : "-", user ? "problem" : "privileged") {
			EXPECT_FAULT(read ? FAULT_NONE : FAULT_DATA_AT(target, denied),
				     reach(load_there, user));
			EXPECT_FAULT(write ? FAULT_NONE :
				     FAULT_DATA_AT(target, denied | STORAGE_STORE),
				     reach(store_there, user));
			/* The store was of a 0. */
			*(volatile u32 *)physical = INSN_BLR;
			got = reach(fetch_there, user);
			EXPECT_EQ(got.raised, !execute);
			/* Which of two bits tells is the CPU's choice of wording (7.5.5). */
			if (got.raised) {
				EXPECT_EQ(got.vector, VECTOR_INSN_STORAGE);
				EXPECT_EQ(got.address, (uintptr_t)target);
				EXPECT(got.status == STORAGE_PROTECTED ||
				       got.status == STORAGE_NO_EXEC);
			}
		}
	}
}
