/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Where a hypervisor that keeps tables of its own goes wrong: one page under several
 * rights, one table on several ways, tables that are data, rights that CR0 and CR4
 * give.  What the CPU does by itself (SDM 3A 4.6, 4.8) such a hypervisor has to think
 * of.
 */
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

#define AT		((u8 *)SPACE_FREE)
#define ALL_RIGHTS	(PTE_P | PTE_W | PTE_U)

/* The first page of the next large one, and of the one behind that. */
static u8 *region(unsigned int n)
{
	return AT + n * (uintptr_t)BIT(paging_shift(paging_mode(), 2));
}

static void *entry_of(const u8 *at, unsigned int level)
{
	struct space space = space_current();

	return space_entry(&space, at, level);
}

static void map_large(u8 *at, const u8 *memory, u64 flags)
{
	pte_write(entry_of(at, 2), (uintptr_t)memory | PTE_PS | flags);
	tlb_flush_page(at);
}

static u8 *large_alloc(void)
{
	u64 size = BIT(paging_shift(paging_mode(), 2));

	return pages_alloc_aligned(size / PAGE_SIZE, size);
}

#define WITH_PLAIN_SPACE()	WITH_SPLIT_SPACE() WITH_CR4(0, CR4_SMEP | CR4_SMAP)

static struct fault write_at(u8 *at)
{
	return touch_at(TOUCH_WRITE, at, .value = 1);
}

static struct fault user_write_at(u8 *at)
{
	return touch_at(TOUCH_WRITE, at, .value = 1, .user = true);
}

TEST(shadow_alias, "a large page read-only here and writable there is both")
{
	u8 *one = AT, *two, *memory;

	WITH_PLAIN_SPACE() {
		two = region(1);
		memory = large_alloc();
		map_large(one, memory, PTE_P | PTE_U);
		map_large(two, memory, ALL_RIGHTS);
		for (unsigned int i = 0; i < 3; i++) {
			u8 *a = one + i * PAGE_SIZE, *b = two + i * PAGE_SIZE;

			EXPECT_FAULT(FAULT_NONE, user_write_at(b));
			EXPECT_FAULT(FAULT_PF_AT(a, PF_P | PF_W | PF_U), user_write_at(a));
			EXPECT_FAULT(FAULT_PF_AT(a, PF_P | PF_W), write_at(a));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, a, .user = true));
			EXPECT_FAULT(FAULT_NONE, write_at(b));
			EXPECT_FAULT(FAULT_PF_AT(a, PF_P | PF_W | PF_U), user_write_at(a));
		}
		/* And the other way round. */
		map_large(one, memory, ALL_RIGHTS);
		map_large(two, memory, PTE_P | PTE_U);
		EXPECT_FAULT(FAULT_NONE, user_write_at(one));
		EXPECT_FAULT(FAULT_PF_AT(two, PF_P | PF_W | PF_U),
			     user_write_at(two));
		pte_write(entry_of(one, 2), 0);
		pte_write(entry_of(two, 2), 0);
	}
}

TEST(shadow_neighbour, "a neighbour's error code is its own", REQUIRES(CPU_NX))
{
	u8 *a = AT, *b = AT + PAGE_SIZE;
	u64 page;

	if (!IS_64BIT)
		return skip("no NX in 32-bit paging");
	page = (uintptr_t)pages_alloc_zeroed(1);
	touch_target((void *)(uintptr_t)page);
	WITH_PLAIN_SPACE()
		WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE)
			for (unsigned int i = 0; i < 4; i++) {
				/* Only NX differs, and what comes first. */
				u64 nx_a = i & 1 ? PTE_NX : 0, nx_b = i & 1 ? 0 : PTE_NX;
				struct fault refused = FAULT_PF(PF_P | PF_I | PF_U);

				page_map(a, page, PTE_P | PTE_U | nx_a);
				page_map(b, page, PTE_P | PTE_U | nx_b);
				if (i & 2)
					touch_at(TOUCH_READ, b, .user = true);
				EXPECT_FAULT(nx_a ? refused : FAULT_NONE,
					     touch_at(TOUCH_FETCH, a, .user = true));
				EXPECT_FAULT(nx_b ? refused : FAULT_NONE,
					     touch_at(TOUCH_FETCH, b, .user = true));
				EXPECT_FAULT(FAULT_PF_AT(a, PF_P | PF_W | PF_U),
					     user_write_at(a));
				EXPECT_FAULT(FAULT_PF_AT(b, PF_P | PF_W | PF_U),
					     user_write_at(b));
			}
}

TEST(shadow_dirty, "CR0.WP clear: a write sets D where it went through, and there alone")
{
	u8 *one = AT, *two, *memory;
	void *a, *b;

	WITH_PLAIN_SPACE()
		WITH_CR0(0, CR0_WP) {
			two = region(1);
			memory = large_alloc();
			a = entry_of(one, 2);
			b = entry_of(two, 2);
			map_large(one, memory, PTE_P | PTE_U);
			map_large(two, memory, PTE_P | PTE_U | PTE_W);
			EXPECT_FAULT(FAULT_NONE, write_at(one));
			EXPECT_EQ(pte_read(a) & (PTE_A | PTE_D), PTE_A | PTE_D);
			EXPECT_EQ(pte_read(b) & (PTE_A | PTE_D), 0);
			EXPECT_FAULT(FAULT_NONE, write_at(two));
			EXPECT_EQ(pte_read(b) & (PTE_A | PTE_D), PTE_A | PTE_D);
			pte_write(a, 0);
			pte_write(b, 0);
		}
}

TEST(shadow_smep, "a user page that a supervisor wrote by CR0.WP is still user mode's",
     REQUIRES(CPU_SMEP))
{
	u64 page = (uintptr_t)pages_alloc_zeroed(1);

	WITH_PLAIN_SPACE()
		for (unsigned int i = 0; i < 3; i++) {
			page_map(AT, page, PTE_P | PTE_U);
			WITH_CR0(0, CR0_WP)
				EXPECT_FAULT(FAULT_NONE, write_at(AT));
			touch_target((void *)(uintptr_t)page);
			WITH_CR4(CR4_SMEP, 0)
				EXPECT_FAULT(FAULT_PF_AT(AT, PF_P | PF_I),
					     touch_at(TOUCH_FETCH, AT));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_FETCH, AT, .user = true));
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_FETCH, AT));
			EXPECT_FAULT(FAULT_PF_AT(AT, PF_P | PF_W | PF_U),
				     user_write_at(AT));
		}
}

/* Each has read-only pages at AT, of the supervisor. */
static void wp_toggle(bool forced)
{
	struct fault refused = FAULT_PF_AT(AT, PF_P | PF_W);

	for (unsigned int i = 0; i < 3; i++) {
		EXPECT_FAULT(refused, touch_at(TOUCH_WRITE, AT, .forced = forced));
		WITH_CR0(0, CR0_WP)
			EXPECT_FAULT(FAULT_NONE,
				     touch_at(TOUCH_WRITE, AT, .forced = forced));
		EXPECT_FAULT(refused, touch_at(TOUCH_RMW, AT, .forced = forced));
		EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, AT, .forced = forced));
	}
}

static void wp_check(bool forced)
{
	u64 page = (uintptr_t)pages_alloc_zeroed(1);

	WITH_PLAIN_SPACE() {
		page_map(AT, page, PTE_P);
		SUBTEST("as it is")
			wp_toggle(forced);
		if (cpu_has(CPU_NX)) SUBTEST("after EFER.NXE changed")
			WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) ^ EFER_NXE)
				wp_toggle(forced);
		if (cpu_has(CPU_SMEP)) SUBTEST("with CR4.SMEP")
			WITH_CR4(CR4_SMEP, 0)
				wp_toggle(forced);
	}
}

TEST(shadow_wp, "CR0.WP takes effect at once, with nothing flushed")
{
	wp_check(false);
}

TEST(shadow_wp_forced, "CR0.WP takes effect at once in the emulator, with nothing flushed",
     DEVICE(DEVICE_FEP))
{
	wp_check(true);
}

#if IS_64BIT
/* One directory under two entries of level 3, one of which allows less. */
static const struct {
	const char *text;
	u64 set, clear;
	enum touch_kind kind;
	bool user;
	u32 error;
} less[] = {
	{ "W", 0, PTE_W, TOUCH_WRITE, true, PF_P | PF_W | PF_U },
	{ "W, CPL 0", 0, PTE_W, TOUCH_WRITE, false, PF_P | PF_W },
	{ "U", 0, PTE_U, TOUCH_READ, true, PF_P | PF_U },
	{ "NX", PTE_NX, 0, TOUCH_FETCH, true, PF_P | PF_I | PF_U },
};

TEST(shadow_directory, "rights are those of the way, though two ways share a directory",
     REQUIRES(CPU_NX))
{
	u64 page = (uintptr_t)pages_alloc_zeroed(1);
	u8 *other = AT + BIT(30);

	WITH_PLAIN_SPACE()
		WITH_MSR(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE)
			for_each(l, less) for (unsigned int first = 0; first < 2; first++)
				SUBTEST("%s, %s first", l->text,
					first ? "refused" : "allowed") {
					u64 entry;

					touch_target((void *)page);
					page_map(AT, page, ALL_RIGHTS);
					entry = pte_read(entry_of(AT, 3));
					pte_write(entry_of(other, 3),
						  (entry | l->set) & ~l->clear);
					tlb_flush();
					for (unsigned int i = first; i < first + 4; i++) {
						u8 *at = i & 1 ? other : AT;

						EXPECT_FAULT(i & 1 ?
							     FAULT_PF_AT(at, l->error) :
							     FAULT_NONE,
							     touch_at(l->kind, at,
								      .user = l->user));
						touch_target((void *)page);
					}
				}
}
#endif
