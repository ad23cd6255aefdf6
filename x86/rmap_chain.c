/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One page under nearly as many mappings as there are pages of RAM, which then becomes
 * a page table: a hypervisor that keeps tables of its own has to find every mapping
 * that may write to it.  To the guest both are plain memory (SDM 3A 4.10.4: after an
 * invalidation a translation is what the tables say).
 */
#include <asm/page.h>
#include <boot.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <test.h>

#define SPARED		1000u	/* pages of RAM for everything else */
#define REGION		(IS_64BIT ? PAGES_SPARE : 0x80000000ul)

static struct {
	u64 *page;
	unsigned int count;
	struct space space;
} chain;

static volatile u64 *mapping(unsigned int n)
{
	return (volatile u64 *)(REGION + (uintptr_t)n * PAGE_SIZE);
}

/* A table's worth at a time; runs at CPL 3, which no hypervisor has to emulate. */
static void map_all(void *arg)
{
	const struct paging *mode = chain.space.mode;
	unsigned int per_table = BIT(mode->index_bits);
	u8 *entry = NULL;

	(void)arg;
	for (unsigned int n = 0; n < chain.count; n++) {
		if (n % per_table == 0)
			entry = space_entry(&chain.space, (void *)mapping(n), 1);
		entry_write(mode, entry + n % per_table * mode->entry_size,
			    (uintptr_t)chain.page | PTE_P | PTE_W | PTE_U);
	}
}

static void write_all(void *arg)
{
	(void)arg;
	for (unsigned int n = 0; n < chain.count; n++)
		*mapping(n) = n;
}

static void chain_make(void)
{
	chain.page = pages_alloc_zeroed(1);
	chain.count = boot_memory_size() / PAGE_SIZE - SPARED;
	/* The region below the table of the last part. */
	if (chain.count > BIT(17))
		chain.count = BIT(17);
	chain.space = space_current();
	user_call(map_all, NULL, 0);
	tlb_flush();
}

/* Some of the mappings, the first and the last among them. */
#define SAMPLES		64

static unsigned int sample(unsigned int i)
{
	return i ? (chain.count - 1) * i / (SAMPLES - 1) : 0;
}

TEST(alias, "what is written through any mapping is read through all")
{
	chain_make();
	user_call(write_all, NULL, 0);
	EXPECT_EQ(*chain.page, chain.count - 1);
	for (unsigned int i = 0; i < SAMPLES; i++)
		EXPECT_EQ(*mapping(sample(i)), chain.count - 1);
	METRIC("mappings", chain.count, "mappings");
}

TEST(table, "once the page is a table, each mapping writes its entries")
{
	u8 *frames = pages_alloc_zeroed(2), *below;
	const struct paging *mode;
	u64 entry;

	chain_make();
	user_call(write_all, NULL, 0);
	mode = chain.space.mode;
	below = (u8 *)(REGION + (IS_64BIT ? BIT(30) : BIT(29)));
	*(u32 *)frames = 1;
	*(u32 *)(frames + PAGE_SIZE) = 2;
	memset(chain.page, 0, PAGE_SIZE);
	entry_write(mode, space_entry(&chain.space, below, 2),
		    (uintptr_t)chain.page | PTE_P | PTE_W | PTE_U);
	for (unsigned int i = 0; i < SAMPLES; i++) {
		entry = ((uintptr_t)frames + i % 2 * PAGE_SIZE) | PTE_P | PTE_W | PTE_U;
		entry_write(mode, (void *)mapping(sample(i)), entry);
		tlb_flush_page(below);
		EXPECT_EQ(*(volatile u32 *)below, i % 2 + 1);
	}
	EXPECT_EQ(entry_read(mode, chain.page) & ~(u64)(PTE_A | PTE_D), entry);
	entry_write(mode, space_entry(&chain.space, below, 2), 0);
	tlb_flush();
	/* And plain memory again. */
	user_call(write_all, NULL, 0);
	for (unsigned int i = 0; i < SAMPLES; i++)
		EXPECT_EQ(*mapping(sample(i)), chain.count - 1);
}
