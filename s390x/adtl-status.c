/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * SIGP store additional status at address (SA22-7832, chapter 4): vector registers, and
 * guarded-storage controls.
 */
#include <asm/page.h>
#include <clock.h>
#include <extended.h>
#include <scope.h>
#include <sigp.h>
#include <smp.h>
#include <test.h>

#define ABSENT		((u16)-4711)
#define CONTROLS	1024		/* where guarded-storage controls are stored */
#define AREA		4096
#define FILL		0x5a

static u8 area[AREA] __attribute__((aligned(AREA)));
static u8 given[VECTOR_BYTES] __attribute__((aligned(16)));
static struct gs_controls controls;
static u32 loaded;

struct other_scope {
	struct scope scope;
};

static void other_leave(struct scope *scope)
{
	(void)scope;
	cpu_begin(cpu_get(1));
}

static void load(void *arg)
{
	(void)arg;
	if (cpu_has(CPU_VECTOR)) {
		ctl_write(0, ctl_read(0) | CR0_VECTOR);
		vectors_load(given);
	}
	if (cpu_has(CPU_GUARDED_STORAGE)) {
		ctl_write(2, ctl_read(2) | CR2_GUARDED_STORAGE);
		gs_load(&controls);
	}
	__atomic_store_n(&loaded, 1, __ATOMIC_SEQ_CST);
	for (;;)
		cpu_relax();
}

static int order(u64 parameter, u32 *answer)
{
	return sigp(cpu_get(1)->address, SIGP_STORE_ADDITIONAL_STATUS, parameter, answer);
}

static void other_enter(struct other_scope *s)
{
	for (unsigned int i = 0; i < VECTOR_BYTES; i++)
		given[i] = i * 3 + i / 256 + 1;
	controls.designation = 9ull << 32 | GS_SHIFT(2) | GS_SIZE(25);
	controls.sections = 0x0123456789abcdef;
	controls.parameter_list = (uintptr_t)given;
	memset(area, FILL, sizeof(area));
	loaded = 0;
	on_cpu_begin(1, load, NULL);
	scope_enter(&s->scope, other_leave);
	while (!__atomic_load_n(&loaded, __ATOMIC_SEQ_CST))
		cpu_relax();
}

/* CPU 1 has loaded what it is to store, and runs; it is begun anew behind it. */
#define WITH_OTHER()	SCOPE(other_scope, other_enter)

static void stop(void)
{
	u16 address = cpu_get(1)->address;
	u32 answer = 0;

	EXPECT_EQ(sigp(address, SIGP_STOP, 0, NULL), 0);
	for (u64 begin = clock_ticks(); clock_ticks() - begin < START_TICKS;)
		if (sigp(address, SIGP_SENSE, 0, &answer) == 1 && answer & SIGP_STATUS_STOPPED)
			return;
	REQUIRE(answer & SIGP_STATUS_STOPPED);
}

/* Is it as it was, from @begin on? */
static bool untouched(unsigned int begin, unsigned int end)
{
	for (unsigned int i = begin; i < end; i++)
		if (area[i] != FILL)
			return false;
	return true;
}

static bool has_any(void)
{
	return cpu_has(CPU_VECTOR) || cpu_has(CPU_GUARDED_STORAGE);
}

TEST(absent, "no CPU has this address", CPUS(2))
{
	memset(area, FILL, sizeof(area));
	EXPECT_EQ(sigp(ABSENT, SIGP_STORE_ADDITIONAL_STATUS, (uintptr_t)area, NULL), 3);
	EXPECT(untouched(0, AREA));
}

TEST(no_order, "without vectors and guarded storage there is no such order", CPUS(2),
     LACKS(CPU_VECTOR, CPU_GUARDED_STORAGE))
{
	u32 answer = 0;

	WITH_OTHER() {
		stop();
		EXPECT_EQ(order((uintptr_t)area, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_INVALID_ORDER);
		EXPECT(untouched(0, AREA));
	}
}

TEST(running, "the CPU must be stopped", CPUS(2))
{
	u32 answer = 0;

	if (!has_any())
		return skip("neither vectors nor guarded storage");
	WITH_OTHER() {
		EXPECT_EQ(order((uintptr_t)area, &answer), 1);
		EXPECT_EQ(answer, SIGP_STATUS_INCORRECT_STATE);
		EXPECT(untouched(0, AREA));
	}
}

TEST(misaligned, "the area is aligned by its length", CPUS(2))
{
	u32 answer = 0;

	if (!has_any())
		return skip("neither vectors nor guarded storage");
	WITH_OTHER() {
		stop();
		SUBTEST("by 256") {
			EXPECT_EQ(order((uintptr_t)area + 256, &answer), 1);
			EXPECT_EQ(answer, SIGP_STATUS_INVALID_PARAMETER);
		}
		if (cpu_has(CPU_GUARDED_STORAGE))
			for (unsigned int code = 11; code < 13; code++)
				SUBTEST("length code %u, aligned for %u", code, code - 1) {
					u64 at = (uintptr_t)area + (1u << (code - 1));

					answer = 0;
					EXPECT_EQ(order(at | code, &answer), 1);
					EXPECT_EQ(answer, SIGP_STATUS_INVALID_PARAMETER);
				}
		EXPECT(untouched(0, AREA));
	}
}

static void vectors_check(unsigned int code, unsigned int length)
{
	WITH_OTHER() {
		stop();
		SUBTEST("length code %u", code) {
			EXPECT_EQ(order((uintptr_t)area | code, NULL), 0);
			EXPECT(!memcmp(area, given, VECTOR_BYTES));
			EXPECT(untouched(length, AREA));
		}
	}
}

TEST(vectors, "vector registers are stored, and nothing behind the area", CPUS(2),
     REQUIRES(CPU_VECTOR))
{
	vectors_check(0, 1024);
	if (cpu_has(CPU_GUARDED_STORAGE))
		for (unsigned int code = 10; code < 13; code++)
			vectors_check(code, 1u << code);
}

TEST(controls, "guarded-storage controls are stored where the area is long enough",
     CPUS(2), REQUIRES(CPU_GUARDED_STORAGE))
{
	for (unsigned int code = 11; code < 13; code++)
		WITH_OTHER() {
			stop();
			SUBTEST("length code %u", code) {
				const struct gs_controls *got =
					(const struct gs_controls *)(area + CONTROLS);

				EXPECT_EQ(order((uintptr_t)area | code, NULL), 0);
				EXPECT_EQ(got->designation, controls.designation);
				EXPECT_EQ(got->sections, controls.sections);
				EXPECT_EQ(got->parameter_list, controls.parameter_list);
				EXPECT(untouched(1u << code, AREA));
			}
		}
}
