/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Execute-disable (SDM 3A 4.6.1, 4.7; APM 2 5.6.1).
 *
 * While EFER.NXE is set, a fetch at any CPL needs bit 63 clear in every entry on the
 * way, in the formats of 8 bytes.  While it is clear, that bit is reserved.
 */
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
#define AT		((u8 *)SPACE_FREE)
#define SMEP_OFF()	WITH_CR4(0, CR4_SMEP)

/* 32-bit paging has no such bit. */
static const struct space *space_with_nx(void)
{
	static struct space space;

	space_split(&space, IS_64BIT ? paging_mode() : &paging_pae);
	return &space;
}

#define WITH_PAGE()							\
	WITH_SPACE(space_with_nx()) WITH_TOUCH() SMEP_OFF()		\
		WITH_MSR(MSR_EFER, rdmsr(MSR_EFER))

static void page_make(void)
{
	touch_target(page);
	page_map(AT, (uintptr_t)page, PTE_P | PTE_W | PTE_U);
}

static void nxe_set(bool on)
{
	u64 efer = rdmsr(MSR_EFER) & ~(u64)EFER_NXE;

	wrmsr(MSR_EFER, efer | (on ? EFER_NXE : 0));
}

/* PAE's top table has no rights. */
static unsigned int top_level(void)
{
	return IS_64BIT ? paging_mode()->levels : 2;
}

static void fetches(struct fault supervisor, struct fault user)
{
	EXPECT_FAULT(supervisor, touch_at(TOUCH_FETCH, AT));
	EXPECT_FAULT(user, touch_at(TOUCH_FETCH, AT, .user = true));
	/* And once the TLB holds the page for data. */
	EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, AT));
	EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_WRITE, AT + 64));
	EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_RMW, AT + 64, .user = true));
	EXPECT_FAULT(supervisor, touch_at(TOUCH_FETCH, AT));
	EXPECT_FAULT(user, touch_at(TOUCH_FETCH, AT, .user = true));
}

TEST(on, "NXE set: NX in any entry stops fetches, and nothing else", REQUIRES(CPU_NX))
{
	WITH_PAGE() {
		nxe_set(true);
		page_make();
		SUBTEST("in none")
			fetches(FAULT_NONE, FAULT_NONE);
		for (unsigned int level = 1; level <= top_level(); level++)
			SUBTEST("level %u", level) {
				WITH_ENTRY(AT, level, PTE_NX, 0)
					fetches(FAULT_PF_AT(AT, PF_P | PF_I),
						FAULT_PF_AT(AT, PF_P | PF_I | PF_U));
				fetches(FAULT_NONE, FAULT_NONE);
			}
	}
}

static void reserved(void)
{
	const u32 code = PF_P | PF_RSVD;

	EXPECT_FAULT(FAULT_PF_AT(AT, code), touch_at(TOUCH_READ, AT));
	EXPECT_FAULT(FAULT_PF_AT(AT, code | PF_W), touch_at(TOUCH_WRITE, AT));
	EXPECT_FAULT(FAULT_PF_AT(AT, code), touch_at(TOUCH_FETCH, AT));
	EXPECT_FAULT(FAULT_PF_AT(AT, code | PF_U),
		     touch_at(TOUCH_READ, AT, .user = true));
	EXPECT_FAULT(FAULT_PF_AT(AT, code | PF_U),
		     touch_at(TOUCH_FETCH, AT, .user = true));
}

TEST(off, "NXE clear: the bit is reserved in entries that are present",
     REQUIRES(CPU_NX))
{
	WITH_PAGE() {
		nxe_set(false);
		page_make();
		for (unsigned int level = 1; level <= top_level(); level++)
			SUBTEST("level %u", level) {
				WITH_ENTRY(AT, level, PTE_NX, 0)
					reserved();
				WITH_ENTRY(AT, level, PTE_NX, PTE_P)
					EXPECT_FAULT(FAULT_PF_AT(AT, 0),
						     touch_at(TOUCH_READ, AT));
			}
	}
}

TEST(toggle, "EFER.NXE takes effect once the page's translation is flushed",
     REQUIRES(CPU_NX))
{
	WITH_PAGE() {
		touch_target(page);
		page_map(AT, (uintptr_t)page, PTE_P | PTE_W | PTE_U | PTE_NX);
		for (unsigned int i = 0; i < 3; i++) {
			nxe_set(true);
			tlb_flush_page(AT);
			EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_READ, AT));
			EXPECT_FAULT(FAULT_PF_AT(AT, PF_P | PF_I),
				     touch_at(TOUCH_FETCH, AT));
			nxe_set(false);
			tlb_flush_page(AT);
			EXPECT_FAULT(FAULT_PF_AT(AT, PF_P | PF_RSVD),
				     touch_at(TOUCH_READ, AT));
		}
	}
}

TEST(error_code, "NXE makes error codes tell fetches", REQUIRES(CPU_NX))
{
	WITH_PAGE() {
		nxe_set(true);
		EXPECT_FAULT(FAULT_PF_AT(AT, PF_I), touch_at(TOUCH_FETCH, AT));
		EXPECT_FAULT(FAULT_PF_AT(AT, PF_I | PF_U),
			     touch_at(TOUCH_FETCH, AT, .user = true));
		EXPECT_FAULT(FAULT_PF_AT(AT, PF_U),
			     touch_at(TOUCH_READ, AT, .user = true));
		nxe_set(false);
		EXPECT_FAULT(FAULT_PF_AT(AT, 0), touch_at(TOUCH_FETCH, AT));
	}
}

TEST(absent, "without the CPUID bit, EFER.NXE is reserved", LACKS(CPU_NX))
{
	EXPECT_FAULT(FAULT_GP(0), try_wrmsr(MSR_EFER, rdmsr(MSR_EFER) | EFER_NXE));
}
