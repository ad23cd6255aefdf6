/* SPDX-License-Identifier: BSD-2-Clause */
/* DIAG 308: a program loads anew, and what a reset leaves (Linux, asm/diag.h). */
#include <console.h>
#include <insn.h>
#include <reset.h>
#include <test.h>

/* R2: address; R3: subcode. */
static struct fault reload(u64 subcode, u64 address)
{
	register u64 r2 asm("2") = address;
	register u64 r3 asm("3") = subcode;

	return TRY_OUT("diag 2, 3, 0x308", OUT("+d"(r3)), "d"(r2));
}

INSN(reload_user, "diag 2, 3, 0x308");

TEST(problem, "it is privileged")
{
	EXPECT_FAULT(FAULT_PRIVILEGED, exec(reload_user, .user = true));
}

TEST(operands, "subcodes 5 and 6 want an even register and a page")
{
	static u8 block[4096] __attribute__((aligned(4096)));

	register u64 r3 asm("3") = (uintptr_t)block;
	register u64 r4 asm("4");

	for (u64 subcode = 5; subcode <= 6; subcode++) {
		struct fault fault;

		r4 = subcode;
		fault = TRY("diag 3, 4, 0x308", "d"(r3), "d"(r4));
		r3 = (uintptr_t)block;
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), fault);
		EXPECT_FAULT(FAULT(PGM_SPECIFICATION), reload(subcode, 54321));
	}
}

TEST(subcodes, "subcodes that there are not")
{
	static const u64 subcodes[] = { 0x101, 0xffff, 0x10001, -1ull };

	for_each(s, subcodes)
		SUBTEST("%#llx", (unsigned long long)*s)
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION), reload(*s, 0));
	SUBTEST("2")
		if (!device_present(DEVICE_QEMU, NULL))
			skip("QEMU's only");
		else
			EXPECT_FAULT(FAULT(PGM_SPECIFICATION), reload(2, 0));
}

TEST(resets, "subcodes 0 and 1 reset the machine, and load the PSW at location 0")
{
	for (u64 subcode = 0; subcode < 2; subcode++) {
		u64 cr13 = ctl_read(13);
		int back;

		asm volatile("sfpc %0" : : "d"(0x80000000));
		back = reset_by(subcode);
		console_begin();
		SUBTEST("subcode %llu", (unsigned long long)subcode) {
			u32 fpc;

			EXPECT_EQ(back, 1);
			EXPECT_EQ(ctl_read(13), cr13);
			/* A load clear or normal resets all CPUs' FPC. */
			asm volatile("stfpc %0" : "=Q"(fpc));
			EXPECT_EQ(fpc, 0);
		}
	}
}
