/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Messages and events by hypercall (TLFS, "Inter-Partition Communication"): a message
 * is put into the target's slot and waits for that to be free; an event sets a flag and
 * interrupts if it was clear.
 *
 * Seven TESTs: who runs this image by itself counts its result lines.
 */
#include <apic.h>
#include <exception.h>
#include <hyperv.h>
#include <irq.h>
#include <memory.h>
#include <scope.h>
#include <smp.h>

#define SINT_MESSAGE	8
#define SINT_EVENT	9
#define VECTOR_MESSAGE	0xb0
#define VECTOR_EVENT	0xb1
#define MESSAGE(cpu)	(0x10 + (cpu))		/* connections */
#define EVENT(cpu)	(0x20 + (cpu))
#define UNKNOWN		0xf0
#define TYPE		0x1234567
#define SIZE		24

static struct arrivals messages, events;
static u32 *input;

struct connected_scope {
	struct scope scope;
};

static void sints_set(void *arg)
{
	(void)arg;
	wrmsr(MSR_HV_SINT(SINT_MESSAGE), VECTOR_MESSAGE | HV_SINT_AUTO_EOI);
	wrmsr(MSR_HV_SINT(SINT_EVENT), VECTOR_EVENT | HV_SINT_AUTO_EOI);
}

static void connected_leave(struct scope *scope)
{
	(void)scope;
	for (unsigned int cpu = 0; cpu < cpu_count(); cpu++) {
		hv_testdev(HV_MESSAGE_DESTROY, cpu, SINT_MESSAGE, MESSAGE(cpu));
		hv_testdev(HV_EVENT_DESTROY, cpu, SINT_EVENT, EVENT(cpu));
	}
	irq_set(VECTOR_MESSAGE, (struct irq){ .fn = NULL });
	irq_set(VECTOR_EVENT, (struct irq){ .fn = NULL });
}

static void connected_enter(struct connected_scope *scope)
{
	messages = (struct arrivals){ 0 };
	events = (struct arrivals){ 0 };
	input = pages_alloc_zeroed(1);
	irq_set(VECTOR_MESSAGE, (struct irq){ irq_arrive, &messages, .no_eoi = true });
	irq_set(VECTOR_EVENT, (struct irq){ irq_arrive, &events, .no_eoi = true });
	on_cpus(sints_set, NULL);
	for (unsigned int cpu = 0; cpu < cpu_count(); cpu++) {
		hv_testdev(HV_MESSAGE_CREATE, cpu, SINT_MESSAGE, MESSAGE(cpu));
		hv_testdev(HV_EVENT_CREATE, cpu, SINT_EVENT, EVENT(cpu));
	}
	scope_enter(&scope->scope, connected_leave);
}

#define WITH_CONNECTIONS()	WITH_SYNIC() SCOPE(connected_scope, connected_enter)

static bool absent(void)
{
	if (!hyperv_has(HV_SYNIC))
		return skip("no SynIC"), true;
	WITH_SYNIC()
		if (hv_call(HV_CALL_SIGNAL_EVENT | HV_CALL_FAST, UNKNOWN) ==
		    HV_STATUS_INVALID_CALL)
			return skip("no connections"), true;
	return cpu_count() > 16 ? (skip("more CPUs than connections"), true) : false;
}

static unsigned int next(void)
{
	return (cpu_index() + 1) % cpu_count();
}

static u16 post(u32 connection, u64 payload)
{
	input[0] = connection;
	input[1] = 0;
	input[2] = TYPE;
	input[3] = SIZE;
	for (unsigned int i = 0; i < SIZE / sizeof(payload); i++)
		memcpy(input + 4 + 2 * i, &payload, sizeof(payload));
	return hv_call(HV_CALL_POST_MESSAGE, (uintptr_t)input);
}

static u16 signal(u32 connection)
{
	return hv_call(HV_CALL_SIGNAL_EVENT | HV_CALL_FAST, connection);
}

struct take {
	const struct arrivals *arrivals;
	u32 wanted;
};

static void take_on(void *arg)
{
	const struct take *t = arg;

	irq_wait(&t->arrivals->at[cpu_index()], t->wanted);
}

/* The target takes what has come, and any that is too many. */
static void expect_taken(unsigned int cpu, const struct arrivals *arrivals, u32 wanted)
{
	struct take t = { arrivals, wanted };

	on_cpu(cpu, take_on, &t);
	EXPECT_EQ(arrivals->at[cpu], wanted);
}

static void expect_message(unsigned int cpu, u64 payload, unsigned int flags)
{
	volatile struct hv_message *slot = &hv_cpu(cpu)->messages[SINT_MESSAGE];

	EXPECT_EQ(slot->type, TYPE);
	EXPECT_EQ(slot->size, SIZE);
	EXPECT_EQ(slot->flags & HV_MESSAGE_PENDING, flags);
	for (unsigned int i = 0; i < SIZE / sizeof(payload); i++)
		EXPECT_EQ(slot->payload[i], payload);
}

static void message_to(unsigned int cpu)
{
	WITH_CONNECTIONS() {
		EXPECT_EQ(post(MESSAGE(cpu), 0xfedcba9876543210), HV_STATUS_SUCCESS);
		expect_taken(cpu, &messages, 1);
		expect_message(cpu, 0xfedcba9876543210, 0);
		for (unsigned int other = 0; other < cpu_count(); other++)
			if (other != cpu)
				EXPECT_EQ(hv_cpu(other)->messages[SINT_MESSAGE].type, 0);
	}
}

TEST(message_self, "a message to this CPU is in its slot, and interrupts once")
{
	if (!absent())
		message_to(cpu_index());
}

TEST(message_next, "a message to the next CPU is in that one's slot, and nobody else sees it")
{
	if (!absent())
		message_to(next());
}

static void first_then_second(unsigned int cpu)
{
	EXPECT_EQ(post(MESSAGE(cpu), 1), HV_STATUS_SUCCESS);
	expect_taken(cpu, &messages, 1);
	EXPECT_EQ(post(MESSAGE(cpu), 2), HV_STATUS_SUCCESS);
	expect_taken(cpu, &messages, 1);
	expect_message(cpu, 1, HV_MESSAGE_PENDING);
}

TEST(message_busy, "while the slot is taken a message waits, and a flag tells")
{
	if (absent())
		return;
	WITH_CONNECTIONS()
		first_then_second(next());
}

static void free_slot(void *arg)
{
	(void)arg;
	hv_cpu(cpu_index())->messages[SINT_MESSAGE].type = 0;
	wrmsr(MSR_HV_EOM, 0);
}

TEST(message_queued, "freed and told so, the slot takes the message that waits")
{
	unsigned int cpu = next();

	if (absent())
		return;
	WITH_CONNECTIONS() {
		first_then_second(cpu);
		on_cpu(cpu, free_slot, NULL);
		expect_taken(cpu, &messages, 2);
		expect_message(cpu, 2, 0);
	}
}

static void expect_event(unsigned int cpu)
{
	volatile u8 *flags = hv_cpu(cpu)->events + SINT_EVENT * HV_EVENT_BITS / 8;

	for (unsigned int byte = 0; byte < HV_EVENT_BITS / 8; byte++) {
		u8 want = byte == EVENT(cpu) / 8 ? BIT(EVENT(cpu) % 8) : 0;

		if (flags[byte] != want)
			EXPECT_EQ(flags[byte], want);
	}
}

static void event_to(unsigned int cpu)
{
	WITH_CONNECTIONS() {
		EXPECT_EQ(signal(EVENT(cpu)), HV_STATUS_SUCCESS);
		expect_taken(cpu, &events, 1);
		expect_event(cpu);
	}
}

TEST(event_self, "an event to this CPU sets its flag, and interrupts once")
{
	if (!absent())
		event_to(cpu_index());
}

TEST(event_next, "an event to the next CPU sets its flag; one to nobody is refused")
{
	if (absent())
		return;
	event_to(next());
	WITH_CONNECTIONS() {
		EXPECT_EQ(signal(UNKNOWN), HV_STATUS_INVALID_CONNECTION);
		EXPECT_EQ(post(UNKNOWN, 3), HV_STATUS_INVALID_CONNECTION);
		hv_testdev(HV_EVENT_DESTROY, next(), SINT_EVENT, EVENT(next()));
		EXPECT_EQ(signal(EVENT(next())), HV_STATUS_INVALID_CONNECTION);
		hv_testdev(HV_EVENT_CREATE, next(), SINT_EVENT, EVENT(next()));
	}
}

TEST(event_again, "while its flag is set an event does not interrupt")
{
	unsigned int cpu = next();

	if (absent())
		return;
	WITH_CONNECTIONS() {
		volatile u8 *flags = hv_cpu(cpu)->events + SINT_EVENT * HV_EVENT_BITS / 8;

		EXPECT_EQ(signal(EVENT(cpu)), HV_STATUS_SUCCESS);
		expect_taken(cpu, &events, 1);
		EXPECT_EQ(signal(EVENT(cpu)), HV_STATUS_SUCCESS);
		expect_taken(cpu, &events, 1);
		expect_event(cpu);
		flags[EVENT(cpu) / 8] = 0;
		EXPECT_EQ(signal(EVENT(cpu)), HV_STATUS_SUCCESS);
		expect_taken(cpu, &events, 2);
	}
}
