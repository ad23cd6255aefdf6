/* SPDX-License-Identifier: BSD-2-Clause */
/* Hypervisor calls that need nothing but memory and registers (LoPAPR 1.1, 14). */
#include <asm/page.h>
#include <boot.h>
#include <hcall.h>
#include <insn.h>
#include <memory.h>
#include <scope.h>
#include <test.h>

/* The unit of H_PAGE_INIT, whatever this image's pages are. */
#define BLOCK		4096u
#define INIT_ZERO	BIT(63 - 48)
#define INIT_COPY	BIT(63 - 49)

TEST(set_sprg0, "H_SET_SPRG0 sets SPRG0", DEVICE(DEVICE_PAPR))
{
	static const u64 values[] = { 0xcafebabedeadbeefull, 0xaaaaaaaa55555555ull, 0, -1ull };
	u64 old = spr_read(SPR_SPRG0);

	for_each(value, values) {
		EXPECT_EQ(hcall(H_SET_SPRG0, *value), H_SUCCESS);
		EXPECT_EQ(spr_read(SPR_SPRG0), *value);
	}
	EXPECT_EQ(hcall(H_SET_SPRG0, old), H_SUCCESS);
	EXPECT_EQ(spr_read(SPR_SPRG0), old);
}

/* Three blocks: what is to be written lies between two that must stay. */
static u8 *target, *source;

static u8 byte_before(u32 i)
{
	return i * 7 + 1;
}

static u8 byte_of_source(u32 i)
{
	return i * 5 + (i >> 8);
}

static void blocks_make(void)
{
	target = (u8 *)pages_alloc((3 * BLOCK + PAGE_SIZE - 1) / PAGE_SIZE) + BLOCK;
	source = pages_alloc(1);
	for (u32 i = 0; i < 3 * BLOCK; i++)
		target[(long)i - BLOCK] = byte_before(i);
	for (u32 i = 0; i < BLOCK; i++)
		source[i] = byte_of_source(i);
}

enum content { BEFORE, ZERO, SOURCE };

static void blocks_check(enum content want)
{
	u32 wrong = 0, outside = 0, lost = 0;

	for (u32 i = 0; i < BLOCK; i++) {
		wrong += target[i] != (want == BEFORE ? byte_before(BLOCK + i) :
				       want == ZERO ? 0 : byte_of_source(i));
		outside += target[(long)i - BLOCK] != byte_before(i);
		outside += target[BLOCK + i] != byte_before(2 * BLOCK + i);
		lost += source[i] != byte_of_source(i);
	}
	EXPECT_EQ(wrong, 0);
	EXPECT_EQ(outside, 0);
	EXPECT_EQ(lost, 0);
}

static long page_init(u64 flags, u64 to, u64 from)
{
	return hcall(H_PAGE_INIT, flags, to, from);
}

TEST(page_init, "H_PAGE_INIT zeroes and copies one page, and nothing else",
     DEVICE(DEVICE_PAPR))
{
	static const struct {
		const char *name;
		u64 flags;
		enum content want;
	} rows[] = {
		{ "zero", INIT_ZERO, ZERO },
		{ "copy", INIT_COPY, SOURCE },
		/* The source's contents come last (14.5.4.2.4). */
		{ "zero and copy", INIT_ZERO | INIT_COPY, SOURCE },
		{ "neither", 0, BEFORE },
	};

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			blocks_make();
			EXPECT_EQ(page_init(row->flags, (uintptr_t)target, (uintptr_t)source),
				  H_SUCCESS);
			blocks_check(row->want);
		}
}

TEST(page_init_parameters, "H_PAGE_INIT refuses what is no page of this machine's RAM",
     DEVICE(DEVICE_PAPR))
{
	u64 beyond = boot_memory_end();

	blocks_make();
	SUBTEST("destination is not aligned")
		for (u64 off = 1; off < BLOCK; off <<= 1)
			EXPECT_EQ(page_init(INIT_ZERO, (uintptr_t)target + off, 0),
				  H_PARAMETER);
	SUBTEST("source is not aligned")
		for (u64 off = 1; off < BLOCK; off <<= 1)
			EXPECT_EQ(page_init(INIT_COPY, (uintptr_t)target,
					    (uintptr_t)source + off), H_PARAMETER);
	SUBTEST("destination is beyond RAM")
		EXPECT_EQ(page_init(INIT_ZERO, beyond, 0), H_PARAMETER);
	SUBTEST("source is beyond RAM")
		EXPECT_EQ(page_init(INIT_COPY, (uintptr_t)target, beyond), H_PARAMETER);
	SUBTEST("and nothing was written")
		blocks_check(BEFORE);
}

TEST(random, "H_RANDOM has bits that are 0 and 1", DEVICE(DEVICE_PAPR))
{
	u64 ones = 0, zeros = 0, results[4];

	for (unsigned int i = 0; i < 100; i++) {
		long status = hcall_to(results, H_RANDOM);

		if (status == H_FUNCTION)
			return skip("this hypervisor has no H_RANDOM");
		REQUIRE_EQ(status, H_SUCCESS);
		ones |= results[0];
		zeros |= ~results[0];
	}
	/* Each bit is the same 100 times once in 2^93 runs. */
	EXPECT_EQ(ones, -1ull);
	EXPECT_EQ(zeros, -1ull);
}

TEST(unknown, "numbers that are no call's are H_FUNCTION", DEVICE(DEVICE_PAPR))
{
	/* Multiples of 4 are calls; those here are nobody's. */
	static const u64 numbers[] = { 0, 1, 2, 3, 0x25, 0x59, 0x5a, 0x7ffc, 0xeffc, 0x10000,
				       1ull << 32 | H_SET_SPRG0, -4ull };

	for_each(number, numbers)
		EXPECT_EQ(hcall(*number), H_FUNCTION);
}

/* A call that changes something, with values in registers that it must preserve. */
#define KEPT(X)	X(14) X(15) X(16) X(17) X(18) X(19) X(20) X(21) X(22) X(23) X(24) X(25) \
		X(26) X(27)
#define KEPT_LOAD(n)	"ld " #n ", 8 * (" #n " - 14)(8)\n"
#define KEPT_STORE(n)	"std " #n ", 8 * (" #n " - 14)(8)\n"
#define KEPT_CLOBBER(n)	, "r" #n
#define KEPT_COUNT	14

/* CR2, CR3, CR4. */
#define CR_KEPT		0x00fff000u

TEST(registers, "a call preserves r14 to r27, LR, and three fields of CR",
     DEVICE(DEVICE_PAPR))
{
	u64 before[KEPT_COUNT], after[KEPT_COUNT], lr, cr;
	/* Where values are and go; LR and CR come out in the first two. */
	register u64 r3 asm("r3"), r4 asm("r4") = (uintptr_t)after;
	register u64 r8 asm("r8") = (uintptr_t)before;

	for (u64 i = 0; i < KEPT_COUNT; i++)
		before[i] = 0x1111111111111111ull * (i + 1) ^ i << 32;
	/* Where they go is remembered below the stack: the call may change all others. */
	asm volatile("std 4, -16(1)\n"
		     KEPT(KEPT_LOAD)
		     "lis 4, 0x5a5a; ori 4, 4, 0x5a5a; mtlr 4; mtcr 4\n"
		     "li 3, %[call]; li 4, 0\n"
		     "sc 1\n"
		     "ld 8, -16(1)\n"
		     KEPT(KEPT_STORE)
		     "mflr 3; mfcr 4"
		     : "=r"(r3), "+r"(r4), "+r"(r8)
		     : [call] "i"(H_SET_SPRG0)
		     : "r0", "r5", "r6", "r7", "r9", "r10", "r11", "r12",
		       "lr", "ctr", "xer", "memory", "cr0", "cr1", "cr2", "cr3", "cr4",
		       "cr5", "cr6", "cr7" KEPT(KEPT_CLOBBER));
	lr = r3;
	cr = r4;
	for (unsigned int i = 0; i < KEPT_COUNT; i++)
		EXPECT_EQ(after[i], before[i]);
	EXPECT_EQ(lr, 0x5a5a5a5a);
	EXPECT_EQ(cr & CR_KEPT, 0x5a5a5a5a & CR_KEPT);
}

/* r3: where r3 goes to, if the call returns. */
void user_sc(void *result);
extern char user_sc_insn[], user_sc_behind[];
asm(".text\n"
    ".globl user_sc, user_sc_insn, user_sc_behind\n"
    "user_sc:\n"
    "std 3, -16(1)\n"
    "li 3, 0x24\n"			/* H_SET_SPRG0 */
    "li 4, 0xbad\n"
    "user_sc_insn: sc 1\n"
    "user_sc_behind: ld 4, -16(1)\n"
    "std 3, 0(4)\n"
    "blr\n");

static struct frame refused;
static u32 refusals;

static bool refuse(struct frame *frame)
{
	refused = *frame;
	refusals++;
	frame->pc = (uintptr_t)user_sc_behind;
	return true;
}

/* KVM makes it a privileged instruction, others refuse it by its status. */
TEST(problem_state, "programs cannot call the hypervisor", DEVICE(DEVICE_PAPR),
     REQUIRES(CPU_RADIX))
{
	static u64 status;

	EXPECT_EQ(hcall(H_SET_SPRG0, 1), H_SUCCESS);
	refusals = 0;
	WITH_VECTOR(VECTOR_PROGRAM, refuse)
		user_call(user_sc, &status);
	if (refusals) {
		EXPECT_FAULT(FAULT_PRIVILEGED, frame_fault(&refused));
		SUBTEST("SRR0 has its address")
			EXPECT_EQ(refused.pc, (uintptr_t)user_sc_insn);
	} else {
		EXPECT_EQ(status, H_PRIVILEGE);
	}
	EXPECT_EQ(spr_read(SPR_SPRG0), 1);
}
