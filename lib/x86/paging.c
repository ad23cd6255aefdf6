/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks and changes page tables; splits large pages on the way. */
#include <asm/cpu.h>
#include <asm/word.h>
#include <memory.h>
#include <paging.h>

#if IS_64BIT
typedef u64 pte_t;
#define LEVELS		4
#define INDEX_BITS	9
#else
typedef u32 pte_t;
#define LEVELS		2
#define INDEX_BITS	10
#endif

#define ENTRIES		(1u << INDEX_BITS)
#define POINTER_FLAGS	(PTE_P | PTE_W | PTE_U)

static pte_t *entry_at(pte_t *table, uintptr_t address, unsigned int level)
{
	return &table[address >> (PAGE_SHIFT + (level - 1) * INDEX_BITS) &
		      (ENTRIES - 1)];
}

static pte_t *table_of(pte_t entry)
{
	return (pte_t *)(uintptr_t)(entry & PTE_ADDRESS);
}

/* The table below an entry; a large page becomes one of its smaller pages. */
static pte_t *table_below(pte_t *entry, unsigned int level)
{
	pte_t old = *entry, *table;
	unsigned int shift = PAGE_SHIFT + (level - 2) * INDEX_BITS;

	if ((old & PTE_P) && !(old & PTE_PS))
		return table_of(old);
	table = memset(pages_alloc_permanent(1, PAGE_SIZE), 0, PAGE_SIZE);
	if (old & PTE_P) {
		if (level == 2)
			old &= ~(pte_t)PTE_PS;
		for (unsigned int i = 0; i < ENTRIES; i++)
			table[i] = old + ((pte_t)i << shift);
	}
	*entry = (uintptr_t)table | POINTER_FLAGS;
	return table;
}

void *pte_at(const void *address)
{
	pte_t *table = table_of(read_cr3()), *entry;

	for (unsigned int level = LEVELS;; level--) {
		entry = entry_at(table, (uintptr_t)address, level);
		if (level == 1)
			return entry;
		table = table_below(entry, level);
	}
}

u64 pte_read(const void *entry)
{
	return *(const volatile pte_t *)entry;
}

void pte_write(void *entry, u64 value)
{
	*(volatile pte_t *)entry = value;
}

void page_map(void *address, u64 physical, u64 flags)
{
	pte_write(pte_at(address), physical | flags);
	tlb_flush_page(address);
}

u64 page_physical(const void *address)
{
	uintptr_t at = (uintptr_t)address;
	pte_t *table = table_of(read_cr3());

	for (unsigned int level = LEVELS;; level--) {
		pte_t entry = *entry_at(table, at, level);
		u64 size = 1ull << (PAGE_SHIFT + (level - 1) * INDEX_BITS);

		if (!(entry & PTE_P))
			panic("%p is not mapped", address);
		if (level == 1 || (entry & PTE_PS))
			return (entry & PTE_ADDRESS & ~(size - 1)) |
				(at & (size - 1));
		table = table_of(entry);
	}
}
