/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is pending for a CPU: api.rst, 4.16 KVM_INTERRUPT, 4.31 and 4.32 events, 4.38
 * run state, 4.64 KVM_NMI, 4.96 KVM_SMI, 7.17 exception payloads.
 */
#include <errno.h>
#include <string.h>

#include "api/guest.h"
#include "api/test.h"

/* Handlers of real mode: each tells its vector's number, and halts. */
CODE16(wait, "sti; nop; 1: nop; jmp 1b");
CODE16(closed, "cli; nop; nop; nop; hlt");
#define HANDLER		0x2000u		/* of vector v: + 16 * v */

static void handlers_put(struct guest *guest)
{
	uint16_t *table = (uint16_t *)guest->memory;

	for (unsigned int vector = 0; vector < 256; vector++) {
		uint8_t *code = guest->memory + HANDLER + 16 * vector;

		table[2 * vector] = HANDLER + 16 * vector;
		table[2 * vector + 1] = 0;
		memcpy(code, (uint8_t[]){ 0xb0, vector, 0xe6, 0x80, 0xf4 }, 5);
	}
}

/* mov $vector, %al; out %al, $0x80; hlt */
static void expect_vector(struct guest *guest, unsigned int vector)
{
	uint32_t value = 0;

	EXPECT_EQ(guest_run(guest), KVM_EXIT_IO);
	EXPECT(guest_port_out(guest, 0x80, 1, &value));
	EXPECT_EQ(value, vector);
}

static struct guest guest_handling(const struct code *code, unsigned int with)
{
	struct guest guest = guest_new(code, with);

	handlers_put(&guest);
	return guest;
}

static struct kvm_vcpu_events events_of(const struct guest *guest)
{
	struct kvm_vcpu_events events = { 0 };

	REQUIRE_DONE(call(guest->cpu, KVM_GET_VCPU_EVENTS, &events));
	return events;
}

static int events_set(const struct guest *guest, const struct kvm_vcpu_events *events)
{
	return call(guest->cpu, KVM_SET_VCPU_EVENTS, events);
}

/* 4.16: -EEXIST, -EINVAL, -ENXIO, -EFAULT */
TEST(interrupt, "KVM_INTERRUPT: delivered; twice, of no such vector, with an irqchip")
{
	struct guest guest = guest_handling(&wait, GUEST_PLAIN);
	struct kvm_interrupt irq = { .irq = 0x31 }, bad = { .irq = 256 };

	EXPECT_ERROR(call(guest.cpu, KVM_INTERRUPT, &bad), EINVAL);
	EXPECT_ERROR(call(guest.cpu, KVM_INTERRUPT, 8), EFAULT);
	EXPECT_DONE(call(guest.cpu, KVM_INTERRUPT, &irq));
	EXPECT_EQ(events_of(&guest).interrupt.nr, 0x31);
	EXPECT_EQ(events_of(&guest).interrupt.injected, 1);
	EXPECT_EQ(events_of(&guest).interrupt.soft, 0);
	expect_vector(&guest, 0x31);
	EXPECT_EQ(events_of(&guest).interrupt.injected, 0);
	SUBTEST("an irqchip is in the kernel") {
		struct guest other = guest_new(NULL, GUEST_IRQCHIP);

		EXPECT_ERROR(call(other.cpu, KVM_INTERRUPT, &irq), ENXIO);
	}
}

/* 5: request_interrupt_window, ready_for_interrupt_injection, if_flag */
TEST(window, "request_interrupt_window exits once interrupts can be taken")
{
	struct guest guest = guest_handling(&wait, GUEST_PLAIN);
	struct kvm_interrupt irq = { .irq = 0x40 };

	guest.run->request_interrupt_window = 1;
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_IRQ_WINDOW_OPEN);
	EXPECT_EQ(guest.run->ready_for_interrupt_injection, 1);
	EXPECT_EQ(guest.run->if_flag, 1);
	guest.run->request_interrupt_window = 0;
	REQUIRE_DONE(call(guest.cpu, KVM_INTERRUPT, &irq));
	expect_vector(&guest, 0x40);
	SUBTEST("never, while IF is clear") {
		guest_start(&guest, &closed);
		guest.run->request_interrupt_window = 1;
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(guest.run->ready_for_interrupt_injection, 0);
		EXPECT_EQ(guest.run->if_flag, 0);
	}
}

/* 4.64 */
TEST(nmi, "KVM_NMI is taken, and blocks the next one up to IRET", REQUIRES(KVM_CAP_USER_NMI))
{
	struct guest guest = guest_handling(&closed, GUEST_PLAIN);
	struct kvm_vcpu_events events;

	REQUIRE_DONE(call(guest.cpu, KVM_NMI, 0));
	events = events_of(&guest);
	EXPECT_EQ(events.nmi.pending + events.nmi.injected, 1);
	EXPECT_EQ(events.nmi.masked, 0);
	expect_vector(&guest, 2);
	events = events_of(&guest);
	EXPECT_EQ(events.nmi.masked, 1);
	EXPECT_EQ(events.nmi.pending + events.nmi.injected, 0);
	SUBTEST("another one waits") {
		REQUIRE_DONE(call(guest.cpu, KVM_NMI, 0));
		EXPECT_EQ(guest_run(&guest), KVM_EXIT_HLT);
		EXPECT_EQ(events_of(&guest).nmi.pending, 1);
	}
	SUBTEST("user space may unmask") {
		events = events_of(&guest);
		events.nmi.masked = 0;
		REQUIRE_DONE(events_set(&guest, &events));
		expect_vector(&guest, 2);
	}
}

/* 4.32: what is set is what is delivered. */
TEST(exceptions, "an exception that is set as pending or injected is delivered")
{
	static const struct {
		const char *name;
		unsigned int vector;
	} rows[] = { { "#DE", 0 }, { "#UD", 6 }, { "#NM", 7 }, { "#GP", 13 }, { "#MF", 16 } };

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct guest guest = guest_handling(&closed, GUEST_PLAIN);
			struct kvm_vcpu_events events = events_of(&guest);

			events.exception.injected = 1;
			events.exception.nr = row->vector;
			REQUIRE_DONE(events_set(&guest, &events));
			EXPECT_EQ(events_of(&guest).exception.injected, 1);
			EXPECT_EQ(events_of(&guest).exception.nr, row->vector);
			expect_vector(&guest, row->vector);
			EXPECT_EQ(events_of(&guest).exception.injected, 0);
		}
}

TEST(events_round_trip, "each event that is set can be read back")
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_vcpu_events set = { 0 }, got;

	set.interrupt.injected = 1;
	set.interrupt.nr = 0x77;
	set.interrupt.shadow = KVM_X86_SHADOW_INT_STI;
	set.nmi.injected = 1;
	set.nmi.pending = 1;
	set.nmi.masked = 1;
	set.sipi_vector = 0x9a;
	set.flags = KVM_VCPUEVENT_VALID_NMI_PENDING | KVM_VCPUEVENT_VALID_SHADOW |
		KVM_VCPUEVENT_VALID_SIPI_VECTOR;
	REQUIRE_DONE(events_set(&guest, &set));
	got = events_of(&guest);
	EXPECT_EQ(got.interrupt.injected, 1);
	EXPECT_EQ(got.interrupt.nr, 0x77);
	/* AMD has one shadow for both. */
	EXPECT(got.interrupt.shadow & KVM_X86_SHADOW_INT_STI);
	EXPECT_EQ(got.nmi.injected, 1);
	EXPECT_EQ(got.nmi.pending, 1);
	EXPECT_EQ(got.nmi.masked, 1);
	SUBTEST("what flags do not name stays as it is") {
		set.flags = 0;
		set.nmi.pending = 0;
		set.interrupt.shadow = 0;
		REQUIRE_DONE(events_set(&guest, &set));
		got = events_of(&guest);
		EXPECT_EQ(got.nmi.pending, 1);
		EXPECT(got.interrupt.shadow & KVM_X86_SHADOW_INT_STI);
	}
}

TEST(events_invalid, "events that cannot be are refused")
{
	struct guest guest = guest_new(NULL, GUEST_IRQCHIP);
	struct kvm_vcpu_events events;

	SUBTEST("unknown flags") {
		events = events_of(&guest);
		events.flags |= 1u << 30;
		EXPECT_ERROR(events_set(&guest, &events), EINVAL);
	}
	SUBTEST("NMI as an exception") {
		events = events_of(&guest);
		events.exception.injected = 1;
		events.exception.nr = 2;
		EXPECT_ERROR(events_set(&guest, &events), EINVAL);
	}
	SUBTEST("an exception above 31") {
		events = events_of(&guest);
		events.exception.injected = 1;
		events.exception.nr = 32;
		EXPECT_ERROR(events_set(&guest, &events), EINVAL);
	}
	SUBTEST("payloads, not enabled") {
		events = events_of(&guest);
		events.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
		EXPECT_ERROR(events_set(&guest, &events), EINVAL);
	}
	EXPECT_ERROR(call(guest.cpu, KVM_SET_VCPU_EVENTS, 8), EFAULT);
	EXPECT_ERROR(call(guest.cpu, KVM_GET_VCPU_EVENTS, 8), EFAULT);
}

/* 7.17: CR2 and DR6 change when the exception is delivered, not before. */
TEST(payload, "with KVM_CAP_EXCEPTION_PAYLOAD a page fault's CR2 comes with its delivery",
     REQUIRES(KVM_CAP_EXCEPTION_PAYLOAD))
{
	struct guest guest = guest_handling(&closed, GUEST_PLAIN);
	struct kvm_vcpu_events events;

	REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_EXCEPTION_PAYLOAD, 1));
	events = events_of(&guest);
	events.flags |= KVM_VCPUEVENT_VALID_PAYLOAD;
	events.exception.pending = 1;
	events.exception.nr = 14;
	events.exception_has_payload = 1;
	events.exception_payload = 0xcafe000;
	REQUIRE_DONE(events_set(&guest, &events));
	EXPECT_EQ(events_of(&guest).exception.pending, 1);
	EXPECT_EQ(events_of(&guest).exception_payload, 0xcafe000);
	EXPECT(guest_sregs(&guest).cr2 != 0xcafe000);
	expect_vector(&guest, 14);
	EXPECT_EQ(guest_sregs(&guest).cr2, 0xcafe000);
	SUBTEST("pending and injected at once: it is pending") {
		events.exception.pending = events.exception.injected = 1;
		REQUIRE_DONE(events_set(&guest, &events));
		EXPECT_EQ(events_of(&guest).exception.pending, 1);
		EXPECT_EQ(events_of(&guest).exception.injected, 0);
	}
}

/* 7.33's sibling: a triple fault that has not been told yet is state, too. */
TEST(triple_fault, "a pending triple fault can be set, and ends the guest",
     REQUIRES(KVM_CAP_X86_TRIPLE_FAULT_EVENT))
{
	struct guest guest = guest_new(&wait, GUEST_PLAIN);
	struct kvm_vcpu_events events = events_of(&guest);

	events.flags |= KVM_VCPUEVENT_VALID_TRIPLE_FAULT;
	events.triple_fault.pending = 1;
	EXPECT_ERROR(events_set(&guest, &events), EINVAL);	/* not enabled */
	REQUIRE_DONE(kvm_enable(guest.vm, KVM_CAP_X86_TRIPLE_FAULT_EVENT, 1));
	REQUIRE_DONE(events_set(&guest, &events));
	EXPECT_EQ(events_of(&guest).triple_fault.pending, 1);
	EXPECT_EQ(guest_run(&guest), KVM_EXIT_SHUTDOWN);
}

/* 4.39 */
TEST(mp_state, "run states with a local APIC in the kernel, and without")
{
	static const struct {
		const char *name;
		uint32_t state;
		bool without, with;	/* an APIC in the kernel */
	} rows[] = {
		{ "RUNNABLE", KVM_MP_STATE_RUNNABLE, true, true },
		{ "UNINITIALIZED", KVM_MP_STATE_UNINITIALIZED, false, true },
		{ "INIT_RECEIVED", KVM_MP_STATE_INIT_RECEIVED, false, true },
		{ "HALTED", KVM_MP_STATE_HALTED, false, true },
		{ "STOPPED, which is not x86's", KVM_MP_STATE_STOPPED, false, false },
		{ "an unknown one", 99, false, false },
	};
	struct guest plain = guest_new(NULL, GUEST_PLAIN), apic = guest_new(NULL, GUEST_IRQCHIP);

	for_each(row, rows)
		SUBTEST("%s", row->name) {
			struct kvm_mp_state state = { row->state }, got = { 99 };
			int result = call(plain.cpu, KVM_SET_MP_STATE, &state);

			if (row->without)
				EXPECT_DONE(result);
			else
				EXPECT_ERROR(result, EINVAL);
			result = call(apic.cpu, KVM_SET_MP_STATE, &state);
			if (!row->with) {
				EXPECT_ERROR(result, EINVAL);
				continue;
			}
			EXPECT_DONE(result);
			REQUIRE_DONE(call(apic.cpu, KVM_GET_MP_STATE, &got));
			EXPECT_EQ(got.mp_state, row->state);
		}
}
