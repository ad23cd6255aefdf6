/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * KVM's own hypercalls as their other end sees them: Documentation/virt/kvm/x86/
 * hypercalls.rst.
 */
#include <string.h>

#include "api/guest.h"
#include "api/test.h"

/* With what the registers say; RAX goes to 0x3000. */
CODE64(vmmcall, "vmmcall; mov %rax, (0x3000); out %al, $0x80");
CODE64(vmcall, "vmcall; mov %rax, (0x3000); out %al, $0x80");

#define VAPIC_POLL_IRQ	1
#define KICK_CPU	5
#define CLOCK_PAIRING	9
#define SEND_IPI	10
#define SCHED_YIELD	11
#define ENOSYS_KVM	1000

static bool is_amd(const struct guest *guest)
{
	return cpuid_entry(cpuid_supported(guest->kvm), 0, 0)->ebx == 0x68747541;
}

/* What the hypercall returns; the TEST ends if it never does. */
static int64_t hypercall(struct guest *guest, uint64_t number, uint64_t a, uint64_t b,
			 uint64_t c, uint64_t d)
{
	struct kvm_regs regs;
	int64_t result;

	guest_start(guest, is_amd(guest) ? &vmmcall : &vmcall);
	regs = guest_regs(guest);
	regs.rax = number;
	regs.rbx = a;
	regs.rcx = b;
	regs.rdx = c;
	regs.rsi = d;
	REQUIRE_DONE(call(guest->cpu, KVM_SET_REGS, &regs));
	REQUIRE_EQ(guest_run_briefly(guest), KVM_EXIT_IO);
	memcpy(&result, guest->memory + 0x3000, sizeof(result));
	return result;
}

TEST(simple, "hypercalls that there are, and others")
{
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);

	EXPECT_EQ(hypercall(&guest, VAPIC_POLL_IRQ, 0, 0, 0, 0), 0);
	EXPECT_EQ(hypercall(&guest, 9999, 0, 0, 0, 0), -ENOSYS_KVM);
	EXPECT_EQ(hypercall(&guest, KICK_CPU, 0, 0, 0, 0), 0);
	EXPECT_EQ(hypercall(&guest, SCHED_YIELD, 0, 0, 0, 0), 0);
	/* Nobody has this id. */
	EXPECT_EQ(hypercall(&guest, SCHED_YIELD, 77, 0, 0, 0), 0);
}

/* "KVM_HC_SEND_IPI: a0, a1: bitmap; a2: lowest APIC id; a3: ICR" */
TEST(send_ipi, "one hypercall interrupts several CPUs, and says how many")
{
	struct guest guest = guest_new(NULL, GUEST_LONG | GUEST_IRQCHIP);
	struct guest others[3];

	guest_takes_interrupts(&guest);
	for (unsigned int i = 0; i < 3; i++) {
		others[i] = guest;
		others[i].cpu = cpu_new(guest.vm, i + 1);
		guest_takes_interrupts(&others[i]);
	}
	EXPECT_EQ(hypercall(&guest, SEND_IPI, 0xa, 0, 0, 0x4061), 2);
	EXPECT(guest_requests(&others[0], 0x61));
	EXPECT(!guest_requests(&others[1], 0x61));
	EXPECT(guest_requests(&others[2], 0x61));
	EXPECT(!guest_requests(&guest, 0x61));
	SUBTEST("from another id on") {
		EXPECT_EQ(hypercall(&guest, SEND_IPI, 1, 0, 2, 0x4062), 1);
		EXPECT(guest_requests(&others[1], 0x62));
		EXPECT(!guest_requests(&others[0], 0x62));
	}
	SUBTEST("to nobody")
		EXPECT_EQ(hypercall(&guest, SEND_IPI, 1, 0, 500, 0x4063), 0);
}

/* "KVM_CLOCK_PAIRING_WALLCLOCK": seconds, nanoseconds, TSC, flags. */
TEST(clock_pairing, "CLOCK_PAIRING pairs the host's clock with the TSC, or cannot")
{
	struct guest guest = guest_new(NULL, GUEST_LONG);
	int64_t result = hypercall(&guest, CLOCK_PAIRING, 0x4000, 0, 0, 0);
	int64_t sec;

	if (result == -95 || result == -ENOSYS_KVM)	/* KVM_EOPNOTSUPP */
		return skip("this host's clock is not the TSC");
	EXPECT_EQ(result, 0);
	memcpy(&sec, guest.memory + 0x4000, sizeof(sec));
	EXPECT(sec > 1500000000);
	EXPECT_EQ(hypercall(&guest, CLOCK_PAIRING, 0x4000, 7, 0, 0), -95);
}
