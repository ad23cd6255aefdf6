/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * EXECUTE RELATIVE LONG (SA22-7832, chapter 7): the return address is behind it, and
 * relative operands count from its target.
 */
#include <test.h>

/* Where BASR and BRAS return to, counted from behind the EXRL. */
TEST(link, "BASR and BRAS: the return address is that behind EXRL")
{
	u64 link, behind;

	SUBTEST("BASR") {
		asm volatile("	j 2f\n"
			     "1:	basr %0, 0\n"
			     "2:	exrl 0, 1b\n"
			     "3:	larl %1, 3b\n"
			     : "=&d"(link), "=&d"(behind));
		EXPECT_EQ(link, behind);
	}
	SUBTEST("BRAS") {
		asm volatile("	j 2f\n"
			     "1:	bras %0, 4f\n"
			     "2:	exrl 0, 1b\n"
			     "3:	.word 0\n"	/* the branch goes on behind it */
			     "4:	larl %1, 3b\n"
			     : "=&d"(link), "=&d"(behind));
		EXPECT_EQ(link, behind);
	}
}

TEST(relative, "relative operands count from the target")
{
	u64 got, want;
	u32 cc;

	SUBTEST("LARL") {
		asm volatile("	.pushsection .rodata\n"
			     "	.balign 2\n"
			     "1:	larl %0, 1b\n"
			     "	.popsection\n"
			     "	exrl 0, 1b\n"
			     "	larl %1, 1b\n"
			     : "=&d"(got), "=&d"(want));
		EXPECT_EQ(got, want);
	}
	SUBTEST("LLGFRL") {
		asm volatile("	.pushsection .rodata\n"
			     "	.balign 4\n"
			     "2:	.long 0x12345678\n"
			     "1:	llgfrl %0, 2b\n"
			     "	.popsection\n"
			     "	exrl 0, 1b\n"
			     : "=&d"(got));
		EXPECT_EQ(got, 0x12345678);
	}
	SUBTEST("CRL") {
		asm volatile("	.pushsection .rodata\n"
			     "	.balign 4\n"
			     "2:	.long 0x5a5a\n"
			     "1:	crl %1, 2b\n"
			     "	.popsection\n"
			     "	exrl 0, 1b\n"
			     "	ipm %0\n"
			     : "=d"(cc) : "d"(0x5a5a) : "cc");
		EXPECT_EQ(cc >> 28, 0);
	}
}

TEST(modified, "bits 56 to 63 of the register are ORed to the target's second byte")
{
	register u64 length asm("1") = 4;
	char from[] = "abcdefgh", to[] = "12345678";

	asm volatile("	j 2f\n"
		     "1:	mvc 0(1, %1), 0(%2)\n"
		     "2:	exrl %0, 1b\n"
		     : : "d"(length), "a"(to), "a"(from) : "memory");
	EXPECT(!strcmp(to, "abcde678"));
}

TEST(nested, "an EXRL as target is an execute exception")
{
	EXPECT_FAULT(FAULT(PGM_EXECUTE),
		     TRY("exrl 0, 0f\n\tj 1f\n0:\texrl 0, 0b\n1:"));
}
