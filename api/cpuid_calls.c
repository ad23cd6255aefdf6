/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPUID as user space gets and sets it: api.rst, 4.20, 4.46 KVM_GET_SUPPORTED_CPUID,
 * 4.88 KVM_GET_EMULATED_CPUID, 4.118 KVM_GET_SUPPORTED_HV_CPUID, 8.28.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "api/guest.h"
#include "api/test.h"

/* CPUID of what EAX and ECX say; the four registers to 0x3000. */
CODE64(cpuid, "cpuid; mov $0x3000, %edi; mov %eax, (%rdi); mov %ebx, 4(%rdi);"
	      "mov %ecx, 8(%rdi); mov %edx, 12(%rdi); hlt");

/* RDMSR of KVM_SYSTEM_TIME_NEW. */
CODE64(kvmclock, "mov $0x4b564d01, %ecx; rdmsr; hlt");

struct four {
	uint32_t eax, ebx, ecx, edx;
};

static struct four ask(struct guest *guest, uint32_t leaf, uint32_t subleaf)
{
	struct kvm_regs regs;
	struct four got;

	guest_start(guest, &cpuid);
	regs = guest_regs(guest);
	regs.rax = leaf;
	regs.rcx = subleaf;
	REQUIRE_DONE(call(guest->cpu, KVM_SET_REGS, &regs));
	REQUIRE_EQ(guest_run(guest), KVM_EXIT_HLT);
	memcpy(&got, guest->memory + 0x3000, sizeof(got));
	return got;
}

/* 4.46: "E2BIG … the number of entries"; "ENOMEM" is of old kernels. */
TEST(sizes, "KVM_GET_SUPPORTED_CPUID and its like with too little room, and much too much")
{
	static const struct {
		const char *name;
		unsigned long request;
		bool of_cpu;
		unsigned int needs;
	} lists[] = {
		{ "KVM_GET_SUPPORTED_CPUID", KVM_GET_SUPPORTED_CPUID, false, 0 },
		{ "KVM_GET_EMULATED_CPUID", KVM_GET_EMULATED_CPUID, false,
		  KVM_CAP_EXT_EMUL_CPUID },
		{ "KVM_GET_SUPPORTED_HV_CPUID", KVM_GET_SUPPORTED_HV_CPUID, false,
		  KVM_CAP_SYS_HYPERV_CPUID },
		{ "KVM_GET_CPUID2", KVM_GET_CPUID2, true, 0 },
	};
	struct guest guest = guest_new(NULL, GUEST_LONG);

	for_each(one, lists)
		SUBTEST("%s", one->name) {
			int fd = one->of_cpu ? guest.cpu : guest.kvm;
			struct kvm_cpuid2 *list = cpuid_supported(guest.kvm);
			uint32_t count;

			if (one->needs && kvm_has(guest.kvm, one->needs) <= 0) {
				skip("there is none");
				continue;
			}
			list->nent = CPUID_MOST;
			REQUIRE_DONE(call(fd, one->request, list));
			count = list->nent;
			EXPECT(count > 0);
			list->nent = count - 1;
			EXPECT_ERROR(call(fd, one->request, list), E2BIG);
			/* Emulated ones need room for what is left out in the end. */
			list->nent = one->request == KVM_GET_EMULATED_CPUID ? CPUID_MOST : count;
			EXPECT_DONE(call(fd, one->request, list));
			EXPECT_EQ(list->nent, count);
			EXPECT_ERROR(call(fd, one->request, 8), EFAULT);
		}
}

TEST(set, "KVM_GET_CPUID2 gives what KVM_SET_CPUID2 took")
{
	struct guest guest = guest_new(NULL, GUEST_NO_CPUID);
	struct kvm_cpuid2 *set = cpuid_supported(guest.kvm), *got = cpuid_supported(guest.kvm);

	REQUIRE_DONE(call(guest.cpu, KVM_SET_CPUID2, set));
	REQUIRE_DONE(call(guest.cpu, KVM_GET_CPUID2, got));
	for (uint32_t i = 0; i < set->nent; i++) {
		const struct kvm_cpuid_entry2 *a = &set->entries[i], *b = &got->entries[i];

		/* Registers that follow others: XCR0's size, OSXSAVE, MONITOR, APIC ids. */
		SUBTEST("leaf %#x, %u", a->function, a->index) {
			EXPECT_EQ(b->function, a->function);
			EXPECT_EQ(b->index, a->index);
			EXPECT_EQ(b->eax, a->eax);
			if (a->function != 0xd && a->function != 1)
				EXPECT_EQ(b->ebx, a->ebx);
		}
	}
	set->nent = CPUID_MOST + 1;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_CPUID2, set), E2BIG);
	EXPECT_ERROR(call(guest.cpu, KVM_SET_CPUID2, 8), EFAULT);
}

TEST(seen, "the guest sees what was set, but for bits that follow its registers")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_cpuid2 *set = cpuid_supported(guest.kvm);
	struct kvm_sregs sregs = guest_sregs(&guest);
	struct four got;

	for (uint32_t i = 0; i < set->nent; i++) {
		const struct kvm_cpuid_entry2 *e = &set->entries[i];

		/* Those of which other words are dynamic, too: 1, 7, 0xd, KVM's own. */
		if (e->function == 1 || e->function == 7 || e->function == 0xd ||
		    e->function >= 0x80000000 || e->function >> 28 == 4)
			continue;
		SUBTEST("leaf %#x, %u", e->function, e->index) {
			got = ask(&guest, e->function, e->index);
			EXPECT_EQ(got.eax, e->eax);
			EXPECT_EQ(got.ebx, e->ebx);
			EXPECT_EQ(got.ecx, e->ecx);
			EXPECT_EQ(got.edx, e->edx);
		}
	}
	SUBTEST("OSXSAVE is CR4.OSXSAVE") {
		if (!(cpuid_entry(set, 1, 0)->ecx >> 26 & 1)) {
			skip("no XSAVE");
		} else {
			EXPECT_EQ(ask(&guest, 1, 0).ecx >> 27 & 1, 0);
			sregs.cr4 |= 1 << 18;
			REQUIRE_DONE(call(guest.cpu, KVM_SET_SREGS, &sregs));
			EXPECT_EQ(ask(&guest, 1, 0).ecx >> 27 & 1, 1);
		}
	}
}

/* SDM 2A, CPUID: beyond the highest basic leaf Intel answers with that one, AMD zeros. */
TEST(beyond, "leaves that there are not, as CPUs of this vendor answer")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_cpuid2 *set = cpuid_supported(guest.kvm);
	uint32_t highest = cpuid_entry(set, 0, 0)->eax;
	bool intel = cpuid_entry(set, 0, 0)->ebx == 0x756e6547;
	struct four got = ask(&guest, 0x3fffffff, 0), last = ask(&guest, highest, 0);

	EXPECT_EQ(got.eax, intel ? last.eax : 0);
	EXPECT_EQ(got.ebx, intel ? last.ebx : 0);
	got = ask(&guest, 0x8fffffff, 0);
	EXPECT_EQ(got.eax, intel ? last.eax : 0);
}

/* "the CPUID of a CPU that has run cannot change" since Linux 5.16; the same is taken. */
TEST(after_run, "a CPU that has run keeps its CPUID")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	struct kvm_cpuid2 *set = cpuid_supported(guest.kvm);

	ask(&guest, 0, 0);
	REQUIRE_DONE(call(guest.cpu, KVM_GET_CPUID2, set));
	EXPECT_DONE(call(guest.cpu, KVM_SET_CPUID2, set));
	cpuid_entry(set, 0, 0)->ebx ^= 1;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_CPUID2, set), EINVAL);
	cpuid_entry(set, 0, 0)->ebx ^= 1;
	set->nent--;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_CPUID2, set), EINVAL);
}

TEST(impossible, "a number of address bits that no CPU has is refused")
{
	struct guest guest = guest_new(NULL, GUEST_NO_CPUID);
	struct kvm_cpuid2 *set = cpuid_supported(guest.kvm);
	struct kvm_cpuid_entry2 *size = cpuid_entry(set, 0x80000008, 0);

	if (!size)
		return skip("no leaf 0x80000008");
	size->eax = (size->eax & ~0xff00u) | 47 << 8;
	EXPECT_ERROR(call(guest.cpu, KVM_SET_CPUID2, set), EINVAL);
	size->eax = (size->eax & ~0xff00u) | 48 << 8;
	EXPECT_DONE(call(guest.cpu, KVM_SET_CPUID2, set));
}

/* 8.28: what CPUID does not announce is then not there. */
TEST(pv_features, "with KVM_CAP_ENFORCE_PV_FEATURE_CPUID, kvmclock's MSR follows CPUID",
     REQUIRES(KVM_CAP_ENFORCE_PV_FEATURE_CPUID, KVM_CAP_X86_USER_SPACE_MSR))
{
	static const struct {
		const char *name;
		bool enforce, announced, there;
	} rows[] = {
		{ "announced", true, true, true }, { "not announced", true, false, false },
		{ "not announced, not enforced", false, false, true },
	};

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct guest guest = guest_new(&kvmclock, GUEST_NO_CPUID | GUEST_LONG);
			struct kvm_cpuid2 *set = cpuid_supported(guest.kvm);
			struct kvm_cpuid_entry2 *leaf = cpuid_entry(set, 0x40000001, 0);

			REQUIRE(leaf);
			if (!row->announced)
				leaf->eax = 0;
			if (row->enforce)
				REQUIRE_DONE(kvm_enable(guest.cpu,
							KVM_CAP_ENFORCE_PV_FEATURE_CPUID, 1));
			REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_USER_SPACE_MSR,
						KVM_MSR_EXIT_REASON_UNKNOWN |
						KVM_MSR_EXIT_REASON_INVAL));
			REQUIRE_DONE(call(guest.cpu, KVM_SET_CPUID2, set));
			EXPECT_EQ(guest_run(&guest), row->there ? KVM_EXIT_HLT :
				  KVM_EXIT_X86_RDMSR);
		}
}
