/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes and changes DAT tables. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <exception.h>
#include <memory.h>
#include <paging.h>

#define TABLE_ENTRIES	2048	/* of region and segment tables */
#define TABLE_PAGES	4
#define PAGE_ENTRIES	256
#define SEGMENT_SHIFT	20
#define REGION_SHIFT	31
#define TABLE_FULL	DAT_LENGTH

static u64 *root;

static u64 *table_new(u64 entry)
{
	u64 *table = pages_alloc_permanent(TABLE_PAGES, TABLE_PAGES * PAGE_SIZE);

	for (unsigned int i = 0; i < TABLE_ENTRIES; i++)
		table[i] = entry;
	return table;
}

/* Two of them in a page. */
static u64 *page_table_new(void)
{
	static u64 *spare;
	u64 *table = spare;

	if (table) {
		spare = NULL;
		return table;
	}
	table = pages_alloc_permanent(1, PAGE_SIZE);
	for (unsigned int i = 0; i < 2 * PAGE_ENTRIES; i++)
		table[i] = PTE_INVALID;
	spare = table + PAGE_ENTRIES;
	return table;
}

void tlb_flush(void)
{
	static u32 word;
	register u64 expected asm("2") = 0;
	register u64 replacement asm("3") = 0;

	/* CSP broadcasts, and so waits for all CPUs. */
	asm volatile("csp 2, %2"
		     : "+d"(expected) : "d"(replacement), "a"((uintptr_t)&word | 1)
		     : "cc", "memory");
}

void entry_set(u64 *entry, u64 value)
{
	volatile u64 *at = entry;

	/* A valid entry is not just replaced by another (chapter 3, "DAT-table"). */
	*at |= DAT_INVALID | PTE_INVALID;
	tlb_flush();
	*at = value;
	tlb_flush();
}

u64 *region_at(const void *address)
{
	return &root[(uintptr_t)address >> REGION_SHIFT & (TABLE_ENTRIES - 1)];
}

u64 *segment_at(const void *address)
{
	u64 *region = region_at(address);
	u64 *table;

	if (*region & DAT_INVALID)
		*region = (uintptr_t)table_new(DAT_INVALID | DAT_TYPE_SEGMENT) |
			DAT_TYPE_THIRD << DAT_TYPE_SHIFT | TABLE_FULL;
	table = (u64 *)(*region & DAT_ORIGIN);
	return &table[(uintptr_t)address >> SEGMENT_SHIFT & (TABLE_ENTRIES - 1)];
}

u64 *pte_at(const void *address)
{
	u64 *segment = segment_at(address);

	if (*segment & (DAT_INVALID | DAT_FRAME)) {
		u64 *table = page_table_new(), old = *segment;

		if (!(old & DAT_INVALID))
			for (unsigned int i = 0; i < PAGE_ENTRIES; i++)
				table[i] = (old & DAT_FRAME_ORIGIN) + i * PAGE_SIZE;
		entry_set(segment, (uintptr_t)table);
	}
	return (u64 *)(*segment & DAT_SEGMENT_ORIGIN) +
		((uintptr_t)address >> PAGE_SHIFT & (PAGE_ENTRIES - 1));
}

void page_map(void *address, u64 physical, u64 flags)
{
	entry_set(pte_at(address), physical | flags);
}

u64 page_physical(const void *address)
{
	u64 entry = *pte_at(address);

	if (entry & PTE_INVALID)
		panic("%p is not mapped", address);
	return (entry & PTE_ORIGIN) | ((uintptr_t)address & (PAGE_SIZE - 1));
}

void paging_init(u64 memory)
{
	root = table_new(DAT_INVALID | DAT_TYPE_THIRD << DAT_TYPE_SHIFT);
	/* By pages, so that EDAT is off until a test wants it. */
	for (u64 at = 0; at < memory && at < PAGES_SPARE; at += 1ul << SEGMENT_SHIFT) {
		u64 *table = page_table_new();

		*segment_at((void *)at) = (uintptr_t)table;
		for (unsigned int i = 0; i < PAGE_ENTRIES; i++)
			table[i] = at + i * PAGE_SIZE;
	}
	ctl_write(1, (uintptr_t)root | DAT_TYPE_THIRD << ASCE_TYPE_SHIFT | TABLE_FULL);
	tlb_flush();
	vectors_install(&lowcore, PSW_DAT);
	dat_on();
}
