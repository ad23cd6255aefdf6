/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Linear-address masking (SDM 3A, "Linear-Address Pre-Processing"; Intel's ISE
 * reference, chapter on LAM).
 *
 * LAM lets software keep data in upper bits of pointers: 62:57 (57-bit pointers) or
 * 62:48 (48-bit pointers) are replaced by copies of bit 56 or 47 before the address is
 * used.  Pointers with bit 63 clear follow CR3.LAM_U57 and LAM_U48, those with bit 63
 * set CR4.LAM_SUP and the paging mode.  Only accesses to data are masked.  (cr.c has
 * what becomes of these bits where there is no LAM.)
 */
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>
#include <touch.h>

ONLY_ON(x86_64);

#define TAG_57		(BIT(57) | BIT(60) | BIT(62))	/* within bits 62:57 */
#define TAG_48		(TAG_57 | BIT(48) | BIT(55))	/* within bits 62:48 */
#define DEVICE_PAGE	0xff000000ul	/* where pc-testdev has memory */

/* Bits 62:48 of a supervisor's pointer are set, so that a tag clears some. */
static u64 tagged(u64 address, u64 tag)
{
	return address ^ tag;
}

static const struct state {
	const char *text;
	u64 cr3, cr4;
	u64 user, supervisor;	/* tags that pass: 0, TAG_57, TAG_48 */
} states[] = {
	{ "off",	       0,	    0,		 0,	 0	},
	{ "LAM_U57",	       CR3_LAM_U57, 0,		 TAG_57, 0	},
	{ "LAM_U48",	       CR3_LAM_U48, 0,		 TAG_48, 0	},
	{ "LAM_U57 and U48",   CR3_LAM_U57 | CR3_LAM_U48, 0, TAG_57, 0	},
	{ "LAM_SUP",	       0,	    CR4_LAM_SUP, 0,	 TAG_48 },
	{ "LAM_SUP, LAM_U57",  CR3_LAM_U57, CR4_LAM_SUP, TAG_57, TAG_48 },
};

static const struct { const char *text; u64 tag; } tags[] = {
	{ "no tag", 0 }, { "6 bits", TAG_57 }, { "15 bits", TAG_48 },
};

/* Does LAM let this tag through where @passes does? */
static bool passes(u64 tag, u64 passing)
{
	return !(tag & ~passing);
}

static const enum touch_kind kinds[] = { TOUCH_READ, TOUCH_WRITE, TOUCH_RMW };

static void accesses(u64 address, bool user, bool pass)
{
	for_each(kind, kinds)
		EXPECT_FAULT(pass ? FAULT_NONE : FAULT_GP(0),
			     touch_at(*kind, address, .user = user));
}

/* The same memory by a pointer of either half, and a device's. */
static const struct {
	const char *text;
	bool upper, user;
	bool device;
} pointers[] = {
	{ "user pointer",			false, false, false },
	{ "user pointer, CPL 3",		false, true,  false },
	{ "user pointer to a device",		false, false, true  },
	{ "supervisor pointer",			true,  false, false },
	{ "supervisor pointer to a device",	true,  false, true  },
};

static void pointers_try(const struct state *state)
{
	u64 memory = (uintptr_t)pages_alloc_zeroed(1);
	u64 halves[] = { SPACE_FREE, 0xffff900000000000 };

	for_each(p, pointers) for_each(t, tags)
		SUBTEST("%s, %s, %s", state->text, p->text, t->text) {
			u64 at = halves[p->upper];

			if (p->device && !device_present(DEVICE_TESTDEV_MEMORY, NULL)) {
				skip("no memory of a device");
				break;
			}
			page_map((void *)at, p->device ? DEVICE_PAGE : memory,
				 PTE_P | PTE_W | (p->upper ? 0 : PTE_U));
			accesses(tagged(at, t->tag), p->user,
				 passes(t->tag, p->upper ? state->supervisor :
					state->user));
		}
}

TEST(pointers, "tags pass in data accesses where LAM is on for that half",
     REQUIRES(CPU_LAM))
{
	WITH_SPLIT_SPACE()
		for_each(state, states)
			WITH_CR4(state->cr4, 0) {
				u64 cr3 = read_cr3();

				write_cr3(cr3 | state->cr3);
				pointers_try(state);
				write_cr3(cr3);
			}
}

TEST(fetch, "addresses of code are never masked", REQUIRES(CPU_LAM))
{
	u8 *page = pages_alloc_zeroed(1);
	u64 cr3;

	touch_target(page);
	WITH_SPLIT_SPACE() {
		cr3 = read_cr3();
		page_map((void *)SPACE_FREE, (uintptr_t)page, PTE_P | PTE_U);
		write_cr3(cr3 | CR3_LAM_U57);
		EXPECT_FAULT(FAULT_NONE, touch_at(TOUCH_FETCH, SPACE_FREE));
		EXPECT_FAULT(FAULT_GP(0),
			     touch_at(TOUCH_FETCH, tagged(SPACE_FREE, TAG_57)));
		write_cr3(cr3);
	}
}

TEST(fault_address, "a page fault's address has no tag", REQUIRES(CPU_LAM))
{
	u64 cr3;

	WITH_SPLIT_SPACE() {
		cr3 = read_cr3();
		write_cr3(cr3 | CR3_LAM_U57);
		EXPECT_FAULT(FAULT_PF_AT(SPACE_FREE, 0),
			     touch_at(TOUCH_READ, tagged(SPACE_FREE, TAG_57)));
		write_cr3(cr3);
	}
}

/* 4-level paging under LAM_U57: bits 56:47 are still looked at. */
TEST(still_canonical, "bits that are not masked must be canonical", REQUIRES(CPU_LAM))
{
	static const u64 bad[] = { BIT(47), BIT(48), BIT(56) };
	u64 cr3;

	WITH_SPLIT_SPACE() {
		cr3 = read_cr3();
		write_cr3(cr3 | CR3_LAM_U57);
		for_each(bit, bad)
			EXPECT_FAULT(FAULT_GP(0),
				     touch_at(TOUCH_READ, tagged(SPACE_FREE, *bit)));
		write_cr3(cr3 | CR3_LAM_U48);
		EXPECT_FAULT(FAULT_GP(0),
			     touch_at(TOUCH_READ, tagged(SPACE_FREE, BIT(47))));
		write_cr3(cr3);
	}
}

TEST(invalidations, "INVLPG takes any pointer; INVPCID masks its operand, not the address",
     REQUIRES(CPU_LAM))
{
	static u64 descriptor[2];
	u64 cr3 = read_cr3(), operand = tagged((uintptr_t)descriptor, TAG_57);

	for (unsigned int on = 0; on < 2; on++) SUBTEST("LAM_U57 %u", on) {
		write_cr3(cr3 | (on ? CR3_LAM_U57 : 0));
		EXPECT_FAULT(FAULT_NONE, TRY("invlpg (%0)", "r"(operand)));
		if (cpu_has(CPU_INVPCID)) {
			descriptor[1] = 0;
			EXPECT_FAULT(on ? FAULT_NONE : FAULT_GP(0),
				     TRY("invpcid (%0), %1", "r"(operand), "r"(0ul)));
			descriptor[1] = operand;
			EXPECT_FAULT(FAULT_GP(0), TRY("invpcid %0, %1",
						      "m"(descriptor), "r"(0ul)));
		}
		write_cr3(cr3);
	}
}
