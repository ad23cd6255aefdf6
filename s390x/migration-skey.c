/* SPDX-License-Identifier: BSD-2-Clause */
/* Storage keys move with the machine (SA22-7832, chapter 3, "Storage Key"). */
#include <asm/page.h>
#include <memory.h>
#include <migrate.h>
#include <test.h>

#define PAGES		128
#define KEY_REFERENCE	0x04	/* whoever moves a page may set it */

TEST(sequential, "each of 128 pages has its key in another VMM", MIGRATES,
     LACKS(CPU_NO_KEYS))
{
	u8 *pages = pages_alloc(PAGES);

	/* All keys that there are: seven bits. */
	for (unsigned int i = 0; i < PAGES; i++) {
		pages[i * PAGE_SIZE] = i;
		asm volatile(".insn rrf, 0xb22b0000, %0, %1, 0, 0"
			     : : "d"((u64)i << 1), "a"(pages + i * PAGE_SIZE));
	}
	migrate_once();
	for (unsigned int i = 0; i < PAGES; i++) {
		u64 key = 0;

		asm volatile("iske %0, %1" : "+d"(key) : "a"(pages + i * PAGE_SIZE));
		EXPECT_EQ(key & ~(u64)KEY_REFERENCE, i << 1 & ~KEY_REFERENCE);
	}
	for (unsigned int i = 0; i < PAGES; i++)
		asm volatile(".insn rrf, 0xb22b0000, %0, %1, 0, 0"
			     : : "d"(0), "a"(pages + i * PAGE_SIZE));
}
