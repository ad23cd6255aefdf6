/* SPDX-License-Identifier: BSD-2-Clause */
/* Makes, walks and changes radix trees; splits leaves on the way. */
#include <asm/cpu.h>
#include <boot.h>
#include <hcall.h>
#include <identity.h>
#include <paging.h>
#include <platform.h>
#include <test.h>

/* 52 bits are translated by 13, 9, 9, and what a page leaves of 21. */
#define LAST_LEVEL	3u
#define ROOT_BITS	13u
#define MIDDLE_BITS	9u
#define LAST_BITS	(21u - PAGE_SHIFT)
#define ROOT_ENTRIES	(1u << ROOT_BITS)
#define ENTRIES		(1u << MIDDLE_BITS)
/* Leaves of 1 GiB and 2 MiB are at levels 1 and 2. */
#define LEAF_LEVEL	1u
/* An identity of RAM takes so many, on the way to the image's surroundings. */
#define BOOT_TABLES	12

/* H_REGISTER_PROCESS_TABLE: new, radix, with TLB invalidation by the guest. */
#define REGISTER_RADIX	(0x18 | 4 | 1)
#define PROCESS_ENTRIES	256		/* of 16 bytes: the least, 4 KiB */
#define PARTITION_ENTRIES	256

/* Cleared when they are taken, not at the start; image.lds aligns the root. */
static u64 boot_tables[BOOT_TABLES][ENTRIES]
	__attribute__((aligned(0x1000), section(".bss.noinit")));
static u64 root[ROOT_ENTRIES] __attribute__((section(".bss.noinit.root")));
static u64 processes[PROCESS_ENTRIES][2] __attribute__((aligned(0x1000), section(".bss.noinit")));
static u64 partitions[PARTITION_ENTRIES][2]
	__attribute__((aligned(0x1000), section(".bss.noinit")));
static unsigned int boot_tables_taken;
static bool on;

/* Tables are big-endian, whatever the image is. */
static u64 big(u64 value)
{
#ifdef __LITTLE_ENDIAN__
	return __builtin_bswap64(value);
#else
	return value;
#endif
}

u64 pte_get(const u64 *entry)
{
	return big(*(const volatile u64 *)entry);
}

void pte_put(u64 *entry, u64 value)
{
	*(volatile u64 *)entry = big(value);
}

static unsigned int bits_of(unsigned int level)
{
	return !level ? ROOT_BITS : level == LAST_LEVEL ? LAST_BITS : MIDDLE_BITS;
}

static unsigned int shift_of(unsigned int level)
{
	static const u8 shifts[] = { 39, 30, 21, PAGE_SHIFT };

	return shifts[level];
}

static u64 *entry_at(u64 *table, u64 address, unsigned int level)
{
	return &table[address >> shift_of(level) & ((1u << bits_of(level)) - 1)];
}

static bool is_table(u64 entry)
{
	return (entry & (PTE_VALID | PTE_LEAF)) == PTE_VALID;
}

static u64 *table_new(void)
{
	u64 *table;

	if (on)
		return memset(pages_alloc_permanent(1, PAGE_SIZE), 0, PAGE_SIZE);
	if (boot_tables_taken == BOOT_TABLES)
		panic("more than %u translation tables at the start", BOOT_TABLES);
	table = boot_tables[boot_tables_taken++];
	return memset(table, 0, sizeof(boot_tables[0]));
}

/*
 * RB: the page and its size's encoding, RIC 0 and PRS 1: of this process's own
 * translations (6.9.3.3).  RS has the process and partition, both 0 to a guest.
 */
static u64 forget_what(const void *address)
{
	return ALIGN_DOWN((uintptr_t)address, PAGE_SIZE) | (PAGE_SHIFT == 16 ? 5 : 0) << 5;
}

/* tlbie and tlbiel RB, RS, 0, 1, 1, which not all assemblers know. */
#define TLBIE	".long 0x7c030264 | %1 << 21 | %0 << 11\n"
#define TLBIEL	".long 0x7c030224 | %1 << 21 | %0 << 11\n"

void tlb_forget(const void *address)
{
	asm volatile("ptesync\n" TLBIE "eieio; tlbsync; ptesync"
		     : : "r"(forget_what(address)), "r"(0ul) : "memory");
}

void tlb_forget_here(const void *address)
{
	asm volatile("ptesync\n" TLBIEL "ptesync"
		     : : "r"(forget_what(address)), "r"(0ul) : "memory");
}

void pte_set(u64 *entry, u64 value, const void *address)
{
	pte_put(entry, value);
	if (on)
		tlb_forget(address);
}

/* The table below an entry; a leaf becomes a table of leaves. */
static u64 *table_below(u64 *entry, unsigned int level, const void *address)
{
	u64 old = pte_get(entry), *table;
	unsigned int bits = bits_of(level + 1);

	if (is_table(old))
		return (u64 *)(old & PTE_TABLE);
	table = table_new();
	if (old & PTE_VALID)
		for (u64 i = 0; i < 1u << bits; i++)
			pte_put(&table[i], old + (i << shift_of(level + 1)));
	pte_set(entry, (uintptr_t)table | PTE_VALID | bits, address);
	return table;
}

static u64 *entry_make(u64 address, unsigned int level)
{
	u64 *table = root;

	for (unsigned int at = 0;; at++) {
		u64 *entry = entry_at(table, address, at);

		if (at == level)
			return entry;
		table = table_below(entry, at, (const void *)address);
	}
}

u64 *pte_at(const void *address)
{
	paging_require();
	return entry_make((uintptr_t)address, LAST_LEVEL);
}

void page_map(void *address, u64 physical, u64 flags)
{
	pte_set(pte_at(address), physical | flags, address);
}

unsigned int identity_shift(unsigned int n)
{
	return shift_of(LEAF_LEVEL + n);
}

void identity_set(u64 at, unsigned int n, u64 flags)
{
	pte_put(entry_make(at, LEAF_LEVEL + n), at | flags);
}

static bool radix_announced(void)
{
	/* As long as nobody asked for another compatibility, POWER9 has it. */
	return cpu_version() >= PVR_POWER9;
}

/* A hypervisor's own addresses are those of partition 0 (6.7.6.1). */
static void partition_make(void)
{
	memset(partitions, 0, sizeof(partitions));
	pte_put(&partitions[0][0], PARTITION_HR | PROCESS_RTS | (uintptr_t)root | ROOT_BITS);
	pte_put(&partitions[0][1], (uintptr_t)processes);
	asm volatile("ptesync" : : : "memory");
}

void paging_init(void)
{
	if (!radix_announced())
		return;
	memset(root, 0, sizeof(root));
	memset(processes, 0, sizeof(processes));
	identity_map_ram(~0ull, PAGE_DATA);
	identity_map((uintptr_t)image_start, code_end - image_start, PAGE_CODE);
	pte_put(&processes[0][0], PROCESS_RTS | (uintptr_t)root | ROOT_BITS);
	asm volatile("ptesync" : : : "memory");
	if (!platform_is_papr()) {
		partition_make();
		on = cpu_is_hypervisor();
		return;
	}
	/* The size is that of the least one: 4 KiB. */
	on = hcall(H_REGISTER_PROCESS_TABLE, REGISTER_RADIX, (uintptr_t)processes, 0, 0) ==
		H_SUCCESS;
}

void paging_load(void)
{
	spr_write(SPR_PIDR, 0);
	if (cpu_is_hypervisor()) {
		spr_write(SPR_LPIDR, 0);
		spr_write(SPR_PTCR, (uintptr_t)partitions);
		spr_write(SPR_LPCR, spr_read(SPR_LPCR) | BIT(LPCR_HR_BIT) |
			  BIT(LPCR_UPRT_BIT));
		/* All that were there (6.9.3.3): RIC 2, of partition-scoped and all processes'. */
		asm volatile("ptesync\n"
			     ".long 0x7c0b0224 | %0 << 11\n"	/* tlbiel RB, 0, 2, 1, 1 */
			     "ptesync" : : "r"(0xc00ul) : "memory");
	}
	asm volatile("isync" : : : "memory");
}

bool paging_is_on(void)
{
	return on;
}

void paging_require(void)
{
	if (on)
		return;
	skip("this CPU does not translate addresses by radix trees");
	test_leave();
}
