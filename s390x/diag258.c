/* SPDX-License-Identifier: BSD-2-Clause */
/* DIAG 258: the page-fault handshake (SC24-6084; Linux, arch/s390/mm/pfault.c). */
#include <asm/page.h>
#include <insn.h>
#include <memory.h>
#include <prefix.h>
#include <scope.h>
#include <sclp.h>
#include <test.h>

#define TOKEN		0
#define CANCEL		1
#define BAD_CODE	0xc0fe

struct handshake {
	u16 diagnose, function, doublewords, version;
	u64 token, select, compare, reserved;
} __attribute__((aligned(8)));

static struct handshake token = { 0x258, TOKEN, 5, 2, 0, 0, 0, 1ull << 63 };
static struct handshake cancel = { 0x258, CANCEL, 5, 2, 0, 0, 0, 0 };
static u64 token_word;

static struct fault diag258(const void *block, u64 *result)
{
	register u64 r2 asm("2") = (uintptr_t)block;
	register u64 r3 asm("3") = ~0ull;
	struct fault fault = TRY_OUT("diag 2, 3, 0x258", OUT("+d"(r3)), "d"(r2));

	*result = r3;
	return fault;
}

/* It can be begun: so it is there. */
static bool is_there(void)
{
	u64 result;
	bool there = !diag258(&token, &result).raised;

	if (there)
		diag258(&cancel, &result);
	else
		skip("no DIAG 258");
	return there;
}

INSN(diag258_user, "diag 2, 3, 0x258");

TEST(problem, "it is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(diag258_user, .user = true));
}

TEST(begun, "the handshake is begun once, and cancelled once")
{
	u64 result;

	token.token = (uintptr_t)&token_word;
	if (!is_there())
		return;
	EXPECT_FAULT(FAULT_NONE, diag258(&token, &result));
	EXPECT_EQ(result, 0);
	EXPECT_FAULT(FAULT_NONE, diag258(&token, &result));
	EXPECT_EQ(result, 8);
	EXPECT_FAULT(FAULT_NONE, diag258(&cancel, &result));
	EXPECT_EQ(result, 0);
	EXPECT_FAULT(FAULT_NONE, diag258(&cancel, &result));
	EXPECT_EQ(result, 4);
}

TEST(refused, "blocks that are none")
{
	struct handshake bad = cancel;
	u64 result;

	if (!is_there())
		return;
	SUBTEST("code") {
		bad.diagnose = BAD_CODE;
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), diag258(&bad, &result));
	}
	SUBTEST("version") {
		bad = cancel;
		bad.version = 1;
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), diag258(&bad, &result));
	}
	SUBTEST("misaligned")
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), diag258((u8 *)&cancel + 4, &result));
}

TEST(addresses, "the block's address is a real one")
{
	u8 *end = (u8 *)sclp_memory();
	struct lowcore *area = prefix_area();
	struct handshake *low = (struct handshake *)area->unused_1900;
	u64 result;

	if (!is_there())
		return;
	SUBTEST("a virtual one only") {
		page_map((void *)PAGES_SPARE, ALIGN_DOWN((uintptr_t)&cancel, PAGE_SIZE), PAGE_DATA);
		EXPECT_FAULT(FAULT(PGM_ADDRESSING),
			     diag258((u8 *)PAGES_SPARE + (uintptr_t)&cancel % PAGE_SIZE, &result));
	}
	SUBTEST("prefixing is applied") {
		struct fault fault;

		*low = cancel;
		prefix_write((uintptr_t)area);
		fault = diag258(lowcore.unused_1900, &result);
		prefix_write(0);
		EXPECT_FAULT(FAULT_NONE, fault);
		EXPECT_EQ(result, 4);
	}
	SUBTEST("beyond memory")
		EXPECT_FAULT(FAULT(PGM_ADDRESSING), diag258(end - 8, &result));
}
