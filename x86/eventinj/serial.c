/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An exception that cannot push its frame is a page fault first, and comes again when
 * that is mended (SDM 3A, "Double Fault Exception": a page fault during the delivery of
 * #DE or #NP is handled serially).  The page fault itself needs another stack: by IST in
 * 64-bit code, by a task gate in 32-bit code.
 */
#include <exception.h>
#include <irq.h>
#include <loss.h>
#include <paging.h>
#include <scope.h>
#include <task.h>

#define SOFT_VECTOR	0x33
#define SOFT_TEXT	"$0x33"

extern u8 idt[];
#define GATE(vector)	(idt + 2 * WORD_BYTES * (vector))

/* The page below the event stack's end, and the digits of those that came. */
#define FRAME_PAGE	(event_stack() - PAGE_SIZE)
static u32 order;

enum { DIVIDE = 1, NOT_PRESENT = 2, PAGE_FAULT = 4 };

static void came(u32 digit)
{
	order = order * 10 + digit;
}

static void mend_stack(void)
{
	came(PAGE_FAULT);
	pte_write(pte_at(FRAME_PAGE), pte_read(pte_at(FRAME_PAGE)) | PTE_W);
	tlb_flush_page(FRAME_PAGE);
}

#if IS_64BIT
#define SCRATCH		"rbx"

static bool on_page_fault(struct frame *frame)
{
	(void)frame;
	mend_stack();
	return true;
}

struct stack_scope {
	struct scope scope;
};

static void stack_leave(struct scope *scope)
{
	(void)scope;
	GATE(VECTOR_PF)[4] = 0;
	exception_handle(VECTOR_PF, NULL);
}

static void stack_enter(struct stack_scope *s)
{
	scope_enter(&s->scope, stack_leave);
	GATE(VECTOR_PF)[4] = 1;		/* IST 1 */
	exception_handle(VECTOR_PF, on_page_fault);
}

/* Page faults mend the stack, on one of their own. */
#define WITH_OTHER_STACK()	SCOPE(stack_scope, stack_enter)
#else
#define SCRATCH		"ebx"

static struct tss task;
void serial_task(void);
void serial_mend(void);

void serial_mend(void)
{
	mend_stack();
	asm volatile("clts");		/* as every switch sets it */
}

/* The error code goes; the next visit begins behind IRET. */
asm(".pushsection .text\n"
    "serial_task: add $4, %esp; call serial_mend; iret; jmp serial_task\n"
    ".popsection");

static u16 task_prepare(void)
{
	task_make(&task, SEL_TASK2, serial_task, (uintptr_t)cpu_self() + CPU_STACK_MC);
	return SEL_TASK2;
}

#define WITH_OTHER_STACK()	WITH_TASK_GATE(VECTOR_PF, task_prepare())
#endif

static u32 divisor;

static bool mend_divisor(struct frame *frame)
{
	(void)frame;
	came(DIVIDE);
	divisor = 10;
	return true;
}

static u32 divide_on_read_only_stack(const struct loss *loss)
{
	u32 quotient = 1500;

	order = divisor = 0;
	WITH_PTE(FRAME_PAGE, 0, PTE_W) WITH_LOSS(loss, FRAME_PAGE)
		asm volatile("mov %%" STACK_POINTER ", %%" SCRATCH "\n"
			     "lea -64(%2), %%" STACK_POINTER "\n"
			     "divl %1\n"
			     "mov %%" SCRATCH ", %%" STACK_POINTER
			     : "+a"(quotient)
			     : "m"(divisor), "r"(event_stack()), "d"(0)
			     : SCRATCH, "memory", "cc");
	return quotient;
}

TEST(serial, "#DE that cannot push its frame: #PF mends the stack, then #DE again")
{
	WITH_OTHER_STACK() WITH_HANDLER(VECTOR_DE, mend_divisor)
		for_each(loss, losses) SUBTEST("%s", loss->name) {
			EXPECT_EQ(divide_on_read_only_stack(loss), 150);
			EXPECT_EQ(order, 10 * PAGE_FAULT + DIVIDE);
		}
}

/* A gate to a code segment that is not present, until the handler of #NP mends it. */
static const u64 absent_code = IS_64BIT ? 0x00af1b000000ffff : 0x00cf1b000000ffff;

static void gate_to(u16 selector)
{
	memcpy(GATE(SOFT_VECTOR) + 2, &selector, 2);
}

static bool mend_gate(struct frame *frame)
{
	(void)frame;
	came(NOT_PRESENT);
	gate_to(SEL_KERNEL_CS);
	return true;
}

TEST(serial_np, "INT n to an absent segment: #NP cannot push its frame either")
{
	u32 counter;

	memcpy(cpu_self()->gdt + SEL_FREE, &absent_code, 8);
	WITH_OTHER_STACK() WITH_IRQ(SOFT_VECTOR, irq_count, &counter)
		WITH_HANDLER(VECTOR_NP, mend_gate)
			for_each(loss, losses) SUBTEST("%s", loss->name) {
				order = counter = 0;
				gate_to(SEL_FREE);
				WITH_PTE(FRAME_PAGE, 0, PTE_W) WITH_LOSS(loss, FRAME_PAGE)
					ON_EVENT_STACK("int " SOFT_TEXT);
				EXPECT_EQ(order, 10 * PAGE_FAULT + NOT_PRESENT);
				EXPECT_EQ(counter, 1);
			}
}
