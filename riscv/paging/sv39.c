/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What only 64-bit tables have: reserved bits, addresses that are not translated, modes of
 * SATP (privileged ISA 1.13, 12.1.11, 12.4 to 12.6), Svnapot, Svpbmt and Svinval.
 */
#include <asm/cpu.h>
#include <asm/page.h>
#include <paging.h>
#include <test.h>

ONLY_ON(riscv64);

#define LARGE_SIZE	(PAGE_SIZE << PAGING_BITS)	/* 2 MiB */

static char *const window = (char *)PAGES_SPARE + LARGE_SIZE;

static void check_reserved(char *page, u64 bits)
{
	page_map(window, (uintptr_t)page, PAGE_DATA | bits);
	EXPECT_FAULT(FAULT_LOAD_PAGE(window), try_load(window));
	EXPECT_FAULT(FAULT_STORE_PAGE(window), try_store(window));
}

TEST(reserved, "reserved bits of a leaf fault (12.4.1)")
{
	char *page = pages_alloc(1);

	page_map(window, (uintptr_t)page, PAGE_DATA);
	EXPECT_FAULT(FAULT_NONE, try_load(window));
	for (unsigned int bit = PTE_RESERVED_SHIFT; bit < PTE_PBMT_SHIFT; bit++)
		SUBTEST("bit %u", bit)
			check_reserved(page, BIT(bit));
	if (!cpu_has(CPU_SVNAPOT)) SUBTEST("N, without Svnapot")
		check_reserved(page, BIT(PTE_N_SHIFT));
	if (!cpu_has(CPU_SVPBMT)) SUBTEST("PBMT, without Svpbmt")
		for (u64 type = 1; type < 4; type++)
			check_reserved(page, type << PTE_PBMT_SHIFT);
}

TEST(canonical, "addresses whose upper bits are not all the same fault (12.4.1)")
{
	static const u64 wrong[] = {
		1ull << 38, 1ull << 39, 1ull << 62, 1ull << 63, ~(1ull << 38), ~(1ull << 63),
	};

	for_each(at, wrong) SUBTEST("%#llx", (unsigned long long)*at) {
		void *address = (void *)(uintptr_t)*at;

		EXPECT_FAULT(FAULT_LOAD_PAGE(address), try_load(address));
		EXPECT_FAULT(FAULT_STORE_PAGE(address), try_store(address));
	}
	/* The other half is an address as any. */
	SUBTEST("the upper half") {
		char *high = (char *)(uintptr_t)-LARGE_SIZE, *page = pages_alloc(1);

		page_map(high, (uintptr_t)page, PAGE_DATA);
		page[7] = 42;
		EXPECT_EQ(high[7], 42);
		page_map(high, 0, PAGE_NONE);
	}
}

TEST(satp_modes, "a mode that is not there changes nothing of SATP (12.1.11)")
{
	unsigned long old = csr_read(CSR_SATP);

	for (unsigned long mode = 1; mode < 16; mode++) {
		unsigned long now;

		if (mode >= SATP_SV39 && mode <= SATP_SV57)
			continue;
		csr_write(CSR_SATP, mode << SATP_MODE_SHIFT | 0x12345);
		now = csr_swap(CSR_SATP, old);
		EXPECT_EQ(now, old);
	}
}

/* With one level more, below which are the tables that there are. */
static void check_deeper(unsigned long mode, unsigned int levels)
{
	unsigned long old = csr_read(CSR_SATP), root = old & (BIT(44) - 1);
	u32 *word = pages_alloc(1);

	for (unsigned int level = 3; level < levels; level++) {
		unsigned long *table = pages_alloc_zeroed(1);

		table[0] = table[1] = root << PTE_PPN_SHIFT | PTE_VALID;
		root = (uintptr_t)table >> PAGE_SHIFT;
	}
	*word = 0x5a5a5a5a;
	csr_write(CSR_SATP, mode << SATP_MODE_SHIFT | root);
	tlb_flush();
	if (csr_read(CSR_SATP) == old)
		return skip("this mode is not there");
	/* Second entries of all tables above the old root. */
	for (unsigned int level = 3; level < levels; level++)
		EXPECT_EQ(*(u32 *)((uintptr_t)word + BIT(PAGE_SHIFT + 9 * level)),
			  0x5a5a5a5a);
	EXPECT_EQ(csr_read(CSR_SATP) >> SATP_MODE_SHIFT, mode);
	csr_write(CSR_SATP, old);
	tlb_flush();
	/* Now they are addresses that are not translated. */
	EXPECT(try_load((char *)((uintptr_t)word + BIT(PAGE_SHIFT + 9 * 3))).raised);
}

TEST(deeper, "Sv48 and Sv57")
{
	SUBTEST("Sv48") check_deeper(SATP_SV48, 4);
	SUBTEST("Sv57") check_deeper(SATP_SV57, 5);
}

/* 16 pages of 4 KiB as one of 64 KiB, which its PPN's lowest bits, 1000, say. */
#define NAPOT_PAGES	16
#define NAPOT_SIZE	8ul

static void napot_map(char *at, char *memory, unsigned long low)
{
	for (unsigned int i = 0; i < NAPOT_PAGES; i++)
		page_map(at + i * PAGE_SIZE,
			 (uintptr_t)memory | low << PAGE_SHIFT,
			 PAGE_DATA | BIT(PTE_N_SHIFT));
}

TEST(napot, "64 KiB by Svnapot, and no other size", REQUIRES(CPU_SVNAPOT))
{
	char *memory = pages_alloc_aligned(NAPOT_PAGES, NAPOT_PAGES * PAGE_SIZE);

	for (unsigned int i = 0; i < NAPOT_PAGES; i++)
		memory[i * PAGE_SIZE + i] = 100 + i;
	napot_map(window, memory, NAPOT_SIZE);
	for (unsigned int i = 0; i < NAPOT_PAGES; i++)
		EXPECT_EQ(window[i * PAGE_SIZE + i], 100 + i);
	for (unsigned long low = 0; low < 16; low++) {
		if (low == NAPOT_SIZE)
			continue;
		napot_map(window, memory, low);
		EXPECT_FAULT(FAULT_LOAD_PAGE(window), try_load(window));
	}
}

TEST(pbmt, "types of memory by Svpbmt; the fourth is reserved", REQUIRES(CPU_SVPBMT))
{
	u32 *page = pages_alloc(1);

	*page = 0x12345678;
	for (u64 type = 0; type < 3; type++) {
		page_map(window, (uintptr_t)page, PAGE_DATA | type << PTE_PBMT_SHIFT);
		EXPECT_EQ(*(volatile u32 *)window, 0x12345678);
	}
	page_map(window, (uintptr_t)page, PAGE_DATA | 3ull << PTE_PBMT_SHIFT);
	EXPECT_FAULT(FAULT_LOAD_PAGE(window), try_load(window));
}

/* SINVAL.VMA a0, zero between SFENCE.W.INVAL and SFENCE.INVAL.IR. */
TEST(svinval, "an invalidation in three parts", REQUIRES(CPU_SVINVAL))
{
	u32 *one = pages_alloc(1), *two = pages_alloc(1);
	unsigned long *entry;

	*one = 1;
	*two = 2;
	page_map(window, (uintptr_t)one, PAGE_DATA);
	EXPECT_EQ(*(volatile u32 *)window, 1);
	entry = pte_at(window);
	*(volatile unsigned long *)entry = pte_of((uintptr_t)two) | PAGE_DATA;
	asm volatile(".4byte 0x18000073\n\t"
		     ".insn r 0x73, 0, 0x0b, x0, %0, x0\n\t"
		     ".4byte 0x18100073" : : "r"(window) : "memory");
	EXPECT_EQ(*(volatile u32 *)window, 2);
}
