/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes, walks and changes translation tables; splits blocks on the way. */
#include <asm/cpu.h>
#include <boot.h>
#include <identity.h>
#include <paging.h>

/* Each level translates so many bits; the last one is level 3. */
#define INDEX_BITS	(PAGE_SHIFT - 3)
#define ENTRIES		(1u << INDEX_BITS)
#define LAST_LEVEL	3
#define VA_BITS		(IS_64BIT ? 48 : 32)
#define FIRST_LEVEL	(LAST_LEVEL - (VA_BITS - PAGE_SHIFT - 1) / INDEX_BITS)
/* Above, there are no blocks. */
#define BLOCK_LEVEL	(PAGE_SHIFT == 12 ? 1 : 2)
/*
 * An identity of RAM takes so many: one a level, for the image's surroundings, and for
 * those of the reference VMM's region.
 */
#define BOOT_TABLES	(PAGE_SHIFT == 16 ? 6 : 14)

#define DEVICES_END	0x40000000ul

/* Not a part of .bss: a table is cleared when it is taken. */
static u64 boot_tables[BOOT_TABLES][ENTRIES]
	__attribute__((aligned(1 << PAGE_SHIFT), section(".noinit")));
static unsigned int boot_tables_taken;
static bool translated;
static u64 *root;

static unsigned int shift_of(unsigned int level)
{
	return PAGE_SHIFT + (LAST_LEVEL - level) * INDEX_BITS;
}

static u64 *entry_at(u64 *table, u64 address, unsigned int level)
{
	return &table[address >> shift_of(level) & (ENTRIES - 1)];
}

static u64 *table_of(u64 entry)
{
	return (u64 *)(uintptr_t)(entry & PTE_ADDRESS);
}

static bool is_table(u64 entry, unsigned int level)
{
	return level < LAST_LEVEL &&
		(entry & (PTE_VALID | PTE_TABLE)) == (PTE_VALID | PTE_TABLE);
}

static u64 *table_new(void)
{
	u64 *table;

	if (translated)
		return memset(pages_alloc_permanent(1, PAGE_SIZE), 0, PAGE_SIZE);
	if (boot_tables_taken == BOOT_TABLES)
		panic("more than %u translation tables at the start", BOOT_TABLES);
	table = boot_tables[boot_tables_taken++];
	return memset(table, 0, PAGE_SIZE);
}

void pte_set(u64 *entry, u64 value, const void *address)
{
	volatile u64 *at = entry;

	/* DDI 0487, D8.14.1: a valid entry is not just replaced by another. */
	if (*at & PTE_VALID) {
		*at = 0;
		if (translated)
			tlb_flush_page(address);
	}
	*at = value;
	if (translated) {
		dsb();
		isb();
	}
}

/* The table below an entry; a block becomes one of blocks or pages below it. */
static u64 *table_below(u64 *entry, unsigned int level, const void *address)
{
	u64 old = *entry, *table;

	if (is_table(old, level))
		return table_of(old);
	table = table_new();
	if (old & PTE_VALID)
		for (u64 i = 0; i < ENTRIES; i++)
			table[i] = (old + (i << shift_of(level + 1))) |
				(level + 1 == LAST_LEVEL ? PTE_TABLE : 0);
	pte_set(entry, (uintptr_t)table | PTE_VALID | PTE_TABLE, address);
	return table;
}

static u64 *entry_make(u64 address, unsigned int level)
{
	u64 *table = root;

	for (unsigned int at = FIRST_LEVEL;; at++) {
		u64 *entry = entry_at(table, address, at);

		if (at == level)
			return entry;
		table = table_below(entry, at, (const void *)(uintptr_t)address);
	}
}

u64 *pte_at(const void *address)
{
	return entry_make((uintptr_t)address, LAST_LEVEL);
}

void page_map(void *address, u64 physical, u64 flags)
{
	pte_set(pte_at(address), physical | flags, address);
}

/* The entry that decides about an address, and its level. */
static u64 entry_read(u64 address, unsigned int *level)
{
	u64 *table = root, entry;

	for (*level = FIRST_LEVEL;; ++*level) {
		entry = *entry_at(table, address, *level);
		if (!is_table(entry, *level))
			return entry;
		table = table_of(entry);
	}
}

u64 page_physical(const void *address)
{
	unsigned int level;
	u64 at = (uintptr_t)address, entry = entry_read(at, &level);
	u64 inside = (1ull << shift_of(level)) - 1;

	if (!(entry & PTE_VALID))
		panic("%p is not mapped", address);
	return (entry & PTE_ADDRESS & ~inside) | (at & inside);
}

unsigned int identity_shift(unsigned int n)
{
	return shift_of(BLOCK_LEVEL + n);
}

void identity_set(u64 at, unsigned int n, u64 flags)
{
	unsigned int level = BLOCK_LEVEL + n;

	*entry_make(at, level) = at | (level == LAST_LEVEL ? flags : flags & ~PTE_TABLE);
}

void paging_init(void)
{
	root = table_new();
	identity_map_ram(PAGES_LIMIT, PAGE_DATA);
	/* What EL0 may write, EL1 cannot execute (DDI 0487, D8.4.1.2.1). */
	identity_map((uintptr_t)image_start, code_end - image_start, PAGE_CODE);
	if ((uintptr_t)image_start >= DEVICES_END)
		identity_map(0, DEVICES_END, PAGE_DEVICE);
	/* Among the devices, but memory: the host reads it through its caches. */
	if (boot_info.host)
		identity_map((uintptr_t)boot_info.host, boot_info.host_size, PAGE_DATA);
	translated = true;
}

u64 paging_root(void)
{
	return (uintptr_t)root;
}

struct io *io_map(u64 base, u64 size)
{
	u64 end = base + size;

	for (u64 at = ALIGN_DOWN(base, PAGE_SIZE); at < end; at += PAGE_SIZE) {
		unsigned int level;
		u64 entry = entry_read(at, &level);

		if (!(entry & PTE_VALID))
			page_map((void *)(uintptr_t)at, at, PAGE_DEVICE);
		else if ((entry & PTE_ATTR_MASK) != PTE_ATTR(ATTR_DEVICE_NGNRE))
			panic("a device's registers at %#llx lie in RAM",
			      (unsigned long long)at);
	}
	return (struct io *)(uintptr_t)base;
}
