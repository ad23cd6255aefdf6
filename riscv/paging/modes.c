/* SPDX-License-Identifier: BSD-2-Clause */
/* Large pages and address spaces (privileged ISA 1.13, 12.1.11 and 12.3.2). */
#include <asm/cpu.h>
#include <asm/page.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

#define LARGE_SIZE	(PAGE_SIZE << PAGING_BITS)	/* 2 MiB, or 4 MiB */

static char *const window = (char *)PAGES_SPARE + LARGE_SIZE;

TEST(large, "a large page, and the same with an address that is not a multiple of it",
     MEMORY(32 << 20))
{
	char *memory = pages_alloc_aligned(LARGE_SIZE / PAGE_SIZE, LARGE_SIZE);
	unsigned long *entry = table_level(window, 1), old = *entry;

	memory[LARGE_SIZE - 1] = 42;
	memory[5] = 43;
	pte_set(entry, pte_of((uintptr_t)memory) | PAGE_DATA, window);
	tlb_flush();
	EXPECT_EQ(window[LARGE_SIZE - 1], 42);
	EXPECT_EQ(window[5], 43);
	/* 12.3.2, step 6: a misaligned superpage. */
	for (unsigned int bit = 0; bit < PAGING_BITS; bit++) {
		pte_set(entry, (pte_of((uintptr_t)memory) | PAGE_DATA) ^
			(1ul << (PTE_PPN_SHIFT + bit)), window);
		tlb_flush();
		EXPECT_FAULT(FAULT_LOAD_PAGE(window + 5), try_load(window + 5));
	}
	pte_set(entry, old, window);
	tlb_flush();
}

TEST(pointer, "an entry of the last level that points on is no leaf, and faults")
{
	unsigned long *entry;

	page_map((void *)PAGES_SPARE, (uintptr_t)pages_alloc(1), PAGE_DATA);
	EXPECT_FAULT(FAULT_NONE, try_load((void *)PAGES_SPARE));
	entry = pte_at((void *)PAGES_SPARE);
	pte_set(entry, *entry & ~PTE_LEAF, (void *)PAGES_SPARE);
	EXPECT_FAULT(FAULT_LOAD_PAGE(PAGES_SPARE), try_load((void *)PAGES_SPARE));
}

static unsigned int asid_bits(void)
{
	unsigned long old = csr_read(CSR_SATP), all;
	unsigned int bits = 0;

	csr_write(CSR_SATP, old | ((1ul << SATP_ASID_BITS) - 1) << SATP_ASID_SHIFT);
	all = csr_swap(CSR_SATP, old) >> SATP_ASID_SHIFT & ((1ul << SATP_ASID_BITS) - 1);
	tlb_flush();
	while (all >> bits & 1)
		bits++;
	EXPECT_EQ(all >> bits, 0);
	return bits;
}

/* The tables that lead to the spare addresses once more, with another leaf. */
static unsigned long *path_copy(unsigned long *table, unsigned int level,
				unsigned long leaf)
{
	unsigned long *copy = memcpy(pages_alloc(1), table, PAGE_SIZE), *entry;

	entry = &copy[PAGES_SPARE >> (PAGE_SHIFT + level * PAGING_BITS) &
		      ((1ul << PAGING_BITS) - 1)];
	if (level)
		leaf = PTE_VALID | pte_of((uintptr_t)path_copy((unsigned long *)
			(*entry >> PTE_PPN_SHIFT << PAGE_SHIFT), level - 1, leaf));
	*entry = leaf;
	return copy;
}

TEST(asids, "address spaces are told apart without a fence")
{
	unsigned long satp = csr_read(CSR_SATP), ppn = (1ul << 22) - 1, *root, other;
	unsigned int bits = asid_bits();
	u32 *pages[2] = { pages_alloc(1), pages_alloc(1) };

	METRIC("ASID", bits, "bits");
	if (!bits)
		return skip("no ASIDs");
	*pages[0] = 1;
	*pages[1] = 2;
	page_map((void *)PAGES_SPARE, (uintptr_t)pages[0], PAGE_DATA);
	root = path_copy((unsigned long *)((satp & ppn) << PAGE_SHIFT), PAGING_LEVELS - 1,
			 pte_of((uintptr_t)pages[1]) | PAGE_DATA);
	other = (satp & ~ppn) | 1ul << SATP_ASID_SHIFT | (uintptr_t)root >> PAGE_SHIFT;
	tlb_flush();
	for (unsigned int i = 0; i < 10; i++) {
		u32 first, second;

		first = *(volatile u32 *)PAGES_SPARE;
		csr_write(CSR_SATP, other);
		second = *(volatile u32 *)PAGES_SPARE;
		csr_write(CSR_SATP, satp);
		EXPECT_EQ(first, 1);
		EXPECT_EQ(second, 2);
	}
	tlb_flush();
}
