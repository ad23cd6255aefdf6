/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * AVX's registers of 256 bits: all of each is moved, by the CPU and by the emulator
 * (SDM 2, VMOVDQA, VMOVNTDQ, VMOVNTDQA; SDM 1, "Detection of AVX").
 */
#include <insn.h>
#include <scope.h>
#include <xcr.h>

#define AVX	(XCR0_X87 | XCR0_SSE | XCR0_AVX)

static struct ymm {
	u64 word[4];
} __attribute__((aligned(32))) from, to;

#define REGISTERS_32(X)							\
	X(0) X(1) X(2) X(3) X(4) X(5) X(6) X(7)
#if IS_64BIT
#define REGISTERS(X)							\
	REGISTERS_32(X) X(8) X(9) X(10) X(11) X(12) X(13) X(14) X(15)
#else
#define REGISTERS(X)	REGISTERS_32(X)
#endif

#define MOVES(n)							\
	INSN(vmovdqa_load_##n, "vmovdqa %0, %%ymm" #n, "m"(from));	\
	INSN(vmovdqa_store_##n, "vmovdqa %%ymm" #n ", %0", "m"(to));	\
	INSN(vmovntdqa_load_##n, "vmovntdqa %0, %%ymm" #n, "m"(from));	\
	INSN(vmovntdq_store_##n, "vmovntdq %%ymm" #n ", %0", "m"(to));
REGISTERS(MOVES)

struct moves {
	const char *name;
	const struct insn *load, *store;
};

#define PLAIN(n)	{ "ymm" #n, &vmovdqa_load_##n, &vmovdqa_store_##n },
#define STREAMING(n)	{ "ymm" #n, &vmovntdqa_load_##n, &vmovntdq_store_##n },
static const struct moves plain[] = { REGISTERS(PLAIN) };
static const struct moves streaming[] = { REGISTERS(STREAMING) };
#define COUNT	ARRAY_SIZE(plain)

static struct ymm value_of(unsigned int n)
{
	struct ymm value;

	for (unsigned int i = 0; i < 4; i++)
		value.word[i] = 0x0123456789abcdef * (4 * n + i + 1);
	return value;
}

/* All are loaded before any is stored: no two are one. */
static void check_moves(const struct moves *moves, struct how load, struct how store)
{
	WITH_CR4(CR4_OSXSAVE | CR4_OSFXSR, 0) WITH_XCR0(AVX) {
		for (unsigned int n = 0; n < COUNT; n++) SUBTEST("load %s", moves[n].name) {
			from = value_of(n);
			EXPECT_FAULT(FAULT_NONE, exec_insn(moves[n].load, load));
		}
		for (unsigned int n = 0; n < COUNT; n++) SUBTEST("store %s", moves[n].name) {
			struct ymm want = value_of(n);

			memset(&to, 0, sizeof(to));
			EXPECT_FAULT(FAULT_NONE, exec_insn(moves[n].store, store));
			EXPECT(!memcmp(&to, &want, sizeof(to)));
		}
	}
}

static const struct how native = { .cpl = 0 }, user = { .cpl = 3 };
static const struct how forced = { .forced = true };

TEST(avx, "VMOVDQA loads and stores whole registers", REQUIRES(CPU_AVX))
{
	check_moves(plain, user, user);
}

TEST(avx_kernel, "VMOVDQA at CPL 0 loads and stores whole registers", REQUIRES(CPU_AVX))
{
	check_moves(plain, native, native);
}

TEST(avx_streaming, "VMOVNTDQA and VMOVNTDQ load and store whole registers",
     REQUIRES(CPU_AVX, CPU_AVX2))
{
	check_moves(streaming, user, user);
}

TEST(avx_forced, "the emulator's VMOVDQA loads and stores whole registers",
     REQUIRES(CPU_AVX), DEVICE(DEVICE_FEP))
{
	check_moves(plain, forced, forced);
}

TEST(avx_forced_load, "registers that the emulator loads, the CPU stores",
     REQUIRES(CPU_AVX), DEVICE(DEVICE_FEP))
{
	check_moves(plain, forced, native);
}

TEST(avx_forced_store, "registers that the CPU loads, the emulator stores",
     REQUIRES(CPU_AVX), DEVICE(DEVICE_FEP))
{
	check_moves(plain, native, forced);
}

TEST(avx_forced_streaming, "the emulator's VMOVNTDQA and VMOVNTDQ load and store whole registers",
     REQUIRES(CPU_AVX, CPU_AVX2), DEVICE(DEVICE_FEP))
{
	check_moves(streaming, forced, forced);
}

TEST(avx_closed, "CR4.OSXSAVE or XCR0's AVX clear: #UD; CR0.TS set: #NM",
     REQUIRES(CPU_AVX))
{
	const struct insn *load = plain[0].load;

	WITH_CR4(CR4_OSXSAVE | CR4_OSFXSR, 0) {
		WITH_XCR0(AVX) {
			EXPECT_FAULT(FAULT_NONE, exec_insn(load, user));
			WITH_CR4(0, CR4_OSXSAVE)
				EXPECT_FAULT(FAULT_UD, exec_insn(load, user));
			WITH_CR0(CR0_TS, 0)
				EXPECT_FAULT(FAULT_NM, exec_insn(load, user));
		}
		WITH_XCR0(XCR0_X87 | XCR0_SSE)
			EXPECT_FAULT(FAULT_UD, exec_insn(load, user));
	}
}

INSN(misaligned, "vmovdqa %0, %%ymm1", "m"(from.word[2]));
INSN(vex_128, "vmovdqa %0, %%xmm3", "m"(from));
INSN(legacy_128, "movdqa %0, %%xmm4", "m"(from));

TEST(avx_alignment, "VMOVDQA of 32 bytes wants 32: #GP(0)", REQUIRES(CPU_AVX))
{
	WITH_CR4(CR4_OSXSAVE | CR4_OSFXSR, 0) WITH_XCR0(AVX)
		EXPECT_FAULT(FAULT_GP(0), exec_insn(&misaligned, user));
}

static void check_upper(const struct insn *insn, unsigned int n, bool kept)
{
	struct ymm want = value_of(n), low = value_of(20);

	WITH_CR4(CR4_OSXSAVE | CR4_OSFXSR, 0) WITH_XCR0(AVX) {
		from = want;
		EXPECT_FAULT(FAULT_NONE, exec_insn(plain[n].load, user));
		from = low;
		EXPECT_FAULT(FAULT_NONE, exec_insn(insn, user));
		EXPECT_FAULT(FAULT_NONE, exec_insn(plain[n].store, user));
		memcpy(&want, &low, 16);
		if (!kept)
			memset(&want.word[2], 0, 16);
		EXPECT(!memcmp(&to, &want, sizeof(to)));
	}
}

TEST(avx_upper, "a move of 128 bits by VEX clears the upper half, one without keeps it",
     REQUIRES(CPU_AVX))
{
	SUBTEST("vmovdqa")
		check_upper(&vex_128, 3, false);
	SUBTEST("movdqa")
		check_upper(&legacy_128, 4, true);
}
