/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a VMM adds to KVM's SynIC (TLFS, "Virtual Interrupts", "Inter-Partition
 * Communication"): QEMU's hyperv-testdev, messages and events by hypercall.
 */
#include <apic.h>
#include <irq.h>
#include <memory.h>
#include <scope.h>
#include <test.h>

ONLY_ON(x86_64);

#define TESTDEV		0x3000
#define MSR_GUEST_OS	0x40000000
#define MSR_HYPERCALL	0x40000001
#define MSR_SCONTROL	0x40000080
#define MSR_SIEFP	0x40000082
#define MSR_SIMP	0x40000083
#define MSR_EOM		0x40000084
#define MSR_SINT(n)	(0x40000090 + (n))
#define ENABLE		1u
#define SINT_AUTO_EOI	BIT(17)
#define CALL_POST	0x5c
#define CALL_SIGNAL	(0x5d | BIT(16))	/* fast */
#define SINT_MESSAGE	8
#define SINT_EVENT	9
#define MESSAGE		0x10			/* connections */
#define EVENT		0x20
#define VECTOR		0xb0
#define PENDING		1u

enum { ROUTE_CREATE = 1, ROUTE_DESTROY, ROUTE_RAISE, MESSAGE_CREATE, MESSAGE_DESTROY,
	EVENT_CREATE, EVENT_DESTROY };

struct slot {
	u32 type;
	u8 size, flags, reserved[2];
	u64 sender;
	u64 payload[30];
};

static struct {
	volatile struct slot *messages;
	volatile u64 *events;
	u32 *input;
	void *hypercall;
} page;

static volatile u32 count;

static void counting(void *arg)
{
	(void)arg;
	count++;
}

static void testdev(u32 operation, u32 connection, u32 sint)
{
	out32(TESTDEV, connection << 24 | operation << 16 | sint);
}

static u16 hypercall(u64 call, u64 parameter)
{
	u64 status = call, input = parameter;

	asm volatile("xor %%r8, %%r8; call *%3"
		     : "=a"(status), "+c"(call), "+d"(input)
		     : "r"(page.hypercall) : "r8", "r9", "r10", "r11", "memory", "cc");
	return status;
}

static bool synic_begin(void)
{
	if (cpuid(0x40000001, 0).reg[0] != 0x31237648 ||
	    !(cpuid(0x40000003, 0).reg[0] & BIT(2)))
		return skip("no SynIC"), false;
	page.messages = pages_alloc_zeroed(1);
	page.events = pages_alloc_zeroed(1);
	page.input = pages_alloc_zeroed(1);
	page.hypercall = pages_alloc(1);
	apic_enable();
	wrmsr(MSR_GUEST_OS, 0x8100ull << 48);
	wrmsr(MSR_HYPERCALL, (uintptr_t)page.hypercall | ENABLE);
	wrmsr(MSR_SIMP, (uintptr_t)page.messages | ENABLE);
	wrmsr(MSR_SIEFP, (uintptr_t)page.events | ENABLE);
	wrmsr(MSR_SCONTROL, ENABLE);
	wrmsr(MSR_SINT(SINT_MESSAGE), VECTOR | SINT_AUTO_EOI);
	wrmsr(MSR_SINT(SINT_EVENT), VECTOR | SINT_AUTO_EOI);
	count = 0;
	return true;
}

static void synic_end(void)
{
	wrmsr(MSR_SINT(SINT_MESSAGE), BIT(16));
	wrmsr(MSR_SINT(SINT_EVENT), BIT(16));
	wrmsr(MSR_SCONTROL, 0);
	wrmsr(MSR_SIMP, 0);
	wrmsr(MSR_SIEFP, 0);
	wrmsr(MSR_HYPERCALL, 0);
}

static bool counts(u32 wanted)
{
	irq_wait(&count, wanted);
	return EXPECT_EQ(count, wanted);
}

TEST(raise, "a SINT that is raised is one interrupt, and none without a route")
{
	if (!synic_begin())
		return;
	WITH_IRQ(VECTOR, counting, NULL) {
		testdev(ROUTE_CREATE, 0, SINT_EVENT);
		testdev(ROUTE_RAISE, 0, SINT_EVENT);
		counts(1);
		testdev(ROUTE_DESTROY, 0, SINT_EVENT);
		counts(1);
	}
	synic_end();
}

static u16 post(u32 connection, u32 type, u64 payload)
{
	page.input[0] = connection;
	page.input[1] = 0;
	page.input[2] = type;
	page.input[3] = 8;
	memcpy(page.input + 4, &payload, sizeof(payload));
	return hypercall(CALL_POST, (uintptr_t)page.input);
}

TEST(message, "messages arrive in their slot, or wait until that is free")
{
	volatile struct slot *slot;

	if (!synic_begin())
		return;
	slot = &page.messages[SINT_MESSAGE];
	WITH_IRQ(VECTOR, counting, NULL) {
		testdev(MESSAGE_CREATE, MESSAGE, SINT_MESSAGE);
		EXPECT_EQ(post(MESSAGE, 0x123, 0xfedcba9876543210), 0);
		counts(1);
		EXPECT_EQ(slot->type, 0x123);
		EXPECT_EQ(slot->size, 8);
		EXPECT_EQ(slot->flags & PENDING, 0);
		EXPECT_EQ(slot->payload[0], 0xfedcba9876543210);
		/* The slot is taken: the second waits. */
		EXPECT_EQ(post(MESSAGE, 0x456, 2), 0);
		counts(1);
		EXPECT_EQ(slot->type, 0x123);
		EXPECT_EQ(slot->flags & PENDING, PENDING);
		slot->type = 0;
		wrmsr(MSR_EOM, 0);
		counts(2);
		EXPECT_EQ(slot->type, 0x456);
		EXPECT_EQ(slot->payload[0], 2);
		slot->type = 0;
		wrmsr(MSR_EOM, 0);
		testdev(MESSAGE_DESTROY, MESSAGE, SINT_MESSAGE);
		EXPECT(post(MESSAGE, 0x789, 3) != 0);
	}
	synic_end();
}

TEST(event, "an event sets its flag, and interrupts if that was clear")
{
	volatile u64 *flags;

	if (!synic_begin())
		return;
	flags = page.events + SINT_EVENT * 256 / 8;
	WITH_IRQ(VECTOR, counting, NULL) {
		testdev(EVENT_CREATE, EVENT, SINT_EVENT);
		EXPECT_EQ(hypercall(CALL_SIGNAL, EVENT), 0);
		counts(1);
		EXPECT_EQ(flags[0], BIT(EVENT));
		EXPECT_EQ(hypercall(CALL_SIGNAL, EVENT), 0);
		counts(1);
		flags[0] = 0;
		EXPECT_EQ(hypercall(CALL_SIGNAL, EVENT), 0);
		counts(2);
		testdev(EVENT_DESTROY, EVENT, SINT_EVENT);
		EXPECT(hypercall(CALL_SIGNAL, EVENT) != 0);
	}
	synic_end();
}
