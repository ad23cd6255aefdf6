/* SPDX-License-Identifier: BSD-2-Clause */
/* MOVE PAGE (SA22-7832, chapter 10). */
#include <asm/page.h>
#include <insn.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>
#include <test.h>

#define CONDITION_CODE	0x100	/* CCO: translation exceptions become one */

static u8 source[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u8 target[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static struct fault mvpg(u64 control, const void *to, const void *from, u32 *cc)
{
	register u64 r0 asm("0") = control;
	u32 ipm = ~0u;
	struct fault fault = TRY_OUT("mvpg %1, %2\n\tipm %0", OUT("=&d"(ipm)), "a"(to),
				     "a"(from), "d"(r0));

	*cc = ipm >> 28;
	return fault;
}

static void fill(u8 seed)
{
	for (unsigned int i = 0; i < PAGE_SIZE; i++) {
		source[i] = seed + i + i / 256;
		target[i] = ~source[i];
	}
}

/* Was it moved, or left alone? */
static bool moved(const u8 *to)
{
	return !memcmp(to, source, PAGE_SIZE);
}

static bool untouched(void)
{
	for (unsigned int i = 0; i < PAGE_SIZE; i++)
		if ((target[i] ^ source[i]) != 0xff)
			return false;
	return true;
}

TEST(moves, "a page is moved whole, whatever the addresses' lower bits are")
{
	u32 cc;

	fill(1);
	EXPECT_FAULT(FAULT_NONE, mvpg(0, target, source, &cc));
	EXPECT_EQ(cc, 0);
	EXPECT(moved(target));
	fill(2);
	EXPECT_FAULT(FAULT_NONE, mvpg(0, target + 77, source + 4095, &cc));
	EXPECT(moved(target));
	fill(3);
	WITH_REAL()
		EXPECT_FAULT(FAULT_NONE, mvpg(0, target, source, &cc));
	EXPECT(moved(target));
}

static void move_there(void *arg)
{
	u32 *cc = arg;

	mvpg(0, target, source, cc);
}

TEST(problem, "the problem state may move pages")
{
	static u32 cc;

	fill(4);
	cc = ~0u;
	user_call(move_there, &cc);
	EXPECT_EQ(cc, 0);
	EXPECT(moved(target));
}

/* Bits 48 to 51 of R0 must be zero, and so must both kinds of keys not be wanted. */
TEST(control, "key-function controls")
{
	u32 cc;

	fill(5);
	for (u64 kfc = 3; kfc < 32; kfc++) {
		if (kfc == 4 || kfc == 5)
			continue;
		SUBTEST("%llu", (unsigned long long)kfc) {
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
				     mvpg(kfc << 11, target, source, &cc));
			EXPECT(untouched());
		}
	}
}

struct try_there {
	u64 control;
	struct fault fault;
};

static void try_there(void *arg)
{
	struct try_there *t = arg;
	u32 cc;

	t->fault = mvpg(t->control, target, source, &cc);
}

TEST(set_key, "moving and setting the key is privileged", REQUIRES(CPU_MOVE_PAGE_SET_KEY))
{
	static struct try_there t;

	fill(11);
	for (t.control = 4 << 11; t.control <= 5 << 11; t.control += 1 << 11)
		SUBTEST("%llu", (unsigned long long)t.control >> 11) {
			t.fault = FAULT_NONE;
			user_call(try_there, &t);
			EXPECT_FAULT(FAULT_PRIVILEGED, t.fault);
			EXPECT(untouched());
		}
}

TEST(set_key_absent, "without its facility, that is not there",
     LACKS(CPU_MOVE_PAGE_SET_KEY))
{
	u32 cc;

	fill(12);
	for (u64 control = 4 << 11; control <= 5 << 11; control += 1 << 11)
		SUBTEST("%llu", (unsigned long long)control >> 11) {
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
				     mvpg(control, target, source, &cc));
			EXPECT(untouched());
		}
}

TEST(addressing, "operands where no memory is")
{
	void *absent = (void *)(-2ul << PAGE_SHIFT);
	u32 cc;

	fill(6);
	SUBTEST("source")
		WITH_REAL()
			EXPECT_FAULT(FAULT(PGM_ADDRESSING), mvpg(0, target, absent, &cc));
	SUBTEST("destination")
		WITH_REAL()
			EXPECT_FAULT(FAULT(PGM_ADDRESSING), mvpg(0, absent, source, &cc));
	EXPECT(untouched());
}

TEST(many, "pages that were never touched, and then again")
{
	u8 *pages = (u8 *)PAGES_SPARE;
	u32 cc;

	fill(7);
	for (unsigned int i = 0; i < 8; i++)
		page_map(pages + i * PAGE_SIZE, (uintptr_t)pages_alloc(1), PAGE_DATA);
	for (unsigned int warm = 0; warm < 2; warm++)
		for (unsigned int i = 0; i < 8; i++)
			SUBTEST("%s page %u", warm ? "warm" : "cold", i) {
				u8 *at = pages + i * PAGE_SIZE;

				memset((void *)page_physical(at), warm, PAGE_SIZE);
				EXPECT_FAULT(FAULT_NONE, mvpg(0, at, source, &cc));
				EXPECT_EQ(cc, 0);
				EXPECT(moved((u8 *)page_physical(at)));
			}
}

TEST(dat, "pages that are protected or not there")
{
	u32 cc;

	fill(8);
	SUBTEST("source protected")
		WITH_PTE(source, PTE_PROTECT, 0) {
			EXPECT_FAULT(FAULT_NONE, mvpg(0, target, source, &cc));
			EXPECT(moved(target));
		}
	fill(9);
	SUBTEST("destination protected")
		WITH_PTE(target, PTE_PROTECT, 0) {
			EXPECT_FAULT(FAULT_AT(PGM_PROTECTION, target, 0),
				     mvpg(0, target, source, &cc));
			EXPECT(untouched());
		}
	SUBTEST("source invalid")
		WITH_PTE(source, PTE_INVALID, 0)
			EXPECT_FAULT(FAULT_AT(PGM_PAGE, source, 0),
				     mvpg(0, target, source, &cc));
	SUBTEST("destination invalid")
		WITH_PTE(target, PTE_INVALID, 0)
			EXPECT_FAULT(FAULT_AT(PGM_PAGE, target, 0),
				     mvpg(0, target, source, &cc));
	EXPECT(untouched());
}

TEST(cco, "with the condition-code option, an invalid page is a condition code")
{
	u32 cc;

	fill(10);
	SUBTEST("destination invalid: 1")
		WITH_PTE(target, PTE_INVALID, 0) {
			EXPECT_FAULT(FAULT_NONE,
				     mvpg(CONDITION_CODE, target, source, &cc));
			EXPECT_EQ(cc, 1);
		}
	SUBTEST("source invalid: 2")
		WITH_PTE(source, PTE_INVALID, 0) {
			EXPECT_FAULT(FAULT_NONE,
				     mvpg(CONDITION_CODE, target, source, &cc));
			EXPECT_EQ(cc, 2);
		}
	SUBTEST("both invalid: 2")
		WITH_PTE(source, PTE_INVALID, 0)
			WITH_PTE(target, PTE_INVALID, 0) {
				EXPECT_FAULT(FAULT_NONE,
					     mvpg(CONDITION_CODE, target, source, &cc));
				EXPECT_EQ(cc, 2);
			}
	SUBTEST("destination protected")
		WITH_PTE(target, PTE_PROTECT, 0)
			EXPECT_FAULT(FAULT_AT(PGM_PROTECTION, target, 0),
				     mvpg(CONDITION_CODE, target, source, &cc));
	EXPECT(untouched());
}
