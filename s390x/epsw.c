/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EXTRACT PSW (SA22-7832, chapter 7), by itself and where a hypervisor wants to know of
 * it: with a channel report pending.
 */
#include <css.h>
#include <insn.h>
#include <test.h>

#define UPPER	0x1234567800000000ull
#define FULL	0xfedcba9876543210ull

struct halves {
	u64 first, second;
};

static struct halves extract(void)
{
	struct halves h = { UPPER | 0xdeadbeef, FULL };

	asm volatile("epsw %0, %1" : "+d"(h.first), "+a"(h.second));
	return h;
}

/* The condition code is nobody's here. */
static void check_twice(void)
{
	struct halves a = extract(), b = extract();

	EXPECT_EQ(a.first >> 32, UPPER >> 32);
	EXPECT_EQ(a.second >> 32, FULL >> 32);
	EXPECT_EQ(a.first & PSW_DAT >> 32, PSW_DAT >> 32);
	EXPECT_EQ(a.first & (PSW_PROBLEM | PSW_EXT | PSW_IO | PSW_MCK) >> 32, 0);
	EXPECT_EQ(a.first & PSW_EA >> 32, PSW_EA >> 32);
	EXPECT_EQ(a.second & 0xffffffff, PSW_BA);
	EXPECT_EQ(a.first & ~(3ull << (PSW_CC_SHIFT - 32)),
		  b.first & ~(3ull << (PSW_CC_SHIFT - 32)));
	EXPECT_EQ(a.second, b.second);
}

static void check_codes(void)
{
	for (u32 code = 0; code < 4; code++) {
		u64 first = 0;

		/* SPM sets what EPSW is to see. */
		asm volatile("spm %1\n\tepsw %0, 0" : "+&d"(first) : "d"(code << 28) : "cc");
		EXPECT_EQ(first >> (PSW_CC_SHIFT - 32) & 3, code);
	}
}

static void check_one(void)
{
	register u64 r0 asm("0") = FULL;
	u64 first = UPPER;

	asm volatile("epsw %0, 0" : "+&d"(first), "+d"(r0));
	EXPECT_EQ(r0, FULL);
	EXPECT_EQ(first >> 32, UPPER >> 32);
	EXPECT_EQ(first & 0xffffffff & ~(3ull << (PSW_CC_SHIFT - 32)),
		  extract().first & 0xffffffff & ~(3ull << (PSW_CC_SHIFT - 32)));
}

static void check_all(void)
{
	SUBTEST("both halves, and the registers' upper ones are kept")
		check_twice();
	SUBTEST("register 0 as second operand is not stored to")
		check_one();
	SUBTEST("the condition code is that of the moment")
		check_codes();
}

TEST(alone, "EPSW stores the PSW's halves")
{
	check_all();
}

TEST(report_pending, "and does so while a channel report is pending", DEVICE(DEVICE_QEMU))
{
	struct schib schib;
	u32 crw = 0;

	if (!css_find(&schib))
		return skip("no subchannel with a device");
	css_crw_drain();
	REQUIRE(css_crw_provoke(&schib));
	check_all();
	EXPECT_EQ(stcrw(&crw).cc, 0);
	EXPECT_EQ(CRW_SOURCE(crw), CRW_CHANNEL_PATH);
	css_crw_drain();
}

static void extract_there(void *arg)
{
	*(struct halves *)arg = extract();
}

TEST(problem, "the problem state may look, and sees itself")
{
	static struct halves seen;

	user_call(extract_there, &seen);
	EXPECT_EQ(seen.first >> 32, UPPER >> 32);
	EXPECT_EQ(seen.first & PSW_PROBLEM >> 32, PSW_PROBLEM >> 32);
	EXPECT_EQ(seen.second & 0xffffffff, PSW_BA);
}
