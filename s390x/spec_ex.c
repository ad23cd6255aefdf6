/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Specification exceptions (SA22-7832, chapters 4 to 7): of PSWs that are none, and of
 * operands; and what becomes of a transaction that one ends.
 */
#include <exception.h>
#include <scope.h>
#include <test.h>

#define TRIES	1000		/* a transaction may abort for other reasons */

static u32 seen;
static u16 seen_code;
static u64 good_mask;

/* Goes on at register 14, with a PSW that is one. */
static bool see(struct frame *frame)
{
	seen++;
	seen_code = frame->interruption.pgm_code;
	frame->psw = (struct psw){ good_mask, frame->gpr[14] };
	return true;
}

struct seen_scope {
	struct scope scope;
};

static void seen_leave(struct scope *scope)
{
	(void)scope;
	pgm_handle(PGM_SPECIFICATION, NULL);
}

static void seen_enter(struct seen_scope *s, bool (*handler)(struct frame *frame))
{
	seen = seen_code = 0;
	good_mask = psw_mask();
	scope_enter(&s->scope, seen_leave);
	pgm_handle(PGM_SPECIFICATION, handler);
}

#define WITH_SEEN(handler)	SCOPE(seen_scope, seen_enter, handler)

/*
 * R2: a PSW; R3: one that leads back, where the first one was taken as it is.  @how loads
 * the first one.  An interruption leads to R14.
 */
#define PSW_LOADED(name, how)						\
void name(const void *bad, const struct psw *good);			\
asm("	.text\n"							\
    "	.globl " #name ", " #name "_end\n"				\
    #name ":\n"								\
    "	stmg %r6, %r15, 48(%r15)\n"					\
    "	larl %r14, " #name "_end\n"					\
    "	" how "\n"							\
    #name "_end:\n"							\
    "	lmg %r6, %r15, 48(%r15)\n"					\
    "	br %r14\n")
PSW_LOADED(load_long, "lpswe 0(%r2)");
PSW_LOADED(load_short, "lpsw 0(%r2)");

/* Where a PSW leads that is taken: R3's is loaded, which leads to R14's place. */
void landing(void);
extern char landing_odd[];		/* one byte behind it */
asm("	.text\n"
    "	.balign 8\n"
    "	.globl landing, landing_odd\n"
    "landing:\n"
    "	lpswe 0(%r3)\n"
    "	.balign 2\n"
    "landing_odd:\n"
    "	.byte 0\n"
    "	.byte 0xb2, 0xb2, 0x30, 0x00\n"		/* the same at an odd address */
    "	.balign 8\n");

extern char load_long_end[], load_short_end[];

TEST(long_bit12, "LOAD PSW EXTENDED: bit 12 must be zero")
{
	struct psw bad = { psw_mask() | PSW_BIT12, (uintptr_t)landing };
	struct psw good = { psw_mask(), (uintptr_t)load_long_end };

	WITH_SEEN(see)
		load_long(&bad, &good);
	EXPECT_EQ(seen, 1);
	EXPECT_EQ(seen_code, PGM_SPECIFICATION);
}

TEST(long_unassigned, "LOAD PSW EXTENDED: bits that mean nothing must be zeros")
{
	static const u64 bits[] = { 1ull << 63, 1ull << 60, 1ull << 38, 1ull << 33, 1 };
	struct psw good = { psw_mask(), (uintptr_t)load_long_end };

	for_each(bit, bits)
		SUBTEST("%#llx", (unsigned long long)*bit) {
			struct psw bad = { psw_mask() | *bit, (uintptr_t)landing };

			WITH_SEEN(see)
				load_long(&bad, &good);
			EXPECT_EQ(seen, 1);
		}
}

TEST(short_bit12, "LOAD PSW: bit 12 must be one")
{
	u64 bad = (psw_mask() & ~(PSW_EA | PSW_BA)) | PSW_SHORT_BA | (uintptr_t)landing;
	struct psw good = { psw_mask(), (uintptr_t)load_short_end };

	WITH_SEEN(see)
		load_short(&bad, &good);
	EXPECT_EQ(seen, 1);
	SUBTEST("where it is one, the PSW is loaded") {
		bad |= PSW_SHORT;
		WITH_SEEN(see)
			load_short(&bad, &good);
		EXPECT_EQ(seen, 0);
	}
}

TEST(odd_address, "an instruction address is even")
{
	struct psw bad = { psw_mask(), (uintptr_t)landing_odd | 1 };
	struct psw good = { psw_mask(), (uintptr_t)load_long_end };

	WITH_SEEN(see)
		load_long(&bad, &good);
	EXPECT_EQ(seen, 1);
	EXPECT_EQ(seen_code, PGM_SPECIFICATION);
}

/* At an odd address, a BCR that does nothing. */
static const u8 odd_target[3] __attribute__((aligned(2))) = { 0, 0x07, 0x00 };
static const u64 quad[3] __attribute__((aligned(16))) = { 1, 2, 3 };

static struct fault odd_execute(void)
{
	return TRY("ex 0, 0(%0)", "a"(odd_target + 1));
}

static struct fault quad_misaligned(void)
{
	register u64 r2 asm("2");
	register u64 r3 asm("3");

	return TRY_OUT("lpq 2, 8(%2)", OUT("=d"(r2), "=d"(r3)), "a"(quad));
}

static struct fault word_misaligned(void)
{
	u32 word;

	return TRY_OUT("lrl %0, 0f\n"
		       "	.pushsection .rodata\n"
		       "	.balign 4\n"
		       "	.short 0\n"
		       "0:	.long 0\n"
		       "	.popsection", OUT("=d"(word)));
}

static struct fault quad_odd_register(void)
{
	register u64 r3 asm("3");
	register u64 r4 asm("4");

	return TRY_OUT(".insn rxy, 0xe3000000008f, 3, 0(%2)", OUT("=d"(r3), "=d"(r4)),
		       "a"(quad));
}

static const struct {
	const char *name;
	struct fault (*run)(void);
} operands[] = {
	{ "EXECUTE of an odd address", odd_execute },
	{ "LOAD PAIR FROM QUADWORD, misaligned", quad_misaligned },
	{ "LOAD RELATIVE LONG, misaligned", word_misaligned },
	{ "LOAD PAIR FROM QUADWORD to an odd register", quad_odd_register },
};

TEST(operands, "operands that are not as they must be")
{
	for_each(o, operands)
		SUBTEST("%s", o->name)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION), o->run());
}

TEST(operands_right, "and those that are")
{
	register u64 r2 asm("2");
	register u64 r3 asm("3");
	struct fault fault = TRY_OUT("lpq 2, 0(%2)", OUT("=d"(r2), "=d"(r3)), "a"(quad));
	u64 high = r2, low = r3;

	EXPECT_FAULT(FAULT_NONE, fault);
	EXPECT_EQ(high, quad[0]);
	EXPECT_EQ(low, quad[1]);
}

/* The PSW is that behind the TBEGIN, with the condition code of the abort. */
static bool see_abort(struct frame *frame)
{
	seen++;
	seen_code = frame->interruption.pgm_code;
	return true;
}

/* TBEGIN saves and restores all general registers, and names no diagnostic block. */
static int transaction(struct fault (*run)(void))
{
	u64 ipm;

	asm volatile(".long 0xe5600000\n\t.short 0xff00\n\t"
		     "ipm %0" : "=d"(ipm) : : "cc", "memory");
	if (ipm >> 28 & 3)
		return 1;
	run();
	asm volatile(".insn s, 0xb2f80000, 0(0)" : : : "cc", "memory");
	return 0;
}

TEST(transactions, "a transaction is aborted, and the interruption tells so", REQUIRES(CPU_TX))
{
	WITH_CR0(CR0_TX, 0)
		for_each(o, operands)
			SUBTEST("%s", o->name)
				WITH_SEEN(see_abort) {
					for (unsigned int i = 0; i < TRIES && !seen; i++)
						if (!transaction(o->run))
							break;
					EXPECT_EQ(seen, 1);
					EXPECT_EQ(seen_code, PGM_TX_ABORTED | PGM_SPECIFICATION);
				}
}
