/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Floating-point registers are a CPU's own: Q0 to Q31, and of SVE Z0 to Z31 with
 * P0 to P15 and FFR, at 128 bits (DDI 0487, A1.4 and B1.2.2).
 */
#include <asm/cpu.h>
#include <smp.h>
#include <test.h>

ONLY_ON(arm64);

#define ROUNDS		200
#define VECTORS		32
#define PREDICATES	17	/* and FFR */

struct context {
	u64 vector[VECTORS][2];
	u16 predicate[PREDICATES];
} __attribute__((aligned(16)));

/* An instruction for each register; its number is written as \\n. */
#define EACH_PREDICATE(insn)						\
	".irp n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"		\
	insn "\n"							\
	".endr\n"
#define EACH_VECTOR(insn)						\
	EACH_PREDICATE(insn)						\
	".irp n, 16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31\n"	\
	insn "\n"							\
	".endr\n"

/* No operand is named but the address: compilers do not know these registers here. */
static void vectors_load(const struct context *c)
{
	asm volatile(".arch_extension fp\n"
		     ".arch_extension simd\n"
		     EACH_VECTOR("ldr q\\n, [%0, #(\\n * 16)]")
		     : : "r"(c) : "memory");
}

static void vectors_store(struct context *c)
{
	asm volatile(".arch_extension fp\n"
		     ".arch_extension simd\n"
		     EACH_VECTOR("str q\\n, [%0, #(\\n * 16)]")
		     : : "r"(c) : "memory");
}

static void sve_load(const struct context *c)
{
	asm volatile(".arch_extension sve\n"
		     "ldr p0, [%1, #16, mul vl]\n"
		     "wrffr p0.b\n"
		     EACH_PREDICATE("ldr p\\n, [%1, #\\n, mul vl]")
		     EACH_VECTOR("ldr z\\n, [%0, #\\n, mul vl]")
		     : : "r"(c->vector), "r"(c->predicate) : "memory");
}

static void sve_store(struct context *c)
{
	asm volatile(".arch_extension sve\n"
		     EACH_PREDICATE("str p\\n, [%1, #\\n, mul vl]")
		     EACH_VECTOR("str z\\n, [%0, #\\n, mul vl]")
		     "rdffr p0.b\n"
		     "str p0, [%1, #16, mul vl]\n"
		     "ldr p0, [%1]\n"
		     : : "r"(c->vector), "r"(c->predicate) : "memory");
}

static u64 seed;

static u64 next_random(void)
{
	seed = seed * 6364136223846793005ull + 1442695040888963407ull;
	return seed >> 11 ^ seed << 17;
}

static void context_fill(struct context *c)
{
	for (unsigned int i = 0; i < VECTORS; i++) {
		c->vector[i][0] = next_random();
		c->vector[i][1] = next_random();
	}
	for (unsigned int i = 0; i < PREDICATES; i++)
		c->predicate[i] = next_random();
	/* FFR has no holes (its bits are a prefix of ones). */
	c->predicate[PREDICATES - 1] = 0xffff >> (next_random() % 16);
}

static struct context given[2], found[2];
static struct barrier meeting;
static void (*load)(const struct context *c);
static void (*store)(struct context *c);

/* Both load at once, meet, and look whether their own is still there. */
static void hold(void *arg)
{
	unsigned int me = cpu_index();

	(void)arg;
	load(&given[me]);
	barrier_wait(&meeting);
	store(&found[me]);
}

static u32 differences(bool sve)
{
	u32 count = 0;

	for (unsigned int cpu = 0; cpu < 2; cpu++) {
		for (unsigned int i = 0; i < VECTORS; i++)
			count += given[cpu].vector[i][0] != found[cpu].vector[i][0] ||
				given[cpu].vector[i][1] != found[cpu].vector[i][1];
		for (unsigned int i = 0; sve && i < PREDICATES; i++)
			count += given[cpu].predicate[i] != found[cpu].predicate[i];
	}
	return count;
}

static void check(bool sve)
{
	u32 bad = 0;

	meeting = (struct barrier){ .expected = 2 };
	seed = sysreg_read(cntvct_el0);
	for (u32 round = 0; round < ROUNDS; round++) {
		context_fill(&given[0]);
		context_fill(&given[1]);
		memset(found, 0, sizeof(found));
		on_cpu_begin(1, hold, NULL);
		hold(NULL);
		on_cpu_end(1);
		bad += differences(sve);
	}
	EXPECT_EQ(bad, 0);
}

TEST(simd, "Q0 to Q31 are a CPU's own", CPUS(2), REQUIRES(CPU_SIMD))
{
	load = vectors_load;
	store = vectors_store;
	check(false);
	/* What is stored is what was loaded, and not what was there before. */
	EXPECT(given[0].vector[31][1] != given[1].vector[31][1]);
}

static void sve_vector_length(void *arg)
{
	(void)arg;
	sysreg_write_s(zcr_el1, 0);	/* 128 bits */
	isb();
}

TEST(sve, "Z0 to Z31, P0 to P15 and FFR are a CPU's own", CPUS(2), REQUIRES(CPU_SVE))
{
	on_cpus(sve_vector_length, NULL);
	load = sve_load;
	store = sve_store;
	check(true);
}
