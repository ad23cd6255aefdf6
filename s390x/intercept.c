/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that hypervisors intercept: SA22-7832, chapter 10: STORE PREFIX, SET
 * PREFIX, STORE CPU ADDRESS, STORE CPU ID, TEST BLOCK; and DIAG 318.
 */
#include <asm/page.h>
#include <boot.h>
#include <insn.h>
#include <prefix.h>
#include <sclp.h>
#include <scope.h>
#include <test.h>

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

/* One that stores or loads its operand at an address. */
#define OPERAND_INSN(name)						\
	static struct fault name(u64 at)				\
	{								\
		return TRY(#name " 0(%0)", "a"(at));			\
	}								\
	INSN(name##_user, #name " 0(%0)", "a"(page))

OPERAND_INSN(stpx);
OPERAND_INSN(spx);
OPERAND_INSN(stap);
OPERAND_INSN(stidp);

static void operand_check(struct fault (*run)(u64 at), const struct insn *user,
			  bool stores)
{
	if (stores)
		SUBTEST("low-address protection")
			WITH_CR0(CR0_LOW_PROTECTION, 0)
				EXPECT_FAULT(FAULT(PGM_PROTECTION), run(8));
	SUBTEST("misaligned")
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), run((uintptr_t)page + 1));
	SUBTEST("no memory there")
		WITH_REAL()
			EXPECT_FAULT(FAULT(PGM_ADDRESSING), run(-8ul));
	SUBTEST("page that is not mapped") {
		page_map((void *)PAGES_SPARE, 0, PAGE_NONE);
		EXPECT_FAULT(FAULT_MISSING(PAGES_SPARE, stores), run(PAGES_SPARE));
	}
	SUBTEST("problem state")
		EXPECT_FAULT(FAULT_PRIVILEGED, exec_insn(user, (struct how){ .user = true }));
}

TEST(stpx, "STORE PREFIX")
{
	*(u32 *)page = ~0u;
	EXPECT_FAULT(FAULT_NONE, stpx((uintptr_t)page));
	EXPECT_EQ(*(u32 *)page, 0);
	operand_check(stpx, &stpx_user, true);
}

TEST(spx, "SET PREFIX: real addresses 0 to 8191 are the prefix area")
{
	struct lowcore *area = prefix_area();
	u32 list;

	area->stfl = lowcore.stfl = 0;
	SUBTEST("what is stored at real addresses") {
		prefix_write((uintptr_t)area);
		asm volatile("stfl 0" : : : "memory");
		EXPECT_EQ(prefix_read(), (uintptr_t)area);
		list = lowcore.stfl;
		prefix_write(0);
		EXPECT(list);
		EXPECT_EQ(area->stfl, list);
		EXPECT_EQ(lowcore.stfl, 0);
	}
	SUBTEST("bits that are ignored") {
		prefix_write((uintptr_t)area | 0x80001fff);
		list = prefix_read();
		prefix_write(0);
		EXPECT_EQ(list, (uintptr_t)area);
	}
	operand_check(spx, &spx_user, false);
	SUBTEST("an area beyond memory") {
		u64 end = boot_memory_size();

		if (end >= 0x80000000)
			return skip("all of 2 GiB is memory");
		*(u32 *)page = end;
		EXPECT_FAULT(FAULT(PGM_ADDRESSING), spx((uintptr_t)page));
		EXPECT_EQ(prefix_read(), 0);
	}
}

TEST(stap, "STORE CPU ADDRESS")
{
	bool listed = false;

	EXPECT_FAULT(FAULT_NONE, stap((uintptr_t)page));
	for (unsigned int i = 0; i < sclp_cpu_count(); i++)
		listed |= *(u16 *)page == sclp_cpu_address(i);
	EXPECT(listed);
	operand_check(stap, &stap_user, true);
}

TEST(stidp, "STORE CPU ID")
{
	u64 id;

	EXPECT_FAULT(FAULT_NONE, stidp((uintptr_t)page));
	id = *(u64 *)page;
	EXPECT(id >> 56 == 0 || id >> 56 == 0xff);
	EXPECT(id >> 16 & 0xffff);		/* the machine type */
	EXPECT_EQ(id & 0x7fff, 0);
	operand_check(stidp, &stidp_user, true);
}

static struct fault testblock(u64 at, u32 *cc)
{
	register u64 r0 asm("0") = 0;
	u32 ipm = ~0u;
	struct fault fault = TRY_OUT("tb 4, %1\n\tipm %0", OUT("=d"(ipm)), "d"(at), "d"(r0));

	*cc = ipm >> 28;
	return fault;
}

INSN(testblock_user, "tb 4, %0", "a"(page));

TEST(testblock, "TEST BLOCK clears a block that is usable")
{
	u32 cc, zeros = 0;

	memset(page, 0xaa, sizeof(page));
	EXPECT_FAULT(FAULT_NONE, testblock((uintptr_t)page + 42, &cc));
	EXPECT_EQ(cc, 0);
	for (unsigned int i = 0; i < sizeof(page); i++)
		zeros += !page[i];
	EXPECT_EQ(zeros, sizeof(page));
	SUBTEST("low-address protection")
		WITH_CR0(CR0_LOW_PROTECTION, 0)
			EXPECT_FAULT(FAULT(PGM_PROTECTION), testblock(4096, &cc));
	SUBTEST("no memory there")
		EXPECT_FAULT(FAULT(PGM_ADDRESSING), testblock(-4096ul, &cc));
	SUBTEST("problem state")
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(testblock_user, .user = true));
}

INSN(diag318_user, "diag 2, 4, 0x318");

TEST(diag318_problem, "DIAG 318 is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(diag318_user, .user = true));
}

TEST(diag318, "DIAG 318 is there if SCLP says so")
{
	register u64 codes asm("2") = 0x42;
	bool there = device_present(DEVICE_DIAG318, NULL);
	struct fault fault = TRY("diag 2, 4, 0x318", "d"(codes));

	EXPECT_FAULT(there ? FAULT_NONE : FAULT(PGM_SPECIFICATION), fault);
}
