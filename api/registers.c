/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Registers as user space sets and gets them: api.rst, 4.11 to 4.14, 4.22, 4.33,
 * 4.42 to 4.45, 4.131.  Each field is set, read back, and set wrongly.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/guest.h"
#include "api/test.h"
#include "defs/cr.h"

CODE64(store_sse, "movups %xmm3, (0x3000); hlt");

TEST(regs, "general registers, RIP and RFLAGS are what was set")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_regs regs, got;
	uint64_t *word = (uint64_t *)&regs;

	for (size_t i = 0; i < sizeof(regs) / 8; i++)
		word[i] = 0x0123456789abcdefull * (i + 1);
	regs.rflags = 0xcd7;	/* all status flags, DF, and the bit that is always 1 */
	REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
	got = guest_regs(&guest);
	EXPECT(!memcmp(&regs, &got, sizeof(regs)));
	SUBTEST("bit 1 of RFLAGS is 1, whatever is set") {
		regs.rflags = 0;
		REQUIRE_DONE(call(guest.cpu, KVM_SET_REGS, &regs));
		EXPECT_EQ(guest_regs(&guest).rflags, 2);
	}
	EXPECT_ERROR(call(guest.cpu, KVM_SET_REGS, 8), EFAULT);
	EXPECT_ERROR(call(guest.cpu, KVM_GET_REGS, 8), EFAULT);
}

TEST(sregs, "segments, tables and control registers are what was set")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_sregs set = guest_sregs(&guest), got;

	set.fs.base = 0xffff800012345000;
	set.gs.base = 0x123456789000;
	set.fs.selector = 0x1b;
	set.gdt = (struct kvm_dtable){ .base = 0xffff888000001000, .limit = 0x7f };
	set.idt = (struct kvm_dtable){ .base = 0xffff888000002000, .limit = 0xfff };
	set.tr.base = 0x5000;
	set.tr.limit = 0x2067;
	set.ldt.base = 0x6000;
	set.ldt.limit = 0xff;
	set.cr2 = 0xffffffff81234567;
	set.cr4 |= CR4_OSFXSR | CR4_PGE | CR4_DE;
	set.cr0 |= CR0_WP | CR0_NE;
	set.efer |= 1;	/* SCE */
	REQUIRE_DONE(call(guest.cpu, KVM_SET_SREGS, &set));
	got = guest_sregs(&guest);
#define SAME(field)	EXPECT(!memcmp(&set.field, &got.field, sizeof(set.field)))
	SAME(cs); SAME(ds); SAME(es); SAME(fs); SAME(gs); SAME(ss); SAME(tr); SAME(ldt);
	SAME(gdt); SAME(idt); SAME(cr0); SAME(cr2); SAME(cr3); SAME(cr4); SAME(cr8); SAME(efer);
	SAME(apic_base);
#undef SAME
}

/* 4.14 says nothing of values; SDM 3A, 2.5, says which are no state that a CPU has. */
TEST(sregs_invalid, "combinations that no CPU has are refused, and change nothing")
{
	static const struct {
		const char *name;
		uint64_t cr0_set, cr0_clear, cr4_set, cr4_clear, efer_clear, apic_set;
	} rows[] = {
		{ "a reserved bit of CR4", .cr4_set = 1ull << 31 },
		{ "an upper bit of CR4", .cr4_set = 1ull << 40 },
		{ "an upper bit of CR0", .cr0_set = 1ull << 32 },
		{ "CR0.NW without CD", .cr0_set = CR0_NW, .cr0_clear = CR0_CD },
		{ "CR0.PG without PE", .cr0_clear = CR0_PE },
		{ "EFER.LMA and PG without PAE", .cr4_clear = CR4_PAE },
		{ "EFER.LME and PG without LMA", .efer_clear = 0x400 },
		{ "EFER.LMA without LME", .efer_clear = 0x100 },
		{ "a reserved bit of APIC_BASE", .apic_set = 1 },
	};
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);
	const struct kvm_sregs good = guest_sregs(&guest);

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct kvm_sregs bad = good, got;

			bad.cr0 = (bad.cr0 | row->cr0_set) & ~row->cr0_clear;
			bad.cr4 = (bad.cr4 | row->cr4_set) & ~row->cr4_clear;
			bad.efer &= ~row->efer_clear;
			bad.apic_base |= row->apic_set;
			EXPECT_ERROR(call(guest.cpu, KVM_SET_SREGS, &bad), EINVAL);
			got = guest_sregs(&guest);
			EXPECT_EQ(got.cr0, good.cr0);
			EXPECT_EQ(got.cr4, good.cr4);
			EXPECT_EQ(got.efer, good.efer);
			EXPECT_EQ(got.apic_base, good.apic_base);
		}
}

/* 4.131: with PAE paging, PDPTEs come and go with the rest. */
TEST(sregs2, "KVM_SET_SREGS2 sets PDPTEs, once they are said to be valid",
     REQUIRES(KVM_CAP_SREGS2))
{
	struct guest guest = guest_new(NULL, GUEST_PLAIN);
	struct kvm_sregs2 set, got;

	REQUIRE_DONE(call(guest.cpu, KVM_GET_SREGS2, &set));
	EXPECT_EQ(set.flags, 0);
	set.cr0 |= CR0_PG | CR0_PE;
	set.cr4 |= CR4_PAE;
	set.cr3 = 0x4000;
	for (int i = 0; i < 4; i++)
		set.pdptrs[i] = 0x5000 + i * PAGE + 1;
	set.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_SREGS2, &set));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_SREGS2, &got));
	/* With nested paging the CPU has them, and reads them when it likes. */
	if (got.flags & KVM_SREGS2_FLAGS_PDPTRS_VALID)
		EXPECT(!memcmp(got.pdptrs, set.pdptrs, sizeof(set.pdptrs)));
	EXPECT_EQ(got.cr3, set.cr3);
	SUBTEST("unknown flags") {
		set.flags = 2;
		EXPECT_ERROR(call(guest.cpu, KVM_SET_SREGS2, &set), EINVAL);
	}
	SUBTEST("PDPTEs without PAE paging") {
		set.flags = KVM_SREGS2_FLAGS_PDPTRS_VALID;
		set.cr4 &= ~(uint64_t)CR4_PAE;
		EXPECT_ERROR(call(guest.cpu, KVM_SET_SREGS2, &set), EINVAL);
	}
}

TEST(fpu, "x87 and SSE registers are what was set")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_fpu set = { 0 }, got;

	for (size_t i = 0; i < sizeof(set.xmm); i++)
		((uint8_t *)set.xmm)[i] = i * 7 + 1;
	for (int i = 0; i < 8; i++)
		for (int byte = 0; byte < 10; byte++)
			set.fpr[i][byte] = 0x10 * i + byte;
	set.fcw = 0x37f;
	set.fsw = 0x3800;
	set.ftwx = 0xff;
	set.last_opcode = 0x123;
	set.last_ip = 0x1122334455;
	set.last_dp = 0x6677889900;
	set.mxcsr = 0x1fa0;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_FPU, &set));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_FPU, &got));
	EXPECT(!memcmp(set.xmm, got.xmm, sizeof(set.xmm)));
	EXPECT(!memcmp(set.fpr, got.fpr, sizeof(set.fpr)));
	EXPECT_EQ(got.fcw, set.fcw);
	EXPECT_EQ(got.fsw, set.fsw);
	EXPECT_EQ(got.ftwx, set.ftwx);
	EXPECT_EQ(got.last_opcode, set.last_opcode);
	EXPECT_EQ(got.last_ip, set.last_ip);
	EXPECT_EQ(got.last_dp, set.last_dp);
}

TEST(fpu_used, "the guest has the x87 and SSE registers that KVM_SET_FPU set")
{
	struct guest guest = guest_new(&store_sse, GUEST_LONG);
	struct kvm_sregs sregs = guest_sregs(&guest);
	struct kvm_fpu set = { .fcw = 0x27f, .mxcsr = 0x1fa0 };

	sregs.cr4 |= CR4_OSFXSR;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_SREGS, &sregs));
	memset(set.xmm, 0x6b, sizeof(set.xmm));
	REQUIRE_DONE(call(guest.cpu, KVM_SET_FPU, &set));
	REQUIRE_EQ(guest_run(&guest), KVM_EXIT_HLT);
	EXPECT(!memcmp(guest.memory + 0x3000, set.xmm, 16));
}

/* SDM 1, 13.4: XMM registers at 160, MXCSR at 24, the header at 512. */
TEST(xsave, "KVM_GET_XSAVE, and KVM_SET_XSAVE of headers that XRSTOR would refuse",
     REQUIRES(KVM_CAP_XSAVE))
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_xsave *area = calloc(1, sizeof(*area)), *got = calloc(1, sizeof(*got));
	struct kvm_cpuid_entry2 *leaf = cpuid_entry(cpuid_supported(guest.kvm), 0xd, 0);
	uint8_t *bytes = (uint8_t *)area->region;

	if (!leaf)
		return skip("no XSAVE");
	REQUIRE_DONE(call(guest.cpu, KVM_GET_XSAVE, area));
	EXPECT_EQ(area->region[128] & ~leaf->eax, 0);	/* what of it is there */
	for (int i = 160; i < 416; i++)
		bytes[i] = i ^ 0x5a;
	area->region[128] |= 3;
	REQUIRE_DONE(call(guest.cpu, KVM_SET_XSAVE, area));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_XSAVE, got));
	EXPECT(!memcmp(bytes + 160, (uint8_t *)got->region + 160, 256));
	SUBTEST("a component that there is not") {
		area->region[129] |= 1u << 30;
		EXPECT_ERROR(call(guest.cpu, KVM_SET_XSAVE, area), EINVAL);
		area->region[129] &= ~(1u << 30);
	}
	SUBTEST("a reserved byte of the header") {
		area->region[134] = 1;
		EXPECT_ERROR(call(guest.cpu, KVM_SET_XSAVE, area), EINVAL);
		area->region[134] = 0;
	}
	SUBTEST("a reserved bit of MXCSR") {
		area->region[6] = 1u << 31;
		EXPECT_ERROR(call(guest.cpu, KVM_SET_XSAVE, area), EINVAL);
		area->region[6] = 0x1f80;
	}
	EXPECT_DONE(call(guest.cpu, KVM_SET_XSAVE, area));
}

/* 4.45; SDM 1, 13.3: which bits of XCR0 go with which. */
TEST(xcrs, "XCR0 is what was set, and never what XSETBV would refuse",
     REQUIRES(KVM_CAP_XCRS))
{
	static const struct {
		const char *name;
		uint32_t number, flags, xcr;
		uint64_t value;
		int error;
	} rows[] = {
		{ "x87 only", 1, 0, 0, 1, 0 }, { "x87 and SSE", 1, 0, 0, 3, 0 },
		{ "none at all: nothing to set", 0, 0, 0, 0, 0 },
		{ "without x87", 1, 0, 0, 2, EINVAL },
		{ "AVX without SSE", 1, 0, 0, 5, EINVAL },
		{ "a bit that there is not", 1, 0, 0, 1ull << 62 | 3, EINVAL },
		{ "flags", 1, 1, 0, 3, EINVAL }, { "too many", 17, 0, 0, 3, EINVAL },
	};
	struct guest guest = guest_new(NULL, GUEST_LONG);

	if (!cpuid_entry(cpuid_supported(guest.kvm), 0xd, 0))
		return skip("no XSAVE");
	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct kvm_xcrs set = { .nr_xcrs = row->number, .flags = row->flags }, got;
			int result;

			set.xcrs[0].xcr = row->xcr;
			set.xcrs[0].value = row->value;
			result = call(guest.cpu, KVM_SET_XCRS, &set);
			if (row->error) {
				EXPECT_ERROR(result, row->error);
				continue;
			}
			EXPECT_DONE(result);
			REQUIRE_DONE(call(guest.cpu, KVM_GET_XCRS, &got));
			EXPECT_EQ(got.nr_xcrs, 1);
			if (row->number)
				EXPECT_EQ(got.xcrs[0].value, row->value);
		}
}

/* 4.34; SDM 3B, 18.2: upper halves of DR6 and DR7 are reserved. */
TEST(debugregs, "debug registers are what was set; reserved bits are refused",
     REQUIRES(KVM_CAP_DEBUGREGS))
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_debugregs set = {
		.db = { 0x1000, 0xffff800000002000, 0x3003, 0x4004 },
		.dr6 = 0xffff0ff1, .dr7 = 0x33330455,
	}, got, bad;

	REQUIRE_DONE(call(guest.cpu, KVM_SET_DEBUGREGS, &set));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_DEBUGREGS, &got));
	EXPECT(!memcmp(got.db, set.db, sizeof(set.db)));
	EXPECT_EQ(got.dr6, set.dr6);
	EXPECT_EQ(got.dr7, set.dr7);
	bad = set;
	bad.dr6 |= 1ull << 32;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_DEBUGREGS, &bad), EINVAL);
	bad = set;
	bad.dr7 |= 1ull << 63;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_DEBUGREGS, &bad), EINVAL);
	bad = set;
	bad.flags = 1;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_DEBUGREGS, &bad), EINVAL);
}
