/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Process-context identifiers (SDM 3A 4.10.1 and 4.10.4; SDM 2, INVPCID and MOV to
 * CR3).
 *
 * While CR4.PCIDE is set, bits 11:0 of CR3 tag what the TLB caches.  Bit 63 of a MOV
 * to CR3 keeps what is cached; INVPCID forgets by tag and address.
 */
#include <asm/page.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

#define PCIDS		3

static struct invpcid_descriptor {
	u64 pcid, address;
} descriptor;

enum { ADDRESS, CONTEXT, ALL, ALL_BUT_GLOBAL };	/* types of INVPCID */

static struct fault try_invpcid(u64 type, u64 pcid, u64 address)
{
	descriptor = (struct invpcid_descriptor){ pcid, address };
	return TRY("invpcid %0, %1", "m"(descriptor), "r"(type));
}

static struct fault try_cr3(u64 value)
{
	return TRY("mov %0, %%cr3", "r"(value));
}

TEST(enable, "PCIDE may be set while the low bits of CR3 are clear", REQUIRES(CPU_PCID))
{
	u64 cr3 = read_cr3();

	WITH_CR4(CR4_PCIDE, 0) {
		EXPECT(read_cr4() & CR4_PCIDE);
		EXPECT_FAULT(FAULT_NONE, try_cr3(cr3 | 0xfff));
		EXPECT_EQ(read_cr3(), cr3 | 0xfff);
		write_cr3(cr3);
	}
}

TEST(low_bits, "setting PCIDE is #GP while low bits of CR3 are set",
     REQUIRES(CPU_PCID))
{
	static const u64 bits[] = { 0x008, 0x010, 0x018 };	/* PWT, PCD */
	u64 cr3 = read_cr3();

	for_each(b, bits) {
		write_cr3(cr3 | *b);
		EXPECT_EQ(read_cr3(), cr3 | *b);
		EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_PCIDE));
	}
	write_cr3(cr3);
}

TEST(paging_off, "clearing CR0.PG is #GP while PCIDE is set", REQUIRES(CPU_PCID))
{
	WITH_CR4(CR4_PCIDE, 0)
		EXPECT_FAULT(FAULT_GP(0),
			     try_write_cr0(read_cr0() & ~(unsigned long)CR0_PG));
}

TEST(no_flush, "bit 63 of MOV to CR3 is a request, and reserved without PCIDE",
     REQUIRES(CPU_PCID))
{
	u64 cr3 = read_cr3();

	EXPECT_FAULT(FAULT_GP(0), try_cr3(cr3 | CR3_NO_FLUSH));
	WITH_CR4(CR4_PCIDE, 0) {
		EXPECT_FAULT(FAULT_NONE, try_cr3(cr3 | CR3_NO_FLUSH | 5));
		EXPECT_EQ(read_cr3(), cr3 | 5);
		EXPECT_FAULT(FAULT_GP(0), try_cr3(cr3 | BIT(62) | BIT(61)));
		write_cr3(cr3);
	}
}

TEST(absent, "without the CPUID bit, CR4.PCIDE is reserved", LACKS(CPU_PCID))
{
	EXPECT_FAULT(FAULT_GP(0), try_write_cr4(read_cr4() | CR4_PCIDE));
}

/* Spaces that differ in what they map at SPACE_FREE: their own number. */
static struct {
	struct space space;
	u64 *frame[2];
	void *entry;
} contexts[PCIDS];

#define AT		((volatile u64 *)SPACE_FREE)
#define VALUE(n, frame)	(0x1000ull * ((n) + 1) + (frame))

static void contexts_make(void)
{
	for (unsigned int n = 0; n < PCIDS; n++) {
		space_split(&contexts[n].space, paging_mode());
		contexts[n].entry = space_entry(&contexts[n].space, (void *)AT, 1);
		for (unsigned int f = 0; f < 2; f++) {
			contexts[n].frame[f] = pages_alloc_zeroed(1);
			*contexts[n].frame[f] = VALUE(n, f);
		}
	}
}

static void context_map(unsigned int n, unsigned int frame, u64 flags)
{
	pte_write(contexts[n].entry, (uintptr_t)contexts[n].frame[frame] |
		  PTE_P | PTE_W | flags);
}

/* Tag n + 1: tag 0 is what everything else runs with. */
static void context_go(unsigned int n, u64 flush)
{
	write_cr3(contexts[n].space.root | (n + 1) | flush);
}

static void contexts_start(u64 flags)
{
	contexts_make();
	for (unsigned int n = 0; n < PCIDS; n++) {
		context_map(n, 0, flags);
		context_go(n, 0);
		EXPECT_EQ(*AT, VALUE(n, 0));
	}
}

/* PCIDE is set, and everything forgotten at either end. */
#define WITH_CONTEXTS(cr4)						\
	WITH_SPACE(space_split_current()) WITH_CR4(CR4_PCIDE | (cr4), 0)

/* CR3's tag must be 0 again before PCIDE goes. */
static void contexts_end(void)
{
	context_go(0, 0);
	write_cr3(contexts[0].space.root);
}

TEST(tags, "no context sees what another one cached", REQUIRES(CPU_PCID))
{
	WITH_CONTEXTS(0) {
		contexts_start(0);
		for (unsigned int i = 0; i < 4 * PCIDS; i++) {
			context_go(i % PCIDS, CR3_NO_FLUSH);
			EXPECT_EQ(*AT, VALUE(i % PCIDS, 0));
		}
		contexts_end();
	}
}

TEST(flush, "MOV to CR3 with bit 63 clear forgets the tag that it loads",
     REQUIRES(CPU_PCID))
{
	WITH_CONTEXTS(0) {
		contexts_start(0);
		for (unsigned int n = 0; n < PCIDS; n++) {
			context_go((n + 1) % PCIDS, CR3_NO_FLUSH);
			context_map(n, 1, 0);
			context_go(n, 0);
			EXPECT_EQ(*AT, VALUE(n, 1));
		}
		contexts_end();
	}
}

TEST(invlpg, "INVLPG forgets the page of the current tag", REQUIRES(CPU_PCID))
{
	WITH_CONTEXTS(0) {
		contexts_start(0);
		for (unsigned int n = 0; n < PCIDS; n++) {
			context_go(n, CR3_NO_FLUSH);
			context_map(n, 1, 0);
			tlb_flush_page((void *)AT);
			EXPECT_EQ(*AT, VALUE(n, 1));
			context_go((n + 1) % PCIDS, CR3_NO_FLUSH);
			context_go(n, CR3_NO_FLUSH);
			EXPECT_EQ(*AT, VALUE(n, 1));
		}
		contexts_end();
	}
}

/* From within another context; global pages are what they are for. */
static const struct {
	const char *what;
	u64 type;
	u64 flags;	/* of the page that must be forgotten */
} forgets[] = {
	{ "one address of a tag",	ADDRESS,	0     },
	{ "a whole tag",		CONTEXT,	0     },
	{ "everything, global too",	ALL,		PTE_G },
	{ "everything",			ALL,		0     },
	{ "everything but global",	ALL_BUT_GLOBAL,	0     },
};

TEST(invpcid, "INVPCID forgets what its type says, of other tags too",
     REQUIRES(CPU_PCID, CPU_INVPCID))
{
	for_each(f, forgets) SUBTEST("%s", f->what)
		WITH_CONTEXTS(CR4_PGE) {
			/* A global page is every tag's: one context only. */
			contexts_start(0);
			context_map(0, 0, f->flags);
			context_go(0, 0);
			tlb_flush_page((void *)AT);
			EXPECT_EQ(*AT, VALUE(0, 0));
			if (!f->flags)
				context_go(1, CR3_NO_FLUSH);
			context_map(0, 1, f->flags);
			EXPECT_FAULT(FAULT_NONE, try_invpcid(f->type, 1, (uintptr_t)AT));
			context_go(0, CR3_NO_FLUSH);
			EXPECT_EQ(*AT, VALUE(0, 1));
			try_invpcid(ALL, 0, 0);
			contexts_end();
		}
}

TEST(disable, "clearing PCIDE forgets everything", REQUIRES(CPU_PCID))
{
	WITH_CONTEXTS(0) {
		contexts_start(0);
		context_go(0, CR3_NO_FLUSH);
		contexts_end();
		EXPECT_EQ(*AT, VALUE(0, 0));
		context_map(0, 1, 0);
		WITH_CR4(0, CR4_PCIDE)
			EXPECT_EQ(*AT, VALUE(0, 1));
	}
}

#define NONCANONICAL	BIT(62)

static const struct {
	const char *what;
	u64 type, pcid, address;
	struct fault off, on;	/* PCIDE clear, set */
} rows[] = {
	{ "type 0, PCID 0",	0, 0, 0, AS_NONE,  AS_NONE },
	{ "type 1, PCID 0",	1, 0, 0, AS_NONE,  AS_NONE },
	{ "type 2, PCID 0",	2, 0, 0, AS_NONE,  AS_NONE },
	{ "type 3, PCID 0",	3, 0, 0, AS_NONE,  AS_NONE },
	{ "type 0, PCID 1",	0, 1, 0, AS_GP(0), AS_NONE },
	{ "type 1, PCID 1",	1, 1, 0, AS_GP(0), AS_NONE },
	{ "type 2, PCID 10",	2, 10, 0, AS_NONE, AS_NONE },
	{ "type 3, PCID 10",	3, 10, 0, AS_NONE, AS_NONE },
	{ "type 0, PCID 0xfff",	0, 0xfff, 0, AS_GP(0), AS_NONE },
	{ "type 4",		4, 0, 0, AS_GP(0), AS_GP(0) },
	{ "type of bit 32",	BIT(32), 0, 0, AS_GP(0), AS_GP(0) },
	{ "type of bit 63",	BIT(63), 0, 0, AS_GP(0), AS_GP(0) },
	{ "bit 12 of the tag",	2, BIT(12), 0, AS_GP(0), AS_GP(0) },
	{ "bit 63 of the tag",	2, BIT(63), 0, AS_GP(0), AS_GP(0) },
	{ "type 0, no address",	0, 0, NONCANONICAL, AS_GP(0), AS_GP(0) },
	{ "type 1, no address",	1, 0, NONCANONICAL, AS_NONE, AS_NONE },
	{ "type 2, no address",	2, 0, NONCANONICAL, AS_NONE, AS_NONE },
	{ "type 3, no address",	3, 0, NONCANONICAL, AS_NONE, AS_NONE },
};

TEST(invpcid_off, "INVPCID without PCIDE: tag 0 is the only one",
     REQUIRES(CPU_INVPCID))
{
	for_each(row, rows) SUBTEST("%s", row->what)
		EXPECT_FAULT(row->off,
			     try_invpcid(row->type, row->pcid, row->address));
}

TEST(invpcid_on, "INVPCID with PCIDE: any tag", REQUIRES(CPU_PCID, CPU_INVPCID))
{
	for_each(row, rows) SUBTEST("%s", row->what)
		WITH_CR4(CR4_PCIDE, 0)
			EXPECT_FAULT(row->on,
				     try_invpcid(row->type, row->pcid, row->address));
}

static u64 all = ALL;

INSN(invpcid_all, "invpcid %0, %1", "m"(descriptor), "r"(all));
INSN(lock_invpcid, ".byte 0xf0; invpcid %0, %1", "m"(descriptor), "r"(all));
/* 66 0f 38 82 /r with a register for the descriptor. */
INSN(invpcid_register, ".byte 0x66, 0x0f, 0x38, 0x82, 0xc0", "a"(2));

TEST(invpcid_faults, "INVPCID: CPL 0 only, a descriptor in memory, no LOCK",
     REQUIRES(CPU_INVPCID))
{
	descriptor = (struct invpcid_descriptor){ 0, 0 };
	EXPECT_FAULT(FAULT_NONE, exec(invpcid_all, .cpl = 0));
	EXPECT_FAULT(FAULT_GP(0), exec(invpcid_all, .cpl = 3));
	EXPECT_FAULT(FAULT_UD, exec(lock_invpcid, .cpl = 0));
	EXPECT_FAULT(FAULT_UD, exec(invpcid_register, .cpl = 0));
	WITH_PTE((void *)PAGES_SPARE, 0, PTE_P)
		EXPECT_FAULT(FAULT_PF_AT(PAGES_SPARE, 0),
			     TRY("invpcid (%0), %1", "r"(PAGES_SPARE), "r"(2ul)));
}

TEST(invpcid_absent, "without the CPUID bit, INVPCID is #UD", LACKS(CPU_INVPCID))
{
	EXPECT_FAULT(FAULT_UD, exec(invpcid_all, .cpl = 0));
	EXPECT_FAULT(FAULT_UD, exec(invpcid_all, .cpl = 3));
}
