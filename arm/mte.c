/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory tagging: DDI 0487, D7. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <memory.h>
#include <paging.h>
#include <test.h>

ONLY_ON(arm64);

#define GRANULE		16
#define TAG_SHIFT	56
#define SCTLR_TCF_SHIFT	40		/* EL1's tag check faults */
#define SCTLR_TCF	(3ull << SCTLR_TCF_SHIFT)
#define SCTLR_ATA	(1ull << 43)
#define TCR_TBI0	(1ull << 37)
#define TCR_TCMA0	(1ull << 57)

enum { CHECK_NOT, CHECK_SYNC, CHECK_ASYNC, CHECK_ASYMM };

static u64 old_sctlr, old_tcr;
static char *page;

static char *tagged(char *address, u64 tag)
{
	return (char *)((uintptr_t)address | tag << TAG_SHIFT);
}

static void tag_store(char *address)
{
	asm volatile(".arch armv8.5-a+memtag\n stg %0, [%0]" : : "r"(address) : "memory");
}

static u64 tag_load(char *address)
{
	u64 value = (uintptr_t)address;

	asm volatile(".arch armv8.5-a+memtag\n ldg %0, [%0]" : "+r"(value) : : "memory");
	return value >> TAG_SHIFT & 0xf;
}

static bool tfsr_is_set(void)
{
	/* D7.6.1: an asynchronous fault is there after DSB, and seen after ISB. */
	dsb();
	isb();
	return sysreg_read_s(tfsr_el1) & 1;
}

static void tfsr_clear(void)
{
	sysreg_write_s(tfsr_el1, 0);
	isb();
}

static void mte_leave(struct scope *scope)
{
	(void)scope;
	sysreg_write(sctlr_el1, old_sctlr);
	sysreg_write(tcr_el1, old_tcr);
	isb();
	tlb_flush();
	tfsr_clear();
}

struct mte_scope {
	struct scope scope;
};

/* A page with tag 1 throughout, and checks of the kind @check. */
static void mte_enter(struct mte_scope *s, u64 check)
{
	old_sctlr = sysreg_read(sctlr_el1);
	old_tcr = sysreg_read(tcr_el1);
	page = (char *)PAGES_SPARE;
	scope_enter(&s->scope, mte_leave);
	sysreg_write(tcr_el1, (old_tcr | TCR_TBI0) & ~TCR_TCMA0);
	sysreg_write(sctlr_el1, (old_sctlr & ~SCTLR_TCF) | SCTLR_ATA);
	isb();
	page_map(page, (uintptr_t)pages_alloc_zeroed(1),
		 (PAGE_KERNEL & ~PTE_ATTR_MASK) | PTE_ATTR(ATTR_TAGGED));
	tlb_flush();
	/* PSTATE.TCO: tags are checked. */
	asm volatile(".arch armv8.5-a+memtag\n msr tco, #0");
	for (unsigned int at = 0; at < PAGE_SIZE; at += GRANULE)
		tag_store(tagged(page + at, 1));
	tfsr_clear();
	sysreg_write(sctlr_el1, sysreg_read(sctlr_el1) | check << SCTLR_TCF_SHIFT);
	isb();
}

#define WITH_TAGS(check)	SCOPE(mte_scope, mte_enter, check)

static void check_matching(void)
{
	char *right = tagged(page, 1);

	EXPECT_EQ(tag_load(page), 1);
	EXPECT_FAULT(FAULT_NONE, try_load(right));
	EXPECT_FAULT(FAULT_NONE, try_store(right + GRANULE - 1));
	EXPECT_FAULT(FAULT_NONE, try_load(right + PAGE_SIZE - 1));
	EXPECT(!tfsr_is_set());
}

/* Loads a word with the wrong tag: its fault, and what the destination has then. */
static struct fault load_wrong(u64 *value)
{
	char *wrong = tagged(page, 2);

	return TRY_OUT("ldr %0, [%1]", OUT("+r"(*value)), "r"(wrong));
}

static struct fault store_wrong(u64 value)
{
	char *wrong = tagged(page, 2);

	return TRY("str %0, [%1]", "r"(value), "r"(wrong));
}

static u64 page_word(void)
{
	return *(volatile u64 *)tagged(page, 1);
}

TEST(sync, "a wrong tag is a synchronous fault, and nothing is done",
     REQUIRES(CPU_MTE2))
{
	WITH_TAGS(CHECK_SYNC) {
		u64 value = 0x5a5a;

		check_matching();
		SUBTEST("load") {
			EXPECT_FAULT(FAULT_DATA(FSC_TAG_CHECK), load_wrong(&value));
			EXPECT_EQ(value, 0x5a5a);
		}
		SUBTEST("store") {
			u64 before = page_word();

			EXPECT_FAULT(FAULT_DATA(FSC_TAG_CHECK | FAULT_WRITE),
				     store_wrong(~before));
			EXPECT_EQ(page_word(), before);
		}
		EXPECT(!tfsr_is_set());
	}
}

TEST(granules, "each 16 bytes have a tag of their own", REQUIRES(CPU_MTE2))
{
	static const u16 places[] = { 0, 1, 2, 3, 17, 128, 255 };

	WITH_TAGS(CHECK_SYNC) {
		for (unsigned int i = 0; i < ARRAY_SIZE(places); i++)
			tag_store(tagged(page + places[i] * GRANULE, 2 + i));
		for (unsigned int i = 0; i < ARRAY_SIZE(places); i++)
			SUBTEST("granule %u", places[i]) {
				char *right = tagged(page + places[i] * GRANULE, 2 + i);

				EXPECT_EQ(tag_load(right), 2 + i);
				EXPECT_FAULT(FAULT_NONE, try_load(right));
				EXPECT_FAULT(FAULT_NONE, try_store(right + GRANULE - 1));
				EXPECT_FAULT(FAULT_DATA(FSC_TAG_CHECK),
					     try_load(tagged(right, 15)));
			}
		SUBTEST("the rest") {
			EXPECT_EQ(tag_load(page + 100 * GRANULE), 1);
			EXPECT_FAULT(FAULT_NONE, try_load(tagged(page + 100 * GRANULE, 1)));
		}
	}
}

TEST(async, "a wrong tag is remembered in TFSR, and the access is done",
     REQUIRES(CPU_MTE2))
{
	WITH_TAGS(CHECK_ASYNC) {
		u64 value = 0x5a5a, word = page_word();

		check_matching();
		SUBTEST("load") {
			EXPECT_FAULT(FAULT_NONE, load_wrong(&value));
			EXPECT_EQ(value, word);
			EXPECT(tfsr_is_set());
			tfsr_clear();
		}
		SUBTEST("store") {
			EXPECT_FAULT(FAULT_NONE, store_wrong(0x1234));
			EXPECT(tfsr_is_set());
			tfsr_clear();
			EXPECT_EQ(page_word(), 0x1234);
			EXPECT(!tfsr_is_set());
		}
	}
}

TEST(asymm, "a wrong tag is a synchronous fault of loads, and remembered of stores",
     REQUIRES(CPU_MTE3))
{
	WITH_TAGS(CHECK_ASYMM) {
		u64 value = 0x5a5a;

		check_matching();
		SUBTEST("load") {
			EXPECT_FAULT(FAULT_DATA(FSC_TAG_CHECK), load_wrong(&value));
			EXPECT_EQ(value, 0x5a5a);
			EXPECT(!tfsr_is_set());
		}
		SUBTEST("store") {
			EXPECT_FAULT(FAULT_NONE, store_wrong(0x1234));
			EXPECT(tfsr_is_set());
			tfsr_clear();
			EXPECT_EQ(page_word(), 0x1234);
		}
	}
}

TEST(unchecked, "with TCF 0, or PSTATE.TCO set, tags do not matter", REQUIRES(CPU_MTE2))
{
	SUBTEST("TCF 0") WITH_TAGS(CHECK_NOT) {
		EXPECT_FAULT(FAULT_NONE, try_load(tagged(page, 2)));
		EXPECT(!tfsr_is_set());
	}
	SUBTEST("TCO") WITH_TAGS(CHECK_SYNC) {
		asm volatile(".arch armv8.5-a+memtag\n msr tco, #1");
		EXPECT_FAULT(FAULT_NONE, try_load(tagged(page, 2)));
		asm volatile(".arch armv8.5-a+memtag\n msr tco, #0");
		EXPECT_FAULT(FAULT_DATA(FSC_TAG_CHECK), try_load(tagged(page, 2)));
	}
}
