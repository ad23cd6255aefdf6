/* SPDX-License-Identifier: BSD-2-Clause */
/* DIAG 10: a guest gives pages back to its hypervisor (z/VM: CP Programming Services). */
#include <asm/page.h>
#include <insn.h>
#include <memory.h>
#include <test.h>

static struct fault release(u64 first, u64 last)
{
	return TRY("diag %0, %1, 0x10", "d"(first), "d"(last));
}

TEST(range, "pages of memory are released, and read as zeros")
{
	u8 *pages = pages_alloc(4);
	u64 first = (uintptr_t)pages;

	memset(pages, 0x5a, 4 * PAGE_SIZE);
	EXPECT_FAULT(FAULT_NONE, release(first + PAGE_SIZE, first + 2 * PAGE_SIZE));
	for (unsigned int i = 0; i < 4; i++)
		/* The last one is a part of the range. */
		EXPECT(pages[i * PAGE_SIZE + 77] == 0x5a ||
		       (i && i < 3 && pages[i * PAGE_SIZE + 77] == 0));
	EXPECT_EQ(pages[0], 0x5a);
	EXPECT_EQ(pages[3 * PAGE_SIZE], 0x5a);
	pages[PAGE_SIZE] = 1;
	EXPECT_EQ(pages[PAGE_SIZE], 1);
}

TEST(refused, "the prefix area, and what is no range of pages")
{
	static const struct {
		const char *what;
		u64 first, last;
	} ranges[] = {
		{ "prefix area's first page", 0, 0 },
		{ "prefix area's second page", 0x1000, 0x1000 },
		{ "prefix area", 0, 0x1000 },
		{ "end in front of the beginning", 0x20000, 0x10000 },
		{ "misaligned beginning", 0x10001, 0x20000 },
		{ "misaligned end", 0x10000, 0x20001 },
	};

	for_each(r, ranges)
		SUBTEST("%s", r->what)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION), release(r->first, r->last));
}

INSN(release_user, "diag 2, 4, 0x10");

TEST(problem, "it is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(release_user, .user = true));
}
