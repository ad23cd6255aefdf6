/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Delivery that itself faults in the hypervisor (SDM 3A, "Interrupt and Exception
 * Handling"; SDM 3C, "Information for VM Exits During Event Delivery"; APM 2, "Event
 * Injection"): before each event the host loses the page of the IDT, of the stack, or
 * both.  The event must be delivered all the same, exactly once.
 * Events whose delivery faults in the guest as well are in eventinj/serial.c.
 */
#include <apic.h>
#include <exception.h>
#include <loss.h>
#include <memory.h>
#include <paging.h>
#include <scope.h>

#define HARD_VECTOR	0x31
#define SOFT_VECTOR	0x33
#define SOFT_TEXT	"$0x33"

extern u8 idt[];

#if IS_64BIT
#define SCRATCH		"rbx"
#define CX		"rcx"
#else
#define SCRATCH		"ebx"
#define CX		"ecx"
#endif

/* Interrupts are on until @counter says that one came, or for long enough. */
#define WINDOW(counter)							\
	"mov $1000000, %%ecx; sti\n"					\
	"1: cmpl $0, %[counted]; jne 2f; dec %%ecx; jnz 1b; 2: cli",	\
	[counted] "m"(counter)

/* Handlers count, and say where they came from. */
static unsigned int count;
static unsigned long last_ip;

static bool on_exception(struct frame *frame)
{
	count++;
	last_ip = frame->ip;
	return true;
}

#define EACH_LOSS(stack)						\
	for_each(loss, losses) SUBTEST("%s", loss->name)		\
		WITH_LOSS(loss, stack)

static u32 divisor;

static bool mend_divisor(struct frame *frame)
{
	(void)frame;
	count++;
	divisor = 10;
	return true;
}

TEST(divide, "#DE, whose handler mends the divisor: DIV goes on with it")
{
	u32 quotient;

	WITH_HANDLER(VECTOR_DE, mend_divisor) EACH_LOSS(event_stack() - 1) {
		count = divisor = 0;
		quotient = 1500;
		asm volatile("mov %%" STACK_POINTER ", %%" SCRATCH "\n"
			     "lea -64(%2), %%" STACK_POINTER "\n"
			     "divl %1\n"
			     "mov %%" SCRATCH ", %%" STACK_POINTER
			     : "+a"(quotient)
			     : "m"(divisor), "r"(event_stack()), "d"(0)
			     : SCRATCH, "memory", "cc");
		EXPECT_EQ(count, 1);
		EXPECT_EQ(quotient, 150);
	}
}

static bool skip_ud2(struct frame *frame)
{
	frame->ip += 2;
	return on_exception(frame);
}

TEST(ud2, "#UD is delivered once, whatever pages the host has lost")
{
	WITH_HANDLER(VECTOR_UD, skip_ud2) EACH_LOSS(event_stack() - 1) {
		count = 0;
		ON_EVENT_STACK("ud2");
		EXPECT_EQ(count, 1);
	}
}

TEST(int3, "INT3 is delivered once, whatever pages the host has lost")
{
	WITH_HANDLER(VECTOR_BP, on_exception) EACH_LOSS(event_stack() - 1) {
		count = 0;
		ON_EVENT_STACK("int3");
		EXPECT_EQ(count, 1);
	}
}

#if !IS_64BIT
TEST(into, "INTO and INT 4 are delivered once, whatever pages the host has lost")
{
	WITH_HANDLER(VECTOR_OF, on_exception) EACH_LOSS(event_stack() - 1) {
		count = 0;
		ON_EVENT_STACK("movb $0x7f, %%al; addb %%al, %%al; into",
			       "a"(0));
		EXPECT_EQ(count, 1);
		ON_EVENT_STACK("int $4");
		EXPECT_EQ(count, 2);
	}
}
#endif

static void on_irq(void *arg)
{
	u32 *counter = arg;

	(*counter)++;
}

static void self_ipi(u32 vector)
{
	apic_ipi(APIC_DEST_SELF | APIC_INT_ASSERT | APIC_DM_FIXED | vector, 0);
}

TEST(ipi, "an interrupt is delivered once, whatever pages the host has lost")
{
	u32 counter;

	WITH_IRQ(HARD_VECTOR, on_irq, &counter)
		for_each(loss, losses) SUBTEST("%s", loss->name) {
			counter = 0;
			self_ipi(HARD_VECTOR);
			WITH_LOSS(loss, event_stack() - 1)
				ON_EVENT_STACK(WINDOW(counter));
			EXPECT_EQ(counter, 1);
		}
}

TEST(window, "an interrupt that waits is taken behind the instruction behind STI")
{
	u32 counter = 0;

	WITH_IRQ(HARD_VECTOR, on_irq, &counter) {
		self_ipi(HARD_VECTOR);
		irq_window();
		EXPECT_EQ(counter, 1);
	}
}

struct store {
	volatile u8 *to;
	u8 seen;
};

static void look(void *arg)
{
	struct store *store = arg;

	store->seen = *store->to;
}

/* The guest is left, for the page, while the shadow of STI is there. */
TEST(shadow, "STI holds an interrupt back over an exit, too")
{
	struct store store = { .to = pages_alloc_zeroed(1) };

	WITH_IRQ(HARD_VECTOR, look, &store) {
		host_lose((const void *)store.to);
		self_ipi(HARD_VECTOR);
		asm volatile("sti; movb $1, %0; nop; cli" : "=m"(*store.to) : : "memory");
		EXPECT_EQ(store.seen, 1);
	}
}

TEST(software, "INT n is delivered once, whatever pages the host has lost")
{
	u32 counter;

	WITH_IRQ(SOFT_VECTOR, on_irq, &counter) EACH_LOSS(event_stack() - 1) {
		counter = 0;
		ON_EVENT_STACK("int " SOFT_TEXT);
		EXPECT_EQ(counter, 1);
	}
}

TEST(both_pending, "two interrupts that wait are both taken in one window")
{
	u32 hard, soft;

	WITH_IRQ(HARD_VECTOR, on_irq, &hard) WITH_IRQ(SOFT_VECTOR, on_irq, &soft)
		for_each(loss, losses) SUBTEST("%s", loss->name) {
			hard = soft = 0;
			self_ipi(HARD_VECTOR);
			self_ipi(SOFT_VECTOR);
			WITH_LOSS(loss, event_stack() - 1)
				ON_EVENT_STACK(WINDOW(hard));
			EXPECT_EQ(hard, 1);
			EXPECT_EQ(soft, 1);
		}
}

/* Which came first: each takes the next number. */
static u32 order, hard_order, soft_order;

static void note_hard(void *unused)
{
	(void)unused;
	hard_order = ++order;
}

static void note_soft(void *unused)
{
	(void)unused;
	soft_order = ++order;
}

TEST(software_first, "STI; INT n with an interrupt waiting: INT n comes first")
{
	WITH_IRQ(HARD_VECTOR, note_hard, NULL)
		WITH_IRQ(SOFT_VECTOR, note_soft, NULL)
			for_each(loss, losses) SUBTEST("%s", loss->name) {
				order = hard_order = soft_order = 0;
				self_ipi(HARD_VECTOR);
				WITH_LOSS(loss, event_stack() - 1)
					ON_EVENT_STACK("sti; int " SOFT_TEXT "; nop; cli");
				EXPECT_EQ(soft_order, 1);
				EXPECT_EQ(hard_order, 2);
			}
}

#define LOW_VECTOR	0x2f	/* class 2 */
#define MIDDLE_VECTOR	0x3e	/* class 3 */

TEST(priority, "TPR holds back its own class and lower ones, and lets in when lowered")
{
	u32 low = 0, middle = 0;

	WITH_IRQ(LOW_VECTOR, on_irq, &low)
		WITH_IRQ(MIDDLE_VECTOR, on_irq, &middle) {
			apic_write(APIC_TPR, 0xf0);
			self_ipi(LOW_VECTOR);
			self_ipi(MIDDLE_VECTOR);
			for (unsigned int n = 0; n < 10; n++)
				irq_window();
			EXPECT_EQ(low + middle, 0);
			WITH_LOSS(&losses[1], NULL) {
				apic_write(APIC_TPR, 0x20);
				ON_EVENT_STACK(WINDOW(middle));
			}
			EXPECT_EQ(middle, 1);
			EXPECT_EQ(low, 0);
			WITH_LOSS(&losses[1], NULL) {
				apic_write(APIC_TPR, 0);
				ON_EVENT_STACK(WINDOW(low));
			}
			EXPECT_EQ(middle, 1);
			EXPECT_EQ(low, 1);
		}
}

/* The gate's code segment is absent until the handler of #NP mends it. */
#define GATE(vector)	(idt + 2 * WORD_BYTES * (vector))

static bool mend_gate(struct frame *frame)
{
	u16 selector = SEL_KERNEL_CS;

	count++;
	last_ip = frame->error;
	memcpy(GATE(SOFT_VECTOR) + 2, &selector, 2);
	return true;
}

static const u64 absent_code = IS_64BIT ? 0x00af1b000000ffff : 0x00cf1b000000ffff;

TEST(not_present, "INT n to an absent segment: #NP, whose handler mends the gate")
{
	u16 selector = SEL_FREE;
	u32 counter;

	memcpy(cpu_self()->gdt + SEL_FREE, &absent_code, 8);
	WITH_IRQ(SOFT_VECTOR, on_irq, &counter)
		WITH_HANDLER(VECTOR_NP, mend_gate)
			EACH_LOSS(event_stack() - 1) {
				count = counter = 0;
				memcpy(GATE(SOFT_VECTOR) + 2, &selector, 2);
				ON_EVENT_STACK("int " SOFT_TEXT);
				EXPECT_EQ(count, 1);
				EXPECT_EQ(last_ip, SEL_FREE);
				EXPECT_EQ(counter, 1);
			}
}

static unsigned int nested, while_handling;
static bool lose_frame;

/* By this CPU's id: the shorthand for itself takes fixed interrupts only. */
#define NMI_COMMAND	(APIC_INT_ASSERT | APIC_DM_NMI)

static void self_nmi(void)
{
	apic_ipi(NMI_COMMAND, apic_id());
}

/* Asks for another one from the first: it has to wait for IRET. */
static bool on_nmi(struct frame *frame)
{
	count++;
	last_ip = frame->ip;
	if (nested)
		return true;
	nested = 1;
	self_nmi();
	for (unsigned int n = 0; n < 10; n++)
		cpu_relax();
	while_handling = count;
	/* IRET has to read it from there. */
	if (lose_frame)
		host_lose(frame);
	return true;
}

static void nmi_twice(const struct loss *loss)
{
	/* In 64-bit code NMI has a stack of its own. */
	const void *stack = IS_64BIT ?
		(u8 *)cpu_self() + CPU_STACK_NMI - 1 : event_stack() - 1;

	count = nested = while_handling = 0;
	apic_enable();
	WITH_LOSS(loss, stack) {
		/* In xAPIC mode, as a CPU is at reset: one store, and the id before. */
		apic_write(APIC_ICR2, apic_id() << 24);
		ON_EVENT_STACK("movl %[command], (%[icr])",
			       [icr] "r"(APIC_DEFAULT_BASE + APIC_ICR + 0ul),
			       [command] "r"(NMI_COMMAND));
		/* With delivery at the ICR write or soon after. */
		for (u32 n = 0; n < 1000000 && count < 2; n++)
			cpu_relax();
	}
	EXPECT_EQ(while_handling, 1);
	EXPECT_EQ(count, 2);
}

TEST(nmi, "an NMI is delivered once; a second one from its handler waits for IRET")
{
	lose_frame = false;
	WITH_HANDLER(VECTOR_NMI, on_nmi)
		for_each(loss, losses) SUBTEST("%s", loss->name) nmi_twice(loss);
}

TEST(nmi_iret, "NMIs stay blocked while the handler's IRET faults in the host")
{
	lose_frame = true;
	WITH_HANDLER(VECTOR_NMI, on_nmi)
		nmi_twice(&losses[0]);
	lose_frame = false;
}

/*
 * The frame goes into a page that is a page table, which a shadow MMU watches.  What
 * it maps nobody uses; it is put back as it was.
 */
TEST(page_table_stack, "an interrupt whose stack is a page table")
{
	const u8 *unused = (const u8 *)0xa0000000;
	u8 *table = (u8 *)ALIGN_DOWN((uintptr_t)pte_at(unused), PAGE_SIZE);
	u8 *before = pages_alloc(1);
	u32 counter = 0;

	memcpy(before, table, PAGE_SIZE);
	/* So that there is something to watch. */
	EXPECT(*(const volatile u8 *)unused == *(const volatile u8 *)unused);
	WITH_IRQ(HARD_VECTOR, on_irq, &counter) {
		self_ipi(HARD_VECTOR);
		asm volatile("mov %%" STACK_POINTER ", %%" SCRATCH "\n"
			     "mov %0, %%" STACK_POINTER "\n"
			     "mov $1000000, %%ecx; sti\n"
			     "1: cmpl $0, %1; jne 2f; dec %%ecx; jnz 1b; 2: cli\n"
			     "mov %%" SCRATCH ", %%" STACK_POINTER
			     : : "r"(table + PAGE_SIZE), "m"(counter)
			     : SCRATCH, CX, "memory", "cc");
	}
	memcpy(table, before, PAGE_SIZE);
	tlb_flush();
	EXPECT_EQ(counter, 1);
}
