/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Instructions that hypervisors have to emulate, or leave alone: illegal words, and
 * strings and multiples of registers, which little-endian CPUs refuse (Power ISA 3.1,
 * Book I, 3.3.6 and 3.3.7).
 */
#include <asm/cpu.h>
#include <test.h>

TEST(is_64bit, "the CPU is in 64-bit state")
{
	EXPECT(msr_read() & MSR_SF);
}

TEST(illegal, "words that never are an instruction are illegal")
{
	EXPECT_FAULT(FAULT_UNDEFINED, TRY(".long 0"));
	/* Primary opcode 0 is no instruction's, whatever follows (Book I, 1.8.2). */
	EXPECT_FAULT(FAULT_UNDEFINED, TRY(".long 0x00000001"));
	EXPECT_FAULT(FAULT_UNDEFINED, TRY(".long 0x02345678"));
}

static u8 bytes[64] __attribute__((aligned(64)));

static void bytes_make(void)
{
	for (u32 i = 0; i < sizeof(bytes); i++)
		bytes[i] = 0x10 + i;
}

#define REGISTERS	8	/* r20 to r27 */
#define EMPTY		0x5a5a5a5a5a5a5a5aull

#define EACH(op)							\
	op " 20, 0(%[r]); " op " 21, 8(%[r]); " op " 22, 16(%[r]); "	\
	op " 23, 24(%[r]); " op " 24, 32(%[r]); " op " 25, 40(%[r]); "	\
	op " 26, 48(%[r]); " op " 27, 56(%[r])\n"

/*
 * Runs an instruction with values in r20 to r27, and leaves there what they have then.
 * It may use %[at], where `bytes` are, and XER's count.
 */
#define WITH_REGISTERS(insn, count, regs) ({				\
	struct fault fault_ = FAULT_NONE;				\
	asm volatile("mtxer %[xer]\n"					\
		     EACH("ld")						\
		     ".Ltry%=:	" insn "\n"				\
		     ".Lend%=:\n"					\
		     "fault_entry .Ltry%=, .Lend%=, %[fault]\n"		\
		     EACH("std")					\
		     : : [at] "b"(bytes), [xer] "r"((u64)(count)),	\
		       [r] "b"(regs), [fault] "b"(&fault_)		\
		     : "r20", "r21", "r22", "r23", "r24", "r25", "r26",	\
		       "r27", "xer", "memory");				\
	fault_;								\
})

static void registers_make(u64 *regs)
{
	for (u32 i = 0; i < REGISTERS; i++)
		regs[i] = EMPTY;
}

/* Words, as not all assemblers know them: from r20 on, at %[at]. */
#define AT_RA	" | 20 << 21 | %[at] << 16"
#define AT_RB	" | 20 << 21 | %[at] << 11"
#define LSWX	".long 0x7c00042a" AT_RB
#define STSWX	".long 0x7c00052a" AT_RB

#if IS_LITTLE

/* X(name, word): assemblers refuse them, too; 12 bytes */
#define REFUSED(X)							\
	X(lswx, LSWX)							\
	X(lswi, ".long 0x7c0064aa" AT_RA)				\
	X(lmw, ".long 0xb8000000" AT_RA)				\
	X(stswx, STSWX)							\
	X(stswi, ".long 0x7c0065aa" AT_RA)				\
	X(stmw, ".long 0xbc000000" AT_RA)

#define CHECK_REFUSED(name, insn)					\
	SUBTEST(#name) {						\
		u64 regs[REGISTERS];					\
									\
		bytes_make();						\
		registers_make(regs);					\
		EXPECT_FAULT(FAULT_ALIGNMENT, WITH_REGISTERS(insn, 12, regs)); \
		for (u32 i = 0; i < REGISTERS; i++)			\
			EXPECT_EQ(regs[i], EMPTY);			\
		for (u32 i = 0; i < sizeof(bytes); i++)			\
			EXPECT_EQ(bytes[i], 0x10 + i);			\
	}

TEST(strings, "strings and multiples are alignment interrupts, and change nothing")
{
	REFUSED(CHECK_REFUSED)
}

#else

/* Four bytes a register, in its lower half, from the left. */
static void string_check(const u64 *regs, u32 count)
{
	for (u32 i = 0; i < REGISTERS; i++) {
		u64 want = i * 4 < count ? 0 : EMPTY;

		for (u32 byte = i * 4; byte < count && byte < i * 4 + 4; byte++)
			want |= (u64)bytes[byte] << (24 - byte % 4 * 8);
		EXPECT_EQ(regs[i], want);
	}
}

#define COUNTS(X)	X(1) X(2) X(3) X(4) X(5) X(8) X(15) X(31)

TEST(lswx, "lswx loads as many bytes as XER says")
{
	u64 regs[REGISTERS];

	bytes_make();
	for (u32 count = 0; count <= 32; count++)
		SUBTEST("%u bytes", count) {
			registers_make(regs);
			EXPECT_FAULT(FAULT_NONE,
				     WITH_REGISTERS(LSWX, count, regs));
			string_check(regs, count);
		}
}

TEST(lswi, "lswi loads as many bytes as it says, 32 for 0")
{
	u64 regs[REGISTERS];

	bytes_make();
#define CHECK_LSWI(n)							\
	SUBTEST(#n " bytes") {						\
		registers_make(regs);					\
		EXPECT_FAULT(FAULT_NONE,				\
			     WITH_REGISTERS("lswi 20, %[at], " #n, 0, regs)); \
		string_check(regs, n);					\
	}
	COUNTS(CHECK_LSWI)
	SUBTEST("32 bytes") {
		registers_make(regs);
		EXPECT_FAULT(FAULT_NONE, WITH_REGISTERS("lswi 20, %[at], 0", 0, regs));
		string_check(regs, 32);
	}
}

TEST(stswx, "stswx stores as many bytes as XER says, and no more")
{
	u64 regs[REGISTERS];

	for (u32 i = 0; i < REGISTERS; i++)
		regs[i] = 0xeeeeeeeea0a1a2a3ull + i * 0x04040404;
	for (u32 count = 0; count <= 32; count++)
		SUBTEST("%u bytes", count) {
			bytes_make();
			EXPECT_FAULT(FAULT_NONE,
				     WITH_REGISTERS(STSWX, count, regs));
			for (u32 i = 0; i < sizeof(bytes); i++)
				EXPECT_EQ(bytes[i], i < count ? 0xa0 + i : 0x10 + i);
		}
}

TEST(multiple, "lmw loads words up to r31, stmw stores them")
{
	u64 regs[2];

	bytes_make();
	/* r31 is the compiler's: it is back before anybody looks. */
	asm volatile("mr 14, 31; mr 15, 30\n"
		     "lmw 30, 0(%0)\n"
		     "std 30, 0(%1); std 31, 8(%1)\n"
		     "stmw 30, 8(%0)\n"
		     "mr 31, 14; mr 30, 15"
		     : : "b"(bytes), "b"(regs) : "r14", "r15", "memory");
	EXPECT_EQ(regs[0], 0x10111213);
	EXPECT_EQ(regs[1], 0x14151617);
	for (u32 i = 0; i < 8; i++)
		EXPECT_EQ(bytes[8 + i], 0x10 + i);
	EXPECT_EQ(bytes[16], 0x20);
}

TEST(string_wraps, "a string goes on in r0 behind r31")
{
	u64 regs[3];

	bytes_make();
	asm volatile("mr 14, 31; mr 15, 30; li 0, -1\n"
		     "lswi 30, %0, 11\n"
		     "std 30, 0(%1); std 31, 8(%1); std 0, 16(%1)\n"
		     "mr 31, 14; mr 30, 15"
		     : : "b"(bytes), "b"(regs) : "r0", "r14", "r15", "memory");
	EXPECT_EQ(regs[0], 0x10111213);
	EXPECT_EQ(regs[1], 0x14151617);
	EXPECT_EQ(regs[2], 0x18191a00);
}

/*
 * RA or RB among what is loaded is an invalid form (3.3.7): it may be illegal, or load
 * into the other registers; it never changes the register that has the address.
 */
TEST(string_base, "a string does not overwrite the register that has its address")
{
	static struct fault fault;
	u64 address;

	bytes_make();
	asm volatile("mtxer %[xer]; mr 22, %[at]\n"
		     ".Ltry%=:	.long 0x7c00042a | 20 << 21 | 22 << 11\n"
		     ".Lend%=:\n"
		     "fault_entry .Ltry%=, .Lend%=, %[fault]\n"
		     "mr %[address], 22"
		     : [address] "=r"(address)
		     : [at] "r"(bytes), [xer] "r"(32ul), [fault] "b"(&fault)
		     : "r20", "r21", "r22", "r23", "r24", "r25", "r26", "r27", "xer",
		       "memory");
	EXPECT_EQ(address, (uintptr_t)bytes);
	/* To a hypervisor either of two interrupts may tell it. */
	if (fault.raised && fault.vector != FAULT_UNDEFINED.vector)
		EXPECT_FAULT(FAULT_PROGRAM(PROGRAM_ILLEGAL), fault);
}

#endif
