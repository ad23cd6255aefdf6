/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Events that the host injects at the hard moments: several at once, in shadows, while
 * NMIs are blocked (SDM 3A, "Priority Among Simultaneous Exceptions and Interrupts",
 * "Handling Multiple NMIs", "Masking Exceptions and Interrupts When Switching Stacks").
 * Machine checks and SMIs are in inject/.
 */
#include <apic.h>
#include <asm/cpu.h>
#include <boot.h>
#include <exception.h>
#include <irq.h>
#include <scope.h>
#include <smp.h>
#include <testdev.h>

#define VECTOR		0x49
#define MSI_ADDRESS	0xfee00000u
#define MSI_LOGICAL	BIT(2)		/* of the address */
#define MSI_NMI		0x400u		/* of the data */
#define SHADOW_SS	1
#define SHADOW_STI	2

static u64 msi_to(u32 id)
{
	return MSI_ADDRESS | id << 12;
}

/* In which order, and at which instructions. */
static struct {
	u32 order, nmis, irqs;
	uintptr_t nmi_ip;
} taken;

static bool on_nmi(struct frame *frame)
{
	taken.order = taken.order * 10 + 1;
	taken.nmi_ip = frame->ip;
	atomic_add(&taken.nmis, 1);
	return true;
}

static void on_irq(void *arg)
{
	(void)arg;
	taken.order = taken.order * 10 + 2;
	atomic_add(&taken.irqs, 1);
}

#define WITH_EVENTS()							\
	memset(&taken, 0, sizeof(taken));				\
	WITH_HANDLER(VECTOR_NMI, on_nmi) WITH_IRQ(VECTOR, on_irq, NULL)

/* The request itself is the instruction in the shadow, or before the moment. */
extern const char asked_behind[], asked_second[];

static __attribute__((noinline)) void ask_in_sti_shadow(struct abi_request *request)
{
	asm volatile("sti\n"
		     "outl %0, %w1\n"
		     ".globl asked_behind, asked_second\n"
		     "asked_behind: nop\n"
		     "asked_second: nop\n"
		     : : "a"((u32)(uintptr_t)request),
		     "d"(boot_info.host->port + ABI_PORT_REQUEST) : "memory");
	irq_let_in();
}

static struct abi_request request_of(u32 operation, u64 first, u64 second)
{
	return (struct abi_request){
		.operation = operation, .argument = { first, second },
	};
}

static struct abi_events events_now(void)
{
	struct abi_events events = { 0 };

	ASK(EVENTS_GET, ABI_SELF, (uintptr_t)&events);
	asm volatile("" : "+m"(events) : : "memory");
	return events;
}

TEST(order, "an NMI is taken before an interrupt that waits as well",
     DEVICE(TESTDEV_NMI, TESTDEV_MSI))
{
	struct abi_request request = request_of(ABI_REQUEST_NMI, ABI_SELF, 0);

	apic_enable();
	WITH_EVENTS() {
		ASK(MSI, msi_to(apic_id()), VECTOR);
		EXPECT_EQ(taken.order, 0);
		ask_in_sti_shadow(&request);
		EXPECT_EQ(request.status, ABI_REQUEST_DONE);
		irq_wait(&taken.irqs, 1);
		EXPECT_EQ(taken.order, 12);
	}
}

static const struct {
	const char *name;
	u8 shadow;
	bool delayed;
} shadows[] = {
	{ "none", 0, false },
	{ "of MOV SS", SHADOW_SS, true },
};

TEST(shadow, "an NMI that is pending is taken behind the shadow that is in force",
     DEVICE(TESTDEV_EVENTS))
{
	for_each(row, shadows) SUBTEST("%s", row->name) {
		struct abi_events events = events_now();
		struct abi_request request;

		events.nmi_pending = 1;
		events.shadow = row->shadow;
		request = request_of(ABI_REQUEST_EVENTS_SET, ABI_SELF, (uintptr_t)&events);
		asm volatile("" : : "m"(events));
		WITH_EVENTS() {
			ask_in_sti_shadow(&request);
			EXPECT_TAKEN(&taken.nmis, 1);
			EXPECT_EQ(taken.nmi_ip, (uintptr_t)(row->delayed ? asked_second :
							    asked_behind));
		}
	}
}

TEST(blocked, "NMIs that are blocked wait for an IRET, all as one",
     DEVICE(TESTDEV_EVENTS, TESTDEV_NMI))
{
	struct abi_events events = events_now();

	events.nmi_masked = 1;
	asm volatile("" : : "m"(events));
	WITH_EVENTS() {
		ASK(EVENTS_SET, ABI_SELF, (uintptr_t)&events);
		EXPECT(events_now().nmi_masked);
		for (unsigned int i = 0; i < 3; i++)
			ASK(NMI, ABI_SELF);
		irq_exit();
		EXPECT_EQ(taken.nmis, 0);
		/* Its handler returns by IRET. */
		TRY("ud2");
		irq_let_in();
		EXPECT_EQ(taken.nmis, 1);
		EXPECT(!events_now().nmi_masked);
	}
}

static u32 in_handler;

static bool ask_inside(struct frame *frame)
{
	(void)frame;
	if (!taken.nmis) {
		for (unsigned int i = 0; i < 3; i++)
			ASK(NMI, ABI_SELF);
		irq_exit();
		in_handler = taken.nmis;
	}
	taken.nmis++;
	return true;
}

TEST(inside, "of three NMIs that come in an NMI's handler, one is taken behind it",
     DEVICE(TESTDEV_NMI))
{
	memset(&taken, 0, sizeof(taken));
	in_handler = 0;
	WITH_HANDLER(VECTOR_NMI, ask_inside) {
		ASK(NMI, ABI_SELF);
		irq_wait(&taken.nmis, 2);
		EXPECT_EQ(in_handler, 0);
		EXPECT_EQ(taken.nmis, 2);
	}
}

static struct arrivals arrivals;

static void ldr_set(void *arg)
{
	apic_write(APIC_DFR, 0xffffffff);
	apic_write(APIC_LDR, arg ? 1u << cpu_index() << 24 : 0);
}

/* Messages by destination; the host tells whether anybody took one. */
static const struct {
	const char *name;
	u32 address;		/* low bits; ids are indices of CPUs */
	u64 cpus;
} messages[] = {
	{ "CPU 0",		0 << 12,			BIT(0) },
	{ "CPU 1",		1 << 12,			BIT(1) },
	{ "nobody",		0x77 << 12,			0 },
	{ "everybody",		0xff << 12,			BIT(0) | BIT(1) },
	{ "logical 1",		MSI_LOGICAL | 1 << 12,		BIT(0) },
	{ "logical 2",		MSI_LOGICAL | 2 << 12,		BIT(1) },
	{ "logical 3",		MSI_LOGICAL | 3 << 12,		BIT(0) | BIT(1) },
	{ "logical 4",		MSI_LOGICAL | 4 << 12,		0 },
};

TEST(messages, "a message reaches whom it is for, and the host is told if anybody",
     CPUS(2), DEVICE(TESTDEV_MSI))
{
	smp_start();
	if (cpu_get(0)->apic_id != 0 || cpu_get(1)->apic_id != 1)
		return skip("CPUs whose ids are not 0 and 1");
	WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
		on_cpus(ldr_set, &arrivals);
		for_each(row, messages) SUBTEST("%s", row->name) {
			EXPECT_EQ(ASK(MSI, MSI_ADDRESS | row->address, VECTOR),
				  !!row->cpus);
			EXPECT_ARRIVALS(&arrivals, row->cpus);
		}
		on_cpus(ldr_set, NULL);
	}
}

TEST(message_nmi, "a message with delivery mode NMI is one", DEVICE(TESTDEV_MSI))
{
	apic_enable();
	WITH_EVENTS() {
		ASK(MSI, msi_to(apic_id()), MSI_NMI | VECTOR);
		EXPECT_TAKEN(&taken.nmis, 1);
		EXPECT_EQ(taken.irqs, 0);
	}
}

static u32 may_halt, halting;

/* Not by the IPI that woke it for this. */
static void halt_once(void *arg)
{
	(void)arg;
	while (!__atomic_load_n(&may_halt, __ATOMIC_ACQUIRE))
		cpu_relax();
	irq_let_in();
	__atomic_store_n(&halting, 1, __ATOMIC_RELEASE);
	asm volatile("sti; hlt; cli" : : : "memory");
	__atomic_store_n(&halting, 2, __ATOMIC_RELEASE);
	irq_let_in();
}

TEST(wakes, "a message ends HLT, and is taken once", CPUS(2), DEVICE(TESTDEV_MSI))
{
	smp_start();
	for (unsigned int n = 0; n < 50; n++) {
		may_halt = halting = 0;
		WITH_IRQ(VECTOR, irq_arrive, &arrivals) {
			on_cpu_begin(1, halt_once, NULL);
			__atomic_store_n(&may_halt, 1, __ATOMIC_RELEASE);
			while (!__atomic_load_n(&halting, __ATOMIC_ACQUIRE))
				cpu_relax();
			ASK(MSI, msi_to(cpu_get(1)->apic_id), VECTOR);
			on_cpu_end(1);
			EXPECT_EQ(halting, 2);
			if (!EXPECT_ARRIVALS(&arrivals, BIT(1)))
				return;
		}
	}
}
