/* SPDX-License-Identifier: BSD-2-Clause */
/* STORE SYSTEM INFORMATION (SA22-7832, chapter 10). */
#include <asm/page.h>
#include <console.h>
#include <insn.h>
#include <sclp.h>
#include <stsi.h>
#include <test.h>

static u8 block[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));

static struct fault store(u64 function, u64 selector, const void *at)
{
	register u64 r0 asm("0") = function;
	register u64 r1 asm("1") = selector;

	return TRY_OUT("stsi 0(%2)", OUT("+d"(r0)), "d"(r1), "a"(at));
}

#define FUNCTION_111	0x10000001
#define FUNCTION_322	0x30000002

TEST(reserved, "bits 36 to 55 of R0 and 32 to 47 of R1 are zeros")
{
	for (unsigned int bit = 36; bit <= 55; bit++)
		SUBTEST("R0 bit %u", bit)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
				     store(FUNCTION_111 | BIT(63 - bit), 1, block));
	for (unsigned int bit = 32; bit <= 47; bit++)
		SUBTEST("R1 bit %u", bit)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION),
				     store(FUNCTION_111, 1 | BIT(63 - bit), block));
}

TEST(ignored, "bits 0 to 31 of both are ignored")
{
	for (unsigned int bit = 0; bit < 32; bit++) {
		EXPECT_FAULT(FAULT_NONE, store(FUNCTION_111 | BIT(63 - bit), 1, block));
		EXPECT_FAULT(FAULT_NONE, store(FUNCTION_111, 1 | BIT(63 - bit), block));
	}
}

TEST(operand, "the block is a page")
{
	for (unsigned int offset = 1; offset < PAGE_SIZE; offset <<= 1)
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), store(FUNCTION_111, 1, block + offset));
}

INSN(stsi_user, "stsi 0(%0)", "a"(block));

TEST(problem, "it is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(stsi_user, .user = true));
}

TEST(absent, "condition code 3 for what there is not")
{
	SUBTEST("function code 7")
		EXPECT_EQ(stsi(block, 7, 0, 0), 3);
	SUBTEST("first selector")
		EXPECT_EQ(stsi(block, 1, 0, 1), 3);
	SUBTEST("second selector")
		EXPECT_EQ(stsi(block, 1, 1, 0xff), 3);
	SUBTEST("a level above this one")
		if (stsi_level() < 3)
			EXPECT_EQ(stsi(block, 3, 2, 2), 3);
		else
			EXPECT_EQ(stsi(block, 3, 2, 3), 3);
}

TEST(machine, "1.1.1: manufacturer, in EBCDIC")
{
	EXPECT_EQ(stsi(block, 1, 1, 1), 0);
	for (unsigned int i = 0; i < 16; i++)
		EXPECT(from_ebcdic(block[STSI_111_MANUFACTURER + i]) != '.');
}

static u32 count_at(unsigned int offset)
{
	const u8 *at = block + STSI_322_FIRST + offset;

	return at[0] << 8 | at[1];
}

/* As the case's machine is: -name kvm-unit-test --uuid … -smp 1,maxcpus=8 */
static const u8 uuid[16] = {
	0x0f, 0xb8, 0x4a, 0x86, 0x72, 0x7c, 0x11, 0xea,
	0xbc, 0x55, 0x02, 0x42, 0xac, 0x13, 0x00, 0x03,
};

static bool is_ours(void)
{
	return stsi_level() == 3 && !stsi(block, 3, 2, 2) &&
		!memcmp(block + STSI_322_FIRST + STSI_322_UUID, uuid, sizeof(uuid));
}

TEST(guest, "3.2.2: the virtual machine by its CPUs")
{
	if (stsi_level() < 3)
		return skip("no virtual machine");
	REQUIRE_EQ(stsi(block, 3, 2, 2), 0);
	EXPECT_EQ(block[STSI_322_COUNT] & 0xf, 1);
	EXPECT_EQ(count_at(STSI_322_CPUS), count_at(STSI_322_CONFIGURED) +
		  count_at(STSI_322_STANDBY) + count_at(STSI_322_RESERVED));
	EXPECT_EQ(count_at(STSI_322_CONFIGURED), sclp_cpu_count());
}

TEST(guest_name, "3.2.2: name and UUID as the machine was given them")
{
	static const char name[] = "kvm-unit", extended[] = "kvm-unit-test";

	if (!is_ours())
		return skip("not the machine of case stsi");
	EXPECT_EQ(count_at(STSI_322_CPUS), 8);
	EXPECT_EQ(count_at(STSI_322_CONFIGURED), 1);
	for (unsigned int i = 0; i < 8; i++)
		EXPECT_EQ(from_ebcdic(block[STSI_322_FIRST + STSI_322_NAME + i]), name[i]);
	EXPECT_EQ(block[STSI_322_FIRST + STSI_322_ENCODING], 2);
	EXPECT(!strcmp((char *)block + STSI_322_EXTENDED, extended));
}
