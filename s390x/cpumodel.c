/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Facilities that are there only where others are (SA22-7832, chapter 4, "Facility
 * Indications").
 */
#include <sclp.h>
#include <test.h>

static const struct {
	unsigned int facility, needs;
	bool tcg_fails;
} implications[] = {
	{ 4, 3, false }, { 5, 3, false }, { 5, 4, false }, { 19, 18, false },
	{ 37, 42, true }, { 43, 42, false }, { 73, 49, false }, { 134, 129, false },
	{ 135, 129, false }, { 139, 25, false }, { 139, 28, false }, { 146, 76, false },
	{ 78, 8, false }, { 61, 45, false }, { 148, 129, false }, { 148, 135, false },
	{ 152, 129, false }, { 152, 134, false }, { 155, 76, false }, { 155, 77, false },
};

static void implied(bool tcg_fails)
{
	for_each(i, implications)
		if (i->tcg_fails == tcg_fails)
			SUBTEST("%u needs %u", i->facility, i->needs) {
				if (!facility(i->facility))
					skip("no facility %u", i->facility);
				else
					EXPECT(facility(i->needs));
			}
}

TEST(facilities, "a facility comes with those that it builds on")
{
	implied(false);
}

TEST(extended_floating, "the floating-point extension comes with decimal floating point",
     XFAIL_ON(HYPERVISOR_TCG, "QEMU has no decimal floating point, and says facility 37"))
{
	implied(true);
}

TEST(interpretation, "without SIE format 2, nothing is there that only it can use")
{
	static const struct {
		const char *name;
		bool (*has)(unsigned int byte, unsigned int bit);
		unsigned int byte, bit;
	} features[] = {
		{ "gsls", sclp_feature, 85, 0 }, { "kss", sclp_feature, 98, 7 },
		{ "64bscao", sclp_feature, 116, 0 }, { "cmma", sclp_feature, 116, 1 },
		{ "esca", sclp_feature, 116, 4 }, { "pfmfi", sclp_feature, 117, 1 },
		{ "ibs", sclp_feature, 117, 2 }, { "skeyi", sclp_cpu_feature, 2, 5 },
		{ "siif", sclp_cpu_feature, 3, 3 }, { "sigpif", sclp_cpu_feature, 3, 4 },
		{ "ib", sclp_cpu_feature, 7, 2 }, { "cei", sclp_cpu_feature, 7, 3 },
	};

	if (sclp_cpu_feature(SCP_CPU_SIEF2))
		return skip("SIE format 2 is there");
	for_each(f, features)
		SUBTEST("%s", f->name)
			EXPECT(!f->has(f->byte, f->bit));
}

TEST(lists, "STFL stores what STFLE begins with")
{
	lowcore.stfl = 0;
	asm volatile("stfl 0" : : : "memory");
	for (unsigned int n = 0; n < 32; n++)
		if (facility(n) != (lowcore.stfl >> (31 - n) & 1))
			EXPECT_EQ(facility(n), lowcore.stfl >> (31 - n) & 1);
	EXPECT(facility(7));
}
