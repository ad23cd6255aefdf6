/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a CPU may remember of tables that change (SDM 3A 4.10.4): what needs no
 * invalidation, what one INVLPG has to forget, and what MOV to CR3 and CR4.PGE do.
 */
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

#define AT		((u32 *)SPACE_FREE)
#define ALL_RIGHTS	(PTE_P | PTE_W | PTE_U)
#define FRAMES		2
#define VALUE(n)	(0x1000u + (n))

static u8 *frames[FRAMES];

static void frames_make(void)
{
	for (unsigned int n = 0; n < FRAMES; n++) {
		frames[n] = pages_alloc_zeroed(1);
		*(u32 *)frames[n] = VALUE(n);
	}
}

static void map(void *at, unsigned int n, u64 flags)
{
	pte_write(pte_at(at), (uintptr_t)frames[n] | flags);
}

static unsigned int levels(void)
{
	/* PAE's top table is registers: MOV to CR3 is what loads them. */
	return paging_mode() == &paging_pae ? 2 : paging_mode()->levels;
}

static void *entry_at(unsigned int level)
{
	struct space space = space_current();

	return space_entry(&space, AT, level);
}

static const struct { const char *text; bool user; } sides[] = {
	{ "CPL 0", false }, { "CPL 3", true },
};

TEST(tlb_present, "an entry that becomes present needs no invalidation")
{
	frames_make();
	WITH_SPLIT_SPACE()
		for (unsigned int level = 1; level <= levels(); level++)
			for_each(side, sides) SUBTEST("level %u, %s", level, side->text) {
				u64 old;
				void *entry = entry_at(level);

				map(AT, 0, ALL_RIGHTS);
				old = pte_read(entry);
				for (unsigned int i = 0; i < 3; i++) {
					pte_write(entry, old & ~(u64)PTE_P);
					tlb_flush_page(AT);
					EXPECT_FAULT(FAULT_PF_AT(AT, side->user ? PF_U : 0),
						     touch_at(TOUCH_READ, AT,
							      .user = side->user));
					pte_write(entry, old);
					EXPECT_FAULT(FAULT_NONE,
						     touch_at(TOUCH_READ, AT,
							      .user = side->user));
				}
			}
}

/* One right, who needs it, and what its lack comes to. */
static const struct right {
	const char *text;
	u64 set, clear;		/* to take it away */
	enum touch_kind kind;
	bool user;
	u32 error;
	bool needs_nx;
} rights[] = {
	{ "W, CPL 0", 0, PTE_W, TOUCH_WRITE, false, PF_P | PF_W, false },
	{ "W, CPL 3", 0, PTE_W, TOUCH_WRITE, true, PF_P | PF_W | PF_U, false },
	{ "U", 0, PTE_U, TOUCH_READ, true, PF_P | PF_U, false },
	{ "X, CPL 0", PTE_NX, 0, TOUCH_FETCH, false, PF_P | PF_I, true },
	{ "X, CPL 3", PTE_NX, 0, TOUCH_FETCH, true, PF_P | PF_I | PF_U, true },
};

static bool right_exists(const struct right *r)
{
	return !r->needs_nx || (IS_64BIT && cpu_has(CPU_NX));
}

/* For the rights above, NX among them where there is any. */
#define WITH_RIGHTS()							\
	WITH_SPLIT_SPACE()						\
		WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) |			\
			 (IS_64BIT && cpu_has(CPU_NX) ? EFER_NXE : 0))	\
			WITH_CR4(0, CR4_SMEP | CR4_SMAP)

static struct fault use(const struct right *r)
{
	return touch_at(r->kind, AT, .user = r->user);
}

TEST(tlb_raised, "rights that are added may be found late, by one fault at most")
{
	frames_make();
	WITH_RIGHTS()
		for_each(r, rights)
			for (unsigned int level = 1; level <= levels(); level++)
				SUBTEST("%s, level %u", r->text, level) {
					void *entry = entry_at(level);
					u64 old;

					if (!right_exists(r)) {
						skip("no NX");
						break;
					}
					touch_target(frames[0]);
					map(AT, 0, ALL_RIGHTS);
					old = pte_read(entry);
					pte_write(entry, (old | r->set) & ~r->clear);
					tlb_flush_page(AT);
					EXPECT_FAULT(FAULT_PF_AT(AT, r->error), use(r));
					pte_write(entry, old);
					/* A fault invalidates what caused it. */
					use(r);
					touch_target(frames[0]);
					EXPECT_FAULT(FAULT_NONE, use(r));
				}
}

TEST(tlb_lowered, "rights that are taken away are gone after INVLPG")
{
	frames_make();
	WITH_RIGHTS()
		for_each(r, rights)
			for (unsigned int level = 1; level <= levels(); level++)
				SUBTEST("%s, level %u", r->text, level) {
					if (!right_exists(r)) {
						skip("no NX");
						break;
					}
					map(AT, 0, ALL_RIGHTS);
					for (unsigned int i = 0; i < 3; i++) {
						touch_target(frames[0]);
						EXPECT_FAULT(FAULT_NONE, use(r));
						WITH_ENTRY(AT, level, r->set, r->clear)
							EXPECT_FAULT(FAULT_PF_AT(AT, r->error),
								     use(r));
					}
				}
}

TEST(tlb_moved, "a page that moved is read at its new place after INVLPG")
{
	volatile u32 *at = AT;

	frames_make();
	WITH_SPLIT_SPACE()
		for (unsigned int i = 0; i < 4; i++) {
			map(AT, i % FRAMES, ALL_RIGHTS);
			tlb_flush_page(AT);
			EXPECT_EQ(*at, VALUE(i % FRAMES));
			EXPECT_FAULT(FAULT_NONE,
				     touch_at(TOUCH_READ, AT, .user = true));
		}
}

TEST(tlb_table_moved, "after INVLPG a page whose table moved is read at its new place")
{
	volatile u32 *at = AT;

	frames_make();
	WITH_SPLIT_SPACE()
		for (unsigned int level = 2; level <= levels(); level++)
			SUBTEST("level %u", level) {
				void *entry = entry_at(level), *table, *copy;
				u64 old;

				map(AT, 0, ALL_RIGHTS);
				old = pte_read(entry);
				table = (void *)(uintptr_t)(old & PTE_ADDRESS);
				EXPECT_EQ(*at, VALUE(0));
				/* The same tables once more, down to the page. */
				copy = memcpy(pages_alloc(1), table, PAGE_SIZE);
				pte_write(entry, (old & ~PTE_ADDRESS) | (uintptr_t)copy);
				tlb_flush_page(AT);
				EXPECT_EQ(*at, VALUE(0));
				map(AT, 1, ALL_RIGHTS);
				tlb_flush_page(AT);
				EXPECT_EQ(*at, VALUE(1));
				pte_write(entry, old);
				tlb_flush_page(AT);
			}
}

TEST(tlb_other_page, "INVLPG of one page leaves another one old or new, CR3 makes it new")
{
	volatile u32 *a = AT, *b = AT + PAGE_SIZE / 4;

	frames_make();
	WITH_SPLIT_SPACE()
		for (unsigned int i = 0; i < 4; i++) {
			unsigned int n = i % FRAMES, seen;

			map((void *)a, n, ALL_RIGHTS);
			map((void *)b, n, ALL_RIGHTS);
			tlb_flush();
			EXPECT_EQ(*a, VALUE(n));
			EXPECT_EQ(*b, VALUE(n));
			map((void *)a, !n, ALL_RIGHTS);
			map((void *)b, !n, ALL_RIGHTS);
			tlb_flush_page((void *)a);
			EXPECT_EQ(*a, VALUE(!n));
			seen = *b;
			EXPECT(seen == VALUE(0) || seen == VALUE(1));
			tlb_flush();
			EXPECT_EQ(*b, VALUE(!n));
		}
}

TEST(tlb_accessed, "A and D that software cleared are set again after INVLPG")
{
	void *pte;

	frames_make();
	WITH_SPLIT_SPACE()
		for_each(side, sides) SUBTEST("%s", side->text) {
			pte = pte_at(AT);
			for (unsigned int i = 0; i < 3; i++) {
				map(AT, 0, ALL_RIGHTS);
				tlb_flush_page(AT);
				touch_at(TOUCH_READ, AT, .user = side->user);
				EXPECT_EQ(pte_read(pte) & (PTE_A | PTE_D), PTE_A);
				/* The TLB holds it as clean: the write must be seen. */
				touch_at(TOUCH_WRITE, AT, .user = side->user,
					 .value = VALUE(0));
				EXPECT_EQ(pte_read(pte) & (PTE_A | PTE_D),
					  PTE_A | PTE_D);
			}
		}
}

TEST(tlb_global, "global pages outlive MOV to CR3, INVLPG and CR4.PGE end them",
     REQUIRES(CPU_PGE))
{
	volatile u32 *at = AT;
	u32 seen;

	frames_make();
	WITH_SPLIT_SPACE()
		WITH_CR4(CR4_PGE, 0)
			for (unsigned int i = 0; i < 3; i++) {
				map(AT, 0, ALL_RIGHTS | PTE_G);
				tlb_flush_page(AT);
				EXPECT_EQ(*at, VALUE(0));
				map(AT, 1, ALL_RIGHTS | PTE_G);
				tlb_flush();
				seen = *at;
				EXPECT(seen == VALUE(0) || seen == VALUE(1));
				tlb_flush_page(AT);
				EXPECT_EQ(*at, VALUE(1));
				map(AT, 0, ALL_RIGHTS | PTE_G);
				WITH_CR4(0, CR4_PGE)
					EXPECT_EQ(*at, VALUE(0));
				map(AT, 1, ALL_RIGHTS);
				tlb_flush_page(AT);
				EXPECT_EQ(*at, VALUE(1));
				map(AT, 0, ALL_RIGHTS);
				tlb_flush();
				EXPECT_EQ(*at, VALUE(0));
			}
}
