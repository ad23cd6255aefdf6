/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * RDPRU (APM 3): reads a processor register by its number in ECX at any CPL, where
 * CPUID announces it.  A hypervisor that does not offer it must intercept it.
 */
#include <insn.h>
#include <test.h>

#define RDPRU		".byte 0x0f, 0x01, 0xfd"
#define PRU_MPERF	0
#define PRU_APERF	1

static u32 which = PRU_MPERF;

INSN(rdpru, RDPRU, "c"(which), "a"(0), "d"(0));

TEST(absent, "without its CPUID bit RDPRU is #UD", LACKS(CPU_RDPRU))
{
	EXPECT_FAULT(FAULT_UD, exec(rdpru, .cpl = 0));
}

TEST(absent_user, "without its CPUID bit RDPRU is #UD at CPL 3, too", LACKS(CPU_RDPRU))
{
	EXPECT_FAULT(FAULT_UD, exec(rdpru, .cpl = 3));
}

static u64 read_register(u32 number)
{
	u32 low = 0xffffffff, high = 0xffffffff;

	EXPECT_FAULT(FAULT_NONE, TRY_OUT(RDPRU, OUT("+a"(low), "+d"(high)),
					 "c"(number)));
	return (u64)high << 32 | low;
}

TEST(present, "MPERF and APERF never go back, and are read at every CPL",
     REQUIRES(CPU_RDPRU))
{
	static const struct {
		const char *name;
		u32 number;
	} registers[] = { { "MPERF", PRU_MPERF }, { "APERF", PRU_APERF } };

	for_each(row, registers) SUBTEST("%s", row->name) {
		u64 before = read_register(row->number);

		which = row->number;
		EXPECT_FAULT(FAULT_NONE, exec(rdpru, .cpl = 3));
		EXPECT(read_register(row->number) >= before);
	}
}

TEST(unknown, "RDPRU of a number beyond the registers reads 0", REQUIRES(CPU_RDPRU))
{
	EXPECT_EQ(read_register(0xffffffff), 0);
}
