/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes, walks and changes page tables; splits large pages on the way. */
#include <asm/cpu.h>
#include <boot.h>
#include <harts.h>
#include <identity.h>
#include <paging.h>

#define ENTRIES		(1u << PAGING_BITS)
#define TOP_LEVEL	(PAGING_LEVELS - 1)
/* An identity of RAM takes so many, the image's surroundings and its alias included. */
#define BOOT_TABLES	14

/* Not a part of .bss: a table is cleared when it is taken. */
static unsigned long boot_tables[BOOT_TABLES][ENTRIES]
	__attribute__((aligned(1 << PAGE_SHIFT), section(".noinit")));
static unsigned int boot_tables_taken;
static bool translated;
static unsigned long *root;

/* For jump.S: from where code is to where user mode finds it. */
unsigned long user_image_offset;

extern char cpu0[];

static unsigned int shift_of(unsigned int level)
{
	return PAGE_SHIFT + level * PAGING_BITS;
}

static unsigned long *entry_in(unsigned long *table, uintptr_t address, unsigned int level)
{
	return &table[address >> shift_of(level) & (ENTRIES - 1)];
}

static unsigned long *table_of(unsigned long entry)
{
	return (unsigned long *)(entry >> PTE_PPN_SHIFT << PAGE_SHIFT);
}

static bool is_table(unsigned long entry)
{
	return (entry & (PTE_VALID | PTE_LEAF)) == PTE_VALID;
}

static unsigned long *table_new(void)
{
	unsigned long *table;

	if (translated)
		return memset(pages_alloc_permanent(1, PAGE_SIZE), 0, PAGE_SIZE);
	if (boot_tables_taken == BOOT_TABLES)
		panic("more than %u page tables at the start", BOOT_TABLES);
	table = boot_tables[boot_tables_taken++];
	return memset(table, 0, PAGE_SIZE);
}

void pte_set(unsigned long *entry, unsigned long value, const void *address)
{
	*(volatile unsigned long *)entry = value;
	if (translated) {
		tlb_flush_page(address);
		harts_flush_page(address);
	}
}

/* The table below an entry; a large page becomes one of smaller ones. */
static unsigned long *table_below(unsigned long *entry, unsigned int level,
				  const void *address)
{
	unsigned long old = *entry, *table;

	if (is_table(old))
		return table_of(old);
	table = table_new();
	if (old & PTE_VALID)
		for (unsigned long i = 0; i < ENTRIES; i++)
			table[i] = old + (i << (PTE_PPN_SHIFT + (level - 1) * PAGING_BITS));
	pte_set(entry, pte_of((uintptr_t)table) | PTE_VALID, address);
	return table;
}

unsigned long *table_level(const void *address, unsigned int level)
{
	unsigned long *table = root;

	for (unsigned int at = TOP_LEVEL;; at--) {
		unsigned long *entry = entry_in(table, (uintptr_t)address, at);

		if (at == level)
			return entry;
		table = table_below(entry, at, address);
	}
}

unsigned long *pte_at(const void *address)
{
	return table_level(address, 0);
}

void page_map(void *address, u64 physical, u64 flags)
{
	pte_set(pte_at(address), pte_of(physical) | (unsigned long)flags, address);
}

/* The entry that decides about an address. */
static unsigned long entry_read(uintptr_t address)
{
	unsigned long *table = root, entry;

	for (unsigned int level = TOP_LEVEL;; level--) {
		entry = *entry_in(table, address, level);
		if (!is_table(entry) || !level)
			return entry;
		table = table_of(entry);
	}
}

unsigned int identity_shift(unsigned int n)
{
	return shift_of(TOP_LEVEL - n);
}

void identity_set(u64 at, unsigned int n, u64 flags)
{
	*table_level((void *)(uintptr_t)at, TOP_LEVEL - n) = pte_of(at) | (unsigned long)flags;
}

/* Once more for user mode, which finds its code and static data there. */
static void user_image_map(void)
{
	for (uintptr_t at = (uintptr_t)image_start; at < (uintptr_t)image_end;
	     at += PAGE_SIZE) {
		bool code = at < (uintptr_t)code_end;

		*pte_at((void *)user_address((void *)at)) = pte_of(at) |
			(code ? PAGE_CODE | PTE_USER : PAGE_DATA);
	}
}

unsigned long paging_satp(void)
{
	unsigned long mode = IS_64BIT ? SATP_SV39 : SATP_SV32;

	return mode << SATP_MODE_SHIFT | (uintptr_t)root >> PAGE_SHIFT;
}

void paging_block(const void *block)
{
	const char *at = block, *end = at + CPU_BLOCK_SIZE;

	for (; at < end; at += PAGE_SIZE)
		if (at != (const char *)block + CPU_STACK_USER_BASE)
			page_map((void *)at, (uintptr_t)at, PAGE_KERNEL);
}

void paging_init(void)
{
	user_image_offset = PAGES_USER_IMAGE - (uintptr_t)image_start;
	root = table_new();
	identity_map_ram(PAGES_LIMIT, PAGE_DATA);
	identity_map((uintptr_t)image_start, code_end - image_start, PAGE_CODE);
	paging_block(cpu0);
	user_image_map();
	*pte_at((void *)EARLY_UART) = pte_of(EARLY_UART) | PAGE_DEVICE;
	/* The reference VMM's region: memory, though none of the image's. */
	if (boot_info.host)
		identity_map((uintptr_t)boot_info.host, boot_info.host_size, PAGE_DATA);
	csr_write(CSR_SATP, paging_satp());
	tlb_flush();
	translated = true;
}

uintptr_t user_address(const void *address)
{
	uintptr_t at = (uintptr_t)address;

	return image_has(at) ? at + user_image_offset : at;
}

uintptr_t kernel_address(uintptr_t address)
{
	uintptr_t size = image_end - image_start;

	return address - PAGES_USER_IMAGE < size ? address - user_image_offset : address;
}

static bool is_ram(u64 at)
{
	for (unsigned int i = 0; i < boot_info.memories; i++)
		if (at - boot_info.memory[i].base < boot_info.memory[i].size)
			return true;
	return false;
}

struct io *io_map(u64 base, u64 size)
{
	for (u64 at = ALIGN_DOWN(base, PAGE_SIZE); at < base + size; at += PAGE_SIZE) {
		if (is_ram(at))
			panic("a device's registers at %#llx lie in RAM",
			      (unsigned long long)at);
		if (!(entry_read(at) & PTE_VALID))
			page_map((void *)(uintptr_t)at, at, PAGE_DEVICE);
	}
	return (struct io *)(uintptr_t)base;
}
