/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's interprocessor interrupts (7) and remote fences (8). */
#include <asm/cpu.h>
#include <asm/page.h>
#include <clock.h>
#include <exception.h>
#include <harts.h>
#include <paging.h>
#include <sbi.h>
#include <scope.h>
#include <smp.h>
#include <test.h>

#define SOFTWARE	IRQ_BIT(IRQ_SOFTWARE)
#define PATIENCE_US	20000000
#define SILENCE_US	20000		/* long enough for what must not come */
#define MAX_CPUS	64
#define WORD_BITS	(8 * WORD_BYTES)

static u32 heard[MAX_CPUS], ready, over;

static void hear(void *arg)
{
	(void)arg;
	csr_clear(CSR_SIP, SOFTWARE);
	atomic_add(&heard[cpu_index() % MAX_CPUS], 1);
}

static void listen(void *arg)
{
	(void)arg;
	csr_clear(CSR_SIP, SOFTWARE);
	WITH_SIE(SOFTWARE, 0) {
		irq_enable();
		atomic_add(&ready, 1);
		while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
			cpu_relax();
		irq_disable();
	}
}

static bool soon(bool (*true_at_last)(unsigned long arg), unsigned long arg)
{
	u64 begin = clock_ticks(), most = clock_us_to_ticks(PATIENCE_US);

	while (!true_at_last(arg))
		if (clock_ticks() - begin > most)
			return false;
		else
			cpu_relax();
	return true;
}

static bool are_ready(unsigned long count)
{
	return __atomic_load_n(&ready, __ATOMIC_ACQUIRE) == count;
}

/* @cpus: a bit for each that ought to hear */
static bool have_heard(unsigned long cpus)
{
	for (unsigned int i = 0; i < cpu_count() && i < WORD_BITS; i++)
		if (cpus >> i & 1 && !__atomic_load_n(&heard[i], __ATOMIC_ACQUIRE))
			return false;
	return true;
}

/* All harts listen, this one too; @cpus, and no others, hear what is sent, once. */
static void check_heard(unsigned long mask, unsigned long base, unsigned long cpus)
{
	unsigned int count = cpu_count() < WORD_BITS ? cpu_count() : WORD_BITS;

	memset(heard, 0, sizeof(heard));
	ready = over = 0;
	csr_clear(CSR_SIP, SOFTWARE);
	WITH_IRQ(IRQ_SOFTWARE, hear, NULL) {
		for (unsigned int i = 1; i < count; i++)
			on_cpu_begin(i, listen, NULL);
		EXPECT(soon(are_ready, count - 1));
		irq_enable();
		EXPECT_EQ(sbi_call(SBI_IPI, SBI_IPI_SEND, mask, base).error, SBI_SUCCESS);
		EXPECT(soon(have_heard, cpus));
		delay_us(SILENCE_US);
		irq_disable();
		__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
		for (unsigned int i = 1; i < count; i++)
			on_cpu_end(i);
	}
	for (unsigned int i = 0; i < count; i++)
		EXPECT_EQ(heard[i], cpus >> i & 1);
}

TEST(ipi_self, "this hart interrupts itself", DEVICE(DEVICE_SBI_IPI))
{
	check_heard(1, hart_of(0), 1);
}

TEST(ipi_one, "each hart is interrupted, and no other", DEVICE(DEVICE_SBI_IPI), CPUS(2))
{
	for (unsigned int i = 1; i < cpu_count() && i < WORD_BITS; i++)
		SUBTEST("CPU %u", i)
			check_heard(1, hart_of(i), 1ul << i);
}

TEST(ipi_two, "two harts by one mask", DEVICE(DEVICE_SBI_IPI), CPUS(3))
{
	unsigned long a = hart_of(1), b = hart_of(2), base = a < b ? a : b;

	if ((a ^ b ^ base) - base >= WORD_BITS)
		return skip("harts' ids are too far apart for one mask");
	check_heard(1ul << (a - base) | 1ul << (b - base), base, 6);
}

TEST(ipi_all, "a base of -1 is all harts, whatever the mask", DEVICE(DEVICE_SBI_IPI))
{
	unsigned long all = cpu_count() < WORD_BITS ? (1ul << cpu_count()) - 1 : -1ul;

	check_heard(0, -1ul, all);
	check_heard(1, -1ul, all);
}

TEST(ipi_none, "an empty mask is no hart, and no error", DEVICE(DEVICE_SBI_IPI))
{
	for (unsigned int i = 0; i < cpu_count(); i++)
		check_heard(0, hart_of(i), 0);
}

static unsigned long absent(void)
{
	u64 given;

	return environment_number("INVALID_HART_ID", &given) ? given : hart_absent();
}

TEST(ipi_absent, "a base that no hart has is INVALID_PARAM", DEVICE(DEVICE_SBI_IPI))
{
	EXPECT_EQ(sbi_call(SBI_IPI, SBI_IPI_SEND, 1, absent()).error, SBI_INVALID_PARAM);
}

TEST(ipi_absent_mask, "a mask in which is a hart that is not there is INVALID_PARAM",
     DEVICE(DEVICE_SBI_IPI),
     XFAIL_ON(HYPERVISOR_OPENSBI_1_6, "OpenSBI before 1.7 passes over harts it has not"))
{
	EXPECT_EQ(sbi_call(SBI_IPI, SBI_IPI_SEND, 2, absent() - 1).error,
		  SBI_INVALID_PARAM);
}

/* A hart that reads a page again and again, until it sees what is expected there. */
static struct {
	volatile u32 *page;
	volatile u32 wanted, seen;
} watch;

static void watch_page(void *arg)
{
	(void)arg;
	watch.seen = *watch.page;
	atomic_add(&ready, 1);
	while (!__atomic_load_n(&over, __ATOMIC_ACQUIRE))
		watch.seen = *watch.page;
}

static bool is_seen(unsigned long value)
{
	return watch.seen == value;
}

static void check_fence(unsigned long function, unsigned long asid)
{
	u32 *one = pages_alloc(1), *two = pages_alloc(1);
	unsigned long *entry;

	*one = 1;
	*two = 2;
	watch.page = (u32 *)PAGES_SPARE;
	page_map((void *)PAGES_SPARE, (uintptr_t)one, PAGE_DATA);
	entry = pte_at((void *)PAGES_SPARE);
	ready = over = 0;
	on_cpu_begin(1, watch_page, NULL);
	EXPECT(soon(are_ready, 1));
	EXPECT_EQ(watch.seen, 1);
	/* Not pte_set(), which tells the other harts by itself. */
	*(volatile unsigned long *)entry = pte_of((uintptr_t)two) | PAGE_DATA;
	tlb_flush_page((void *)PAGES_SPARE);
	EXPECT_EQ(*watch.page, 2);
	EXPECT_EQ(sbi_call(SBI_RFENCE, function, 1, hart_of(1), PAGES_SPARE, PAGE_SIZE,
			   asid).error, SBI_SUCCESS);
	EXPECT(soon(is_seen, 2));
	__atomic_store_n(&over, 1, __ATOMIC_RELEASE);
	on_cpu_end(1);
}

TEST(rfence, "another hart forgets a translation", DEVICE(DEVICE_SBI_RFENCE), CPUS(2))
{
	SUBTEST("remote_sfence_vma") check_fence(SBI_RFENCE_SFENCE, 0);
	SUBTEST("remote_sfence_vma_asid") check_fence(SBI_RFENCE_SFENCE_ASID, 0);
}

/* li a0, N; ret */
#define CODE_LI_A0(n)	(0x00000513u | (u32)(n) << 20)
#define CODE_RET	0x00008067u

static u32 *code;
static long (*run)(void);
static volatile long answer;

static void run_code(void *arg)
{
	(void)arg;
	answer = run();
}

TEST(rfence_i, "another hart forgets instructions", DEVICE(DEVICE_SBI_RFENCE), CPUS(2))
{
	code = pages_alloc(1);
	code[1] = CODE_RET;
	page_map((void *)PAGES_SPARE, (uintptr_t)code, PAGE_CODE);
	run = (long (*)(void))PAGES_SPARE;
	for (long n = 1; n < 20; n++) {
		code[0] = CODE_LI_A0(n);
		REQUIRE_EQ(sbi_call(SBI_RFENCE, SBI_RFENCE_FENCE_I, 1, hart_of(1)).error,
			   SBI_SUCCESS);
		on_cpu(1, run_code, NULL);
		REQUIRE_EQ(answer, n);
	}
}

TEST(rfence_absent, "fences on a hart that is not there are INVALID_PARAM",
     DEVICE(DEVICE_SBI_RFENCE))
{
	EXPECT_EQ(sbi_call(SBI_RFENCE, SBI_RFENCE_FENCE_I, 1, absent()).error,
		  SBI_INVALID_PARAM);
	EXPECT_EQ(sbi_call(SBI_RFENCE, SBI_RFENCE_SFENCE, 1, absent(), 0, PAGE_SIZE).error,
		  SBI_INVALID_PARAM);
}
