/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The harness tests itself: each word of the vocabulary that all architectures
 * share, negatives included.  What must fail is in a TEST with XFAIL: were it not
 * seen to fail, that TEST would be XPASS, and red.  Each architecture's selftest.c
 * has what it adds.
 */
#include <asm/page.h>
#include <boot.h>
#include <clock.h>
#include <insn.h>
#include <memory.h>
#include <smp.h>
#include <test.h>

TEST(expect, "EXPECT and EXPECT_EQ hold and say so")
{
	EXPECT(EXPECT(1 + 1 == 2));
	EXPECT(EXPECT_EQ(0xffffffffffffffffull, -1ll));
}

TEST(expect_fails, "a condition that does not hold is seen", XFAIL("it must fail"))
{
	EXPECT(1 + 1 == 3);
}

TEST(expect_eq_fails, "unequal values are seen", XFAIL("it must fail"))
{
	EXPECT_EQ(2 + 2, 5);
}

TEST(expect_fault_none_fails, "a fault where none was expected is seen",
     XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_NONE, TRY(INSN_UNDEFINED));
}

TEST(expect_fault_absent_fails, "an absent fault is seen", XFAIL("it must fail"))
{
	EXPECT_FAULT(FAULT_UNDEFINED, TRY(INSN_NOTHING));
}

TEST(expect_fault_other_fails, "another fault is seen", XFAIL("it must fail"))
{
	page_map((void *)PAGES_SPARE, 0, PAGE_NONE);
	EXPECT_FAULT(FAULT_UNDEFINED, try_load((void *)PAGES_SPARE));
}

TEST(expect_fault_address_fails, "a wrong address is seen", XFAIL("it must fail"))
{
	char *absent = (char *)PAGES_SPARE;

	page_map(absent, 0, PAGE_NONE);
	EXPECT_FAULT(FAULT_MISSING(absent + PAGE_SIZE, false), try_load(absent));
}

TEST(expect_fault_access_fails, "a wrong kind of access is seen",
     XFAIL("it must fail"))
{
	char *absent = (char *)PAGES_SPARE;

	page_map(absent, 0, PAGE_NONE);
	EXPECT_FAULT(FAULT_MISSING(absent, true), try_load(absent));
}

static bool reached;

TEST(require, "REQUIRE ends the TEST when it fails", XFAIL("it must fail"))
{
	reached = false;
	REQUIRE(true);
	REQUIRE(1 + 1 == 3);
	reached = true;
}

TEST(require_ended, "and nothing behind it ran")
{
	EXPECT(!reached);
}

TEST(faults, "TRY sees presence and absence of faults")
{
	EXPECT_FAULT(FAULT_NONE, TRY(INSN_NOTHING));
	EXPECT_FAULT(FAULT_UNDEFINED, TRY(INSN_UNDEFINED));
}

TEST(page_faults, "faults of memory, by access and with their address")
{
	char *page = (char *)PAGES_SPARE;

	page_map(page, 0, PAGE_NONE);
	EXPECT_FAULT(FAULT_MISSING(page, false), try_load(page));
	EXPECT_FAULT(FAULT_MISSING(page + 5, true), try_store(page + 5));
	page_map(page, (uintptr_t)pages_alloc(1), PAGE_DATA);
	EXPECT_FAULT(FAULT_NONE, try_load(page));
	EXPECT_FAULT(FAULT_NONE, try_store(page + 5));
}

INSN(insn_nothing, INSN_NOTHING);
INSN(insn_undefined, INSN_UNDEFINED);
INSN(insn_privileged, INSN_PRIVILEGED);

TEST(user_mode, "exec() in user mode sees presence and absence of faults")
{
	EXPECT_FAULT(FAULT_NONE, exec(insn_nothing, .user = true));
	EXPECT_FAULT(FAULT_UNDEFINED, exec(insn_undefined, .user = true));
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(insn_privileged, .user = true));
	EXPECT_FAULT(FAULT_NONE, exec(insn_nothing));
	EXPECT_FAULT(FAULT_UNDEFINED, exec(insn_undefined));
}

static int depth;

static void depth_leave(struct scope *scope)
{
	(void)scope;
	depth--;
}

struct depth_scope {
	struct scope scope;
};

static void depth_enter(struct depth_scope *s)
{
	depth++;
	scope_enter(&s->scope, depth_leave);
}

#define DEEPER()	SCOPE(depth_scope, depth_enter)

TEST(unexpected, "a fault that no one expected ends the TEST",
     XFAIL("it must fail"))
{
	reached = false;
	DEEPER()
		DEEPER()
			asm volatile(INSN_UNDEFINED);
	reached = true;
}

TEST(unexpected_ended, "and its scopes were left")
{
	EXPECT(!reached);
	EXPECT_EQ(depth, 0);
}

static void leave_early(void)
{
	DEEPER()
		return;
}

TEST(scopes, "scopes give back on break, on return and in order")
{
	DEEPER() {
		EXPECT_EQ(depth, 1);
		DEEPER() {
			EXPECT_EQ(depth, 2);
			break;
		}
		EXPECT_EQ(depth, 1);
		leave_early();
		EXPECT_EQ(depth, 1);
	}
	EXPECT_EQ(depth, 0);
}

TEST(subtests, "SUBTESTs nest, and leaving early is safe")
{
	for (unsigned int i = 0; i < 2; i++)
		SUBTEST("outer %u", i) {
			EXPECT(true);
			SUBTEST("inner") {
				EXPECT(true);
				break;
			}
		}
}

TEST(skips, "skip() in a SUBTEST skips it alone")
{
	SUBTEST("absent") skip("a reason");
	SUBTEST("there") EXPECT(true);
}

TEST(skipped, "skip() in a TEST skips it")
{
	return skip("it is meant to be");
}

TEST(needs, "an absent CPU feature is a SKIP", REQUIRES(CPU_NEVER))
{
	EXPECT(false);
}

TEST(lacks, "and lets a TEST run that is about its absence", LACKS(CPU_NEVER))
{
	EXPECT(true);
}

TEST(needs_cpus, "too few CPUs are a SKIP", CPUS(5000))
{
	EXPECT(false);
}

TEST(needs_memory, "too little memory is a SKIP", MEMORY(0x7fffffff))
{
	EXPECT(false);
}

TEST(formats, "printf formats as C does")
{
	char text[40];

	snprintf(text, sizeof(text), "%5d|%-4s|%#x|%05llu", -42, "ab", 0x1f,
		 12345678901ull);
	EXPECT(!strcmp(text, "  -42|ab  |0x1f|12345678901"));
}

TEST(bytes, "blocks of memory are copied and filled to the byte")
{
	u8 from[40], to[40];

	for (unsigned int i = 0; i < sizeof(from); i++)
		from[i] = i;
	for (unsigned int at = 0; at < 9; at++)
		for (unsigned int size = 0; size < 24; size++) {
			bool right = true;

			memset(to, 0xee, sizeof(to));
			memcpy(to + at, from + 9 - at, size);
			for (unsigned int i = 0; i < sizeof(to); i++)
				right &= to[i] == (i >= at && i < at + size ?
						   i + 9 - 2 * at : 0xee);
			if (!right)
				EXPECT_EQ(at << 8 | size, 0xffff);
		}
	EXPECT_EQ(to[8], 1);
}

TEST(pages, "pages are distinct, aligned and writable")
{
	u8 *a = pages_alloc(1), *b = pages_alloc_zeroed(2);

	EXPECT(a != b);
	EXPECT_EQ((uintptr_t)a % PAGE_SIZE, 0);
	a[0] = 1;
	b[0] = 2;
	EXPECT_EQ(a[0] + b[0], 3);
	EXPECT_EQ(b[2 * PAGE_SIZE - 1], 0);
}

TEST(mapping, "a page mapped elsewhere is the same page")
{
	u8 *page = pages_alloc_zeroed(1), *alias = (u8 *)PAGES_SPARE;

	page_map(alias, (uintptr_t)page, PAGE_DATA);
	alias[7] = 42;
	EXPECT_EQ(page[7], 42);
	page[PAGE_SIZE - 1] = 43;
	EXPECT_EQ(alias[PAGE_SIZE - 1], 43);
}

TEST(time, "delays take at least their time")
{
	u64 begin = clock_ticks();

	delay_us(10);
	EXPECT(clock_ticks() - begin >= 10 * (clock_khz() / 1000));
	METRIC("clock", clock_khz(), "kHz");
}

static void fault_here(void *arg)
{
	(void)arg;
	asm volatile(INSN_UNDEFINED);
}

TEST(other_cpu_fault, "an unexpected fault on another CPU ends the TEST",
     CPUS(2), XFAIL("it must fail"))
{
	on_cpu(1, fault_here, NULL);
	EXPECT(true);
}

static void count(void *arg)
{
	atomic_add(arg, 1);
}

TEST(other_cpu, "that CPU works on, and all CPUs run at once", CPUS(2))
{
	static u32 ran;

	ran = 0;
	on_cpu(1, count, &ran);
	EXPECT_EQ(ran, 1);
	on_cpus(count, &ran);
	EXPECT_EQ(ran, 1 + cpu_count());
}

static void user_there(void *arg)
{
	(void)arg;
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(insn_privileged, .user = true));
	EXPECT_FAULT(FAULT_UNDEFINED, TRY(INSN_UNDEFINED));
	EXPECT_FAULT(FAULT_NONE, TRY(INSN_NOTHING));
}

TEST(other_cpu_user, "other CPUs have user mode and faults of their own", CPUS(2))
{
	on_cpus(user_there, NULL);
}

TEST(setup, "the machine is as it was asked for: mem=MIB, smp=CPUS")
{
	u64 cpus, mib;

	if (!parameter("smp", &cpus) || !parameter("mem", &mib))
		return skip("smp= and mem= do not say what to expect");
	SUBTEST("memory")
		EXPECT_EQ(boot_memory_size(), mib << 20);
	SUBTEST("CPUs")
		EXPECT_EQ(cpu_count(), cpus);
}
