/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Page tables are memory: they change by any instruction through any mapping, from
 * any CPL, and may be mapped by themselves (SDM 3A 4.10.4, "Invalidation of TLBs and
 * Paging-Structure Caches", tells when a change counts; 4.8 what A and D of them say).
 */
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

#define AT		((u8 *)SPACE_FREE)
#define ALL_RIGHTS	(PTE_P | PTE_W | PTE_U)

static struct {
	u8 *frame[2];
	u8 *window;		/* another mapping of the page table */
	void *pte;		/* AT's, by its own address */
	void *seen;		/* the same by the window */
	u64 value[2];
} t;

/* AT maps frame 0 or 1, whose first word tells; its table is at @flags' mercy. */
static void tables_make(u64 flags)
{
	/* A region of its own: its table must not be AT's. */
	t.window = AT + BIT(paging_shift(paging_mode(), 2));
	for (unsigned int n = 0; n < 2; n++) {
		t.frame[n] = pages_alloc_zeroed(1);
		*(u32 *)t.frame[n] = n + 1;
		t.value[n] = (uintptr_t)t.frame[n] | ALL_RIGHTS;
	}
	t.pte = pte_at(AT);
	pte_write(t.pte, t.value[0]);
	page_map(t.window, ALIGN_DOWN((uintptr_t)t.pte, PAGE_SIZE), flags);
	t.seen = t.window + (uintptr_t)t.pte % PAGE_SIZE;
	tlb_flush();
}

static void expect_frame(unsigned int n)
{
	tlb_flush_page(AT);
	EXPECT_EQ(*(volatile u32 *)AT, n + 1);
	EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, AT, .user = true));
}

/* Ways to write a table's entry, half of it, or around it. */
static void by_word(volatile void *at, u64 value)
{
	*(volatile unsigned long *)at = value;
}

static void by_halves(volatile void *at, u64 value)
{
	volatile u16 *half = at;

	for (unsigned int i = 0; i < WORD_BYTES / 2; i++)
		half[i] = value >> 16 * i;
}

static void by_bytes(volatile void *at, u64 value)
{
	volatile u8 *byte = at;

	for (unsigned int i = 0; i < WORD_BYTES; i++)
		byte[i] = value >> 8 * i;
}

static void by_exchange(volatile void *at, u64 value)
{
	__atomic_exchange_n((unsigned long *)at, value, __ATOMIC_SEQ_CST);
}

static void by_compare(volatile void *at, u64 value)
{
	unsigned long old = *(volatile unsigned long *)at;

	__atomic_compare_exchange_n((unsigned long *)at, &old, (unsigned long)value,
				    false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void by_add(volatile void *at, u64 value)
{
	unsigned long old = *(volatile unsigned long *)at;

	__atomic_fetch_add((unsigned long *)at, (unsigned long)value - old,
			   __ATOMIC_SEQ_CST);
}

static void by_string(volatile void *at, u64 value)
{
	unsigned long source[2] = { value, 0 };
	const void *from = source;
	void *to = (void *)at;
	unsigned long count = sizeof(long);

	asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(count) : : "memory");
}

static void by_push(volatile void *at, u64 value)
{
	touch_at(TOUCH_PUSH, at, .value = value);
}

static void by_user(volatile void *at, u64 value)
{
	touch_at(TOUCH_WRITE, at, .value = value, .user = true);
	if (IS_64BIT)
		touch_at(TOUCH_WRITE, (u8 *)at + 4, .value = value >> 32, .user = true);
}

static void by_user_exchange(volatile void *at, u64 value)
{
	touch_at(TOUCH_RMW, at, .value = value, .user = true);
}

static const struct {
	const char *text;
	void (*write)(volatile void *at, u64 value);
} ways[] = {
	{ "a store", by_word },		    { "stores of 16 bits", by_halves },
	{ "stores of bytes", by_bytes },    { "XCHG", by_exchange },
	{ "CMPXCHG", by_compare },	    { "XADD", by_add },
	{ "REP MOVSB", by_string },	    { "PUSH", by_push },
	{ "a user's store", by_user },	    { "a user's XCHG", by_user_exchange },
};

TEST(table_ways, "a paging entry changes by whatever instruction writes it")
{
	WITH_SPLIT_SPACE()
		WITH_CR4(0, CR4_SMAP) {
			tables_make(ALL_RIGHTS);
			for_each(way, ways) SUBTEST("%s", way->text)
				for (unsigned int i = 1; i < 5; i++) {
					way->write(t.seen, t.value[i % 2]);
					expect_frame(i % 2);
				}
		}
}

TEST(table_large, "a paging entry changes by a write through a large page, too")
{
	WITH_SPLIT_SPACE() {
		/* All memory is mapped once more, by large pages. */
		tables_make(ALL_RIGHTS);
		t.seen = user_alias(t.pte);
		for_each(way, ways) SUBTEST("%s", way->text)
			for (unsigned int i = 1; i < 5; i++) {
				way->write(t.seen, t.value[i % 2]);
				expect_frame(i % 2);
			}
	}
}

TEST(table_read_only, "a table in read-only pages gets A and D all the same")
{
	WITH_SPLIT_SPACE()
		WITH_CR4(0, CR4_SMAP) {
			tables_make(PTE_P | PTE_U);
			EXPECT_FAULT(FAULT_PF_AT(t.seen, PF_P | PF_W),
				     touch_at(TOUCH_WRITE, t.seen, .value = 0));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, AT, .user = true));
			EXPECT_EQ(pte_read(t.seen), t.value[0] | PTE_A);
			EXPECT_FAULT(FAULT_NONE,
				     touch_at(TOUCH_WRITE, AT, .user = true, .value = 1));
			EXPECT_EQ(pte_read(t.seen), t.value[0] | PTE_A | PTE_D);
			/* What WP forbids, clearing WP allows. */
			WITH_CR0(0, CR0_WP)
				by_word(t.seen, t.value[1]);
			expect_frame(1);
		}
}

TEST(table_dirty, "A and D of a table's own mapping are that mapping's business")
{
	void *window_pte;
	u64 clean;

	WITH_SPLIT_SPACE() {
		tables_make(ALL_RIGHTS);
		window_pte = pte_at(t.window);
		clean = pte_read(window_pte) & ~(u64)(PTE_A | PTE_D);
		pte_write(window_pte, clean);
		tlb_flush();
		/* The walk uses the table, not its mapping. */
		touch_at(TOUCH_WRITE, AT, .user = true, .value = 1);
		EXPECT_EQ(pte_read(window_pte), clean);
		by_word(t.seen, t.value[1]);
		EXPECT_EQ(pte_read(window_pte), clean | PTE_A | PTE_D);
		expect_frame(1);
	}
}

TEST(table_freed, "a page that was a table is plain memory again")
{
	void *directory;
	u64 entry;
	u32 *words;

	WITH_SPLIT_SPACE() {
		struct space space = space_current();

		tables_make(ALL_RIGHTS);
		expect_frame(0);
		directory = space_entry(&space, AT, 2);
		entry = pte_read(directory);
		pte_write(directory, 0);
		tlb_flush();
		words = (void *)ALIGN_DOWN((uintptr_t)t.pte, PAGE_SIZE);
		for (unsigned int i = 0; i < PAGE_SIZE / 4; i++)
			words[i] = i * 0x01010101;
		for (unsigned int i = 0; i < PAGE_SIZE / 4; i += 113)
			EXPECT_EQ(words[i], i * 0x01010101);
		EXPECT_FAULT(FAULT_PF_AT(AT, 0), touch_at(TOUCH_READ, AT));
		memset(words, 0, PAGE_SIZE);
		pte_write(directory, entry);
		pte_write(t.pte, t.value[1]);
		expect_frame(1);
	}
}

/*
 * An entry of the top table that points at that table: its window is all tables, and
 * the same page is a table of each level and a page of data.
 */
#if IS_64BIT
#define RECURSIVE	300u	/* entry of the top table */

static u64 *recursive(unsigned int level, u64 address)
{
	const struct paging *mode = paging_mode();
	u64 top = (u64)RECURSIVE << paging_shift(mode, mode->levels), at = address;

	for (unsigned int i = 0; i < level; i++)
		at = (at >> mode->index_bits) |
		     (u64)RECURSIVE << paging_shift(mode, mode->levels);
	at &= BIT(paging_shift(mode, mode->levels) + mode->index_bits) - 1;
	if (top >> (paging_shift(mode, mode->levels) + mode->index_bits - 1))
		at |= ~(BIT(paging_shift(mode, mode->levels) + mode->index_bits) - 1);
	return (u64 *)(at & ~7ull);
}

TEST(table_recursive, "a top table that maps itself shows each level's tables")
{
	struct space space;
	u64 *entry;

	WITH_SPLIT_SPACE() {
		space = space_current();
		tables_make(ALL_RIGHTS);
		((u64 *)space.root)[RECURSIVE] = space.root | PTE_P | PTE_W;
		for (unsigned int level = 1; level <= space.mode->levels; level++)
			SUBTEST("level %u", level) {
				entry = recursive(level, (uintptr_t)AT);
				EXPECT_EQ(*entry & ~(u64)(PTE_A | PTE_D),
					  pte_read(space_entry(&space, AT, level)) &
					  ~(u64)(PTE_A | PTE_D));
			}
		entry = recursive(1, (uintptr_t)AT);
		for (unsigned int i = 1; i < 5; i++) {
			*entry = t.value[i % 2];
			expect_frame(i % 2);
		}
		/* It marks itself, as a table of four levels and as a page. */
		EXPECT_EQ(((u64 *)space.root)[RECURSIVE] & PTE_A, PTE_A);
		/* Taken out by itself. */
		entry = recursive(space.mode->levels,
				  (u64)RECURSIVE << paging_shift(space.mode,
								space.mode->levels));
		*entry = 0;
		tlb_flush();
		EXPECT_EQ(((u64 *)space.root)[RECURSIVE], 0);
		EXPECT_FAULT(FAULT_PF_AT(entry, 0), touch_at(TOUCH_READ, entry));
	}
}
#endif
