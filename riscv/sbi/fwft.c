/* SPDX-License-Identifier: BSD-2-Clause */
/* SBI's firmware features (18): what the supervisor asks the machine's firmware to do. */
#include <asm/cpu.h>
#include <asm/page.h>
#include <exception.h>
#include <insn.h>
#include <paging.h>
#include <sbi.h>
#include <test.h>

#define BIT_32		(IS_64BIT ? 1ul << (4 * WORD_BYTES) : 0)

static long set(unsigned long feature, unsigned long value, unsigned long flags)
{
	return sbi_call(SBI_FWFT, SBI_FWFT_SET, feature, value, flags).error;
}

static struct sbi_result get(unsigned long feature)
{
	return sbi_call(SBI_FWFT, SBI_FWFT_GET, feature);
}

TEST(fwft_reserved, "reserved features are DENIED (18.3)", DEVICE(DEVICE_SBI_FWFT))
{
	static const u32 reserved[] = { 6, 0x3fffffff, 0x80000000, 0xbfffffff };

	for_each(feature, reserved) SUBTEST("%#x", *feature) {
		EXPECT_EQ(get(*feature).error, SBI_DENIED);
		EXPECT_EQ(set(*feature, 1, 0), SBI_DENIED);
	}
}

/* A feature that is there, or SKIP. */
static bool feature_is(unsigned long feature, const char *name, unsigned long *value)
{
	struct sbi_result result = get(feature);

	if (result.error == SBI_NOT_SUPPORTED) {
		u64 have = 0;
		char variable[64];

		snprintf(variable, sizeof(variable), "SBI_HAVE_FWFT_%s", name);
		if (environment_number(variable, &have) && have)
			EXPECT_EQ(result.error, SBI_SUCCESS);
		skip("the firmware has no %s", name);
		return false;
	}
	REQUIRE_EQ(result.error, SBI_SUCCESS);
	*value = result.value;
	return true;
}

/* A feature that is 0 or 1, and nothing else. */
static void check_values(unsigned long feature)
{
	for (unsigned long value = 0; value < 2; value++) {
		EXPECT_EQ(set(feature, value, 0), SBI_SUCCESS);
		EXPECT_EQ(get(feature).value, value);
	}
	EXPECT_EQ(set(feature, 2, 0), SBI_INVALID_PARAM);
	EXPECT_EQ(set(feature, -1ul, 0), SBI_INVALID_PARAM);
	EXPECT_EQ(set(feature, 1, 2), SBI_INVALID_PARAM);
	EXPECT_EQ(set(feature, 1, -1ul & ~1ul), SBI_INVALID_PARAM);
	if (IS_64BIT) {
		EXPECT_EQ(set(feature, BIT_32, 0), SBI_INVALID_PARAM);
		EXPECT_EQ(set(feature, 1, BIT_32), SBI_INVALID_PARAM);
	}
	EXPECT_EQ(get(feature).value, 1);
}

static void check_upper_bits(unsigned long feature)
{
	if (IS_64BIT) SUBTEST("features have 32 bits") {
		EXPECT_EQ(get(feature | BIT_32).error, SBI_SUCCESS);
		EXPECT_EQ(set(feature | BIT_32, 0, 0), SBI_SUCCESS);
		EXPECT_EQ(get(feature).value, 0);
	}
}

static u64 words[2];

static struct fault load_misaligned(void)
{
	unsigned long value;

	return TRY_OUT("lw %0, 1(%1)", OUT("=r"(value)), "r"(words));
}

TEST(fwft_misaligned, "exceptions of misaligned accesses come here, or do not",
     DEVICE(DEVICE_SBI_FWFT))
{
	unsigned long before;
	u64 reset;

	if (!feature_is(FWFT_MISALIGNED, "MISALIGNED_EXC_DELEG", &before))
		return;
	if (environment_number("MISALIGNED_EXC_DELEG_RESET", &reset))
		EXPECT_EQ(before, reset);
	check_values(FWFT_MISALIGNED);
	check_upper_bits(FWFT_MISALIGNED);
	/* Whether the hardware does such accesses by itself is its business. */
	SUBTEST("not delegated") {
		EXPECT_EQ(set(FWFT_MISALIGNED, 0, 0), SBI_SUCCESS);
		EXPECT_FAULT(FAULT_NONE, load_misaligned());
	}
	SUBTEST("delegated") {
		struct fault fault;

		EXPECT_EQ(set(FWFT_MISALIGNED, 1, 0), SBI_SUCCESS);
		fault = load_misaligned();
		if (fault.raised)
			EXPECT_FAULT(FAULT_AT(LOAD_MISALIGNED, (char *)words + 1), fault);
		else
			skip("the hardware does misaligned accesses");
	}
	set(FWFT_MISALIGNED, before, 0);
}

static char page[4096] __attribute__((aligned(4096)));

/* Returns the entry's bits after the access. */
static unsigned long touch(bool write, struct fault *fault)
{
	unsigned long *entry = pte_at(page);

	pte_set(entry, *entry & ~(PTE_ACCESSED | PTE_DIRTY), page);
	*fault = write ? try_store(page) : try_load(page);
	return *entry & (PTE_ACCESSED | PTE_DIRTY);
}

static void check_touched(bool hardware)
{
	struct fault fault;

	EXPECT_EQ(touch(false, &fault), hardware ? PTE_ACCESSED : 0);
	EXPECT_FAULT(hardware ? FAULT_NONE : FAULT_LOAD_PAGE(page), fault);
	EXPECT_EQ(touch(true, &fault), hardware ? PTE_ACCESSED | PTE_DIRTY : 0);
	EXPECT_FAULT(hardware ? FAULT_NONE : FAULT_STORE_PAGE(page), fault);
	pte_set(pte_at(page), *pte_at(page) | PTE_ACCESSED | PTE_DIRTY, page);
}

TEST(fwft_pte_ad, "the hardware sets bits A and D of page tables, or faults",
     DEVICE(DEVICE_SBI_FWFT))
{
	unsigned long before;

	if (!feature_is(FWFT_PTE_AD, "PTE_AD_HW_UPDATING", &before))
		return;
	/* With Svadu alone, hardware does it from the start (riscv/extensions.yaml). */
	if (cpu_has(CPU_SVADE) || !cpu_has(CPU_SVADU))
		EXPECT_EQ(before, 0);
	SUBTEST("from the start") check_touched(before);
	SUBTEST("values") check_values(FWFT_PTE_AD);
	SUBTEST("on") {
		EXPECT_EQ(set(FWFT_PTE_AD, 1, 0), SBI_SUCCESS);
		check_touched(true);
	}
	SUBTEST("off") {
		EXPECT_EQ(set(FWFT_PTE_AD, 0, 0), SBI_SUCCESS);
		check_touched(false);
	}
	check_upper_bits(FWFT_PTE_AD);
	set(FWFT_PTE_AD, before, 0);
}

/* Nothing unlocks it again, so this comes last.  DENIED_LOCKED is new in 3.0. */
static void check_lock(unsigned long feature, const char *name)
{
	long locked = sbi_version() < SBI_VERSION(3, 0) ? SBI_DENIED : SBI_DENIED_LOCKED;
	unsigned long value;

	if (!feature_is(feature, name, &value))
		return;
	EXPECT_EQ(set(feature, value, FWFT_LOCK), SBI_SUCCESS);
	EXPECT_EQ(set(feature, !value, 0), locked);
	EXPECT_EQ(set(feature, value, FWFT_LOCK), locked);
	EXPECT_EQ(get(feature).value, value);
}

TEST(fwft_lock, "a feature that is locked stays as it is", DEVICE(DEVICE_SBI_FWFT))
{
	SUBTEST("misaligned accesses")
		check_lock(FWFT_MISALIGNED, "MISALIGNED_EXC_DELEG");
	SUBTEST("A and D")
		check_lock(FWFT_PTE_AD, "PTE_AD_HW_UPDATING");
}
