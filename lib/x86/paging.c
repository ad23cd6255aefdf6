/* SPDX-License-Identifier: BSD-2-Clause */
/* Walks and changes page tables; splits large pages on the way. */
#include <asm/cpu.h>
#include <asm/word.h>
#include <memory.h>
#include <paging.h>

#define POINTER_FLAGS	(PTE_P | PTE_W | PTE_U)
#define LARGE_FLAGS	(POINTER_FLAGS | PTE_A | PTE_D | PTE_PS)
#define GIB		0x40000000ul

const struct paging paging_32bit = { "32-bit", 2, 10, 4, 0 };
const struct paging paging_pae = { "PAE", 3, 9, 8, CR4_PAE };
const struct paging paging_4level = { "4-level", 4, 9, 8, CR4_PAE };
const struct paging paging_5level = { "5-level", 5, 9, 8, CR4_PAE | CR4_LA57 };

const struct paging *paging_mode(void)
{
	unsigned long cr4 = read_cr4();

	if (!IS_64BIT)
		return cr4 & CR4_PAE ? &paging_pae : &paging_32bit;
	return cr4 & CR4_LA57 ? &paging_5level : &paging_4level;
}

struct space space_current(void)
{
	const struct paging *mode = paging_mode();
	/* PAE's top table is 32 bytes anywhere. */
	u64 mask = mode == &paging_pae ? 0xffffffe0 : PTE_ADDRESS;

	return (struct space){ mode, read_cr3() & mask };
}

u64 entry_read(const struct paging *mode, const void *entry)
{
	return mode->entry_size == 4 ? *(const volatile u32 *)entry :
		*(const volatile u64 *)entry;
}

void entry_write(const struct paging *mode, void *entry, u64 value)
{
	volatile u32 *half = entry;

	if (IS_64BIT) {
		*(volatile u64 *)entry = value;
	} else if (mode->entry_size == 4) {
		*half = value;
	} else {
		half[0] = 0;
		half[1] = value >> 32;
		half[0] = value;
	}
}

static void *entry_of(const struct paging *mode, u64 table, uintptr_t address,
		      unsigned int level)
{
	uintptr_t index = address >> paging_shift(mode, level) &
			  (BIT(mode->index_bits) - 1);

	return (char *)(uintptr_t)(table & PTE_ADDRESS) +
		index * mode->entry_size;
}

static void *table_alloc(void)
{
	return memset(pages_alloc_permanent(1, PAGE_SIZE), 0, PAGE_SIZE);
}

static u64 pointer_to(const struct paging *mode, const void *table,
		      unsigned int level)
{
	/* Entries of PAE's top table have no rights (SDM 3A 4.4.1). */
	return (uintptr_t)table |
		(mode == &paging_pae && level == 3 ? PTE_P : POINTER_FLAGS);
}

/* The table below an entry; a large page becomes one of its smaller pages. */
static u64 table_below(const struct paging *mode, void *entry,
		       unsigned int level)
{
	u64 old = entry_read(mode, entry);
	unsigned int shift = paging_shift(mode, level - 1);
	char *table;

	if ((old & PTE_P) && !(old & PTE_PS))
		return old;
	table = table_alloc();
	if (old & PTE_P) {
		if (level == 2)
			old &= ~(u64)PTE_PS;
		for (u64 i = 0; i < BIT(mode->index_bits); i++)
			entry_write(mode, table + i * mode->entry_size,
				    old + (i << shift));
	}
	entry_write(mode, entry, pointer_to(mode, table, level));
	/* CPUs hold PAE's top table in registers (SDM 3A 4.4.1). */
	if (mode == &paging_pae && level == 3)
		tlb_flush();
	return (uintptr_t)table;
}

void *space_entry(const struct space *space, const void *address,
		  unsigned int level)
{
	const struct paging *mode = space->mode;
	u64 table = space->root;

	for (unsigned int at = mode->levels;; at--) {
		void *entry = entry_of(mode, table, (uintptr_t)address, at);

		if (at == level)
			return entry;
		table = table_below(mode, entry, at);
	}
}

void *pte_at(const void *address)
{
	struct space space = space_current();

	return space_entry(&space, address, 1);
}

u64 pte_read(const void *entry)
{
	return entry_read(paging_mode(), entry);
}

void pte_write(void *entry, u64 value)
{
	entry_write(paging_mode(), entry, value);
}

void page_map(void *address, u64 physical, u64 flags)
{
	pte_write(pte_at(address), physical | flags);
	tlb_flush_page(address);
}

u64 page_physical(const void *address)
{
	struct space space = space_current();
	const struct paging *mode = space.mode;
	u64 table = space.root;

	for (unsigned int level = mode->levels;; level--) {
		u64 entry = entry_read(mode, entry_of(mode, table,
						      (uintptr_t)address, level));
		u64 size = BIT(paging_shift(mode, level));

		if (!(entry & PTE_P))
			panic("%p is not mapped", address);
		if (level == 1 || (entry & PTE_PS))
			return (entry & PTE_ADDRESS & ~(size - 1)) |
				((uintptr_t)address & (size - 1));
		table = entry;
	}
}

/* Large pages for [address, address + size), at @physical and above. */
static void map_large(const struct space *space, uintptr_t address, u64 physical,
		      u64 size, u64 flags)
{
	u64 page = BIT(paging_shift(space->mode, 2));

	for (u64 at = 0; at < size; at += page)
		entry_write(space->mode, space_entry(space,
				(void *)(uintptr_t)(address + at), 2),
			    (physical + at) | flags);
}

/* The directories of start.S serve both views: their top entry decides. */
static void split_64bit(const struct space *space)
{
	struct space now = space_current();
	u64 entry = pte_read(space_entry(&now, NULL, 4));

	pte_write(space_entry(space, NULL, 4), entry & ~(u64)PTE_U);
	pte_write(space_entry(space, (void *)USER_ALIAS, 4),
		  entry | PTE_U);
}

static void split_32bit(const struct space *space)
{
	map_large(space, 0, 0, GIB, LARGE_FLAGS & ~PTE_U);
	map_large(space, USER_ALIAS, 0, GIB, LARGE_FLAGS);
	/* The APIC, the host's page and all the rest below 4 GiB. */
	map_large(space, 3 * GIB, 3ull * GIB, GIB, LARGE_FLAGS & ~PTE_U);
}

void space_split(struct space *space, const struct paging *mode)
{
	space->mode = mode;
	space->root = (uintptr_t)pages_alloc_zeroed(1);
	if (IS_64BIT)
		split_64bit(space);
	else
		split_32bit(space);
}

const struct space *space_split_current(void)
{
	static struct space space;

	space_split(&space, paging_mode());
	return &space;
}

/* paging_load.S: CR3 and CR4 while paging is off. */
void paging_load(unsigned long cr3, unsigned long cr4);

static void space_load(const struct space *space)
{
	unsigned long cr4 = read_cr4();
	unsigned long wanted = (cr4 & ~(unsigned long)(CR4_PAE | CR4_LA57)) |
			       space->mode->cr4;

	if (wanted == cr4)
		write_cr3(space->root);
	else
		paging_load(space->root, wanted);
}

static void space_leave(struct scope *scope)
{
	space_load(&((struct space_scope *)scope)->old);
}

void space_enter(struct space_scope *s, const struct space *space)
{
	s->old = space_current();
	scope_enter(&s->scope, space_leave);
	space_load(space);
}
