/* SPDX-License-Identifier: BSD-2-Clause */
/* PERFORM FRAME MANAGEMENT FUNCTION (SA22-7832, chapter 10). */
#include <asm/page.h>
#include <insn.h>
#include <key.h>
#include <memory.h>
#include <scope.h>
#include <test.h>

#define SET_KEY		0x20000
#define CLEAR		0x10000
#define SIZE_4K		0x0000
#define SIZE_1M		0x1000
#define RESERVED	0x40000
#define KEY		0x30
#define MIB		0x100000ul

static struct fault pfmf(u64 control, u64 *address)
{
	return TRY_OUT(".insn rre, 0xb9af0000, %1, %0", OUT("+a"(*address)), "d"(control));
}

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

INSN(pfmf_user, ".insn rre, 0xb9af0000, %0, %1", "d"(0), "a"(page));

TEST(refused, "it is privileged, and bits that mean nothing are zeros", REQUIRES(CPU_EDAT1))
{
	u64 at = (uintptr_t)page;

	SUBTEST("problem state")
		EXPECT_FAULT(FAULT_PRIVILEGED, exec(pfmf_user, .user = true));
	SUBTEST("reserved bit")
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), pfmf(RESERVED, &at));
	SUBTEST("reserved size")
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), pfmf(0x3000, &at));
}

TEST(low_addresses, "clearing is a store, from which low addresses are protected",
     REQUIRES(CPU_EDAT1))
{
	for (u64 address = 0; address < 2 * PAGE_SIZE; address += PAGE_SIZE)
		SUBTEST("%#llx", (unsigned long long)address)
			WITH_CR0(CR0_LOW_PROTECTION, 0) {
				u64 at = address;

				EXPECT_FAULT(FAULT(PGM_PROTECTION), pfmf(CLEAR | SIZE_4K, &at));
			}
}

static bool is_clear(const u8 *from, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (from[i])
			return false;
	return true;
}

static void keys_check(u64 size_code, u8 *frame, size_t size)
{
	u64 at = (uintptr_t)frame;

	EXPECT_FAULT(FAULT_NONE, pfmf(SET_KEY | size_code | KEY, &at));
	for (size_t i = 0; i < size; i += PAGE_SIZE) {
		if ((key_get(frame + i) & KEY_ACCESS) != KEY)
			EXPECT_EQ(key_get(frame + i) & KEY_ACCESS, KEY);
		key_set(0, frame + i);
	}
	/* Larger frames are done page by page, and the register follows. */
	EXPECT_EQ(at, (uintptr_t)frame + (size_code ? size : 0));
}

static void clear_check(u64 size_code, u8 *frame, size_t size)
{
	u64 at = (uintptr_t)frame;

	memset(frame, 0x5a, size);
	EXPECT_FAULT(FAULT_NONE, pfmf(CLEAR | size_code, &at));
	EXPECT(is_clear(frame, size));
}

TEST(keys, "a key is set for all pages of a frame", REQUIRES(CPU_EDAT1), LACKS(CPU_NO_KEYS))
{
	SUBTEST("4 KiB")
		keys_check(SIZE_4K, page, PAGE_SIZE);
	SUBTEST("1 MiB")
		keys_check(SIZE_1M, pages_alloc_aligned(MIB / PAGE_SIZE, MIB), MIB);
}

TEST(clears, "all bytes of a frame are cleared", REQUIRES(CPU_EDAT1))
{
	SUBTEST("4 KiB")
		clear_check(SIZE_4K, page, PAGE_SIZE);
	SUBTEST("1 MiB")
		clear_check(SIZE_1M, pages_alloc_aligned(MIB / PAGE_SIZE, MIB), MIB);
}
