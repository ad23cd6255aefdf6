/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Every way into a hardware task and out of it (SDM 3A, "Task Management"): CALL, JMP,
 * exceptions, software and hardware interrupts, NMI, IRET into virtual-8086 mode, and a
 * task of CPL 3 in a conforming code segment.
 *
 * A far pointer to a TSS has an offset that nobody uses: 0xf4f4f4f4 here, HLTs for
 * whoever takes the instruction to be shorter than it is.
 */
#include <apic.h>
#include <exception.h>
#include <paging.h>
#include <scope.h>
#include <task.h>

ONLY_ON(i386);

#define HARD_VECTOR	0xf0
#define TO_TASK		"$0x58, $0xf4f4f4f4"
#define TO_OWN		"$0x48, $0xf4f4f4f4"
_Static_assert(SEL_TASK == 0x58 && SEL_TSS == 0x48, "the texts");

static struct tss task;
static u32 runs, seen_flags, seen_link;
u32 task_error;

/* What the visited task does before it leaves, as far as a test wants more. */
static void (*visit)(void);
void task_body(void);

void task_body(void)
{
	runs++;
	seen_flags = read_rflags();
	seen_link = task.link & 0xffff;
	if (visit)
		visit();
}

/* Tasks go on behind the instruction that left them. */
asm(".pushsection .text\n"
    "plain_task: call task_body; iret; jmp plain_task\n"
    "error_task: pop task_error; call task_body; iret; jmp error_task\n"
    "jump_task: call task_body; ljmp " TO_OWN "; jmp jump_task\n"
    ".popsection");
void plain_task(void);
void error_task(void);
void jump_task(void);

static void begin(void (*entry)(void), void (*then)(void))
{
	task_make(&task, SEL_TASK, entry, (uintptr_t)cpu_self() + CPU_STACK_USER);
	runs = 0;
	visit = then;
}

/* TS is set by every switch. */
static void expect_visit(u32 number, bool nested)
{
	EXPECT_EQ(runs, number);
	EXPECT_EQ(!!(seen_flags & RFLAGS_NT), nested);
	if (nested)
		EXPECT_EQ(seen_link, SEL_TSS);
	EXPECT(read_cr0() & CR0_TS);
	EXPECT_EQ(task_register(), SEL_TSS);
	EXPECT(!task_busy(SEL_TASK));
	EXPECT(!(read_rflags() & RFLAGS_NT));
	asm volatile("clts");
}

TEST(call, "far CALL nests; again, the task goes on behind its IRET")
{
	begin(plain_task, NULL);
	for (u32 n = 1; n <= 2; n++) SUBTEST("call %u", n) {
		asm volatile("lcall " TO_TASK : : : "memory");
		expect_visit(n, true);
	}
}

static void own_available(void)
{
	EXPECT(!task_busy(SEL_TSS));
	EXPECT(task_busy(SEL_TASK));
}

TEST(jump, "far JMP does not nest, and leaves the old task available")
{
	begin(jump_task, own_available);
	for (u32 n = 1; n <= 2; n++) SUBTEST("jump %u", n) {
		asm volatile("ljmp " TO_TASK : : : "memory");
		expect_visit(n, false);
	}
}

TEST(busy, "CALL and JMP to a busy task are #GP with its selector")
{
	begin(plain_task, NULL);
	task_set_busy(SEL_TASK, true);
	EXPECT_FAULT(FAULT_GP(SEL_TASK), TRY("lcall " TO_TASK));
	EXPECT_FAULT(FAULT_GP(SEL_TASK), TRY("ljmp " TO_TASK));
	task_set_busy(SEL_TASK, false);
}

TEST(absent, "CALL to a task that is not present is #NP with its selector")
{
	u8 *type = cpu_self()->gdt + SEL_TASK + 5;

	begin(plain_task, NULL);
	*type &= ~0x80;
	EXPECT_FAULT(FAULT_NP(SEL_TASK), TRY("lcall " TO_TASK));
	*type |= 0x80;
}

TEST(int_2, "INT 2 through a task gate")
{
	begin(plain_task, NULL);
	WITH_TASK_GATE(VECTOR_NMI, SEL_TASK) {
		asm volatile("int $2" : : : "memory");
		expect_visit(1, true);
	}
}

TEST(nmi, "an NMI through a task gate")
{
	begin(plain_task, NULL);
	apic_enable();
	WITH_TASK_GATE(VECTOR_NMI, SEL_TASK) {
		apic_ipi(APIC_INT_ASSERT | APIC_DM_NMI, apic_id());
		for (u32 n = 0; n < 1000000 && !*(volatile u32 *)&runs; n++)
			cpu_relax();
		expect_visit(1, true);
	}
}

TEST(interrupt, "an interrupt through a task gate")
{
	begin(plain_task, apic_eoi);
	apic_enable();
	WITH_TASK_GATE(HARD_VECTOR, SEL_TASK) {
		apic_ipi(APIC_DEST_SELF | APIC_INT_ASSERT | HARD_VECTOR, 0);
		irq_enable();
		for (u32 n = 0; n < 1000000 && !*(volatile u32 *)&runs; n++)
			cpu_relax();
		irq_disable();
		expect_visit(1, true);
		/* The task had interrupts off, and the one it left had them on. */
		EXPECT(!(seen_flags & RFLAGS_IF));
		EXPECT(task_own()->eflags & RFLAGS_IF);
	}
}

static u32 divisor;

static void mend_divisor(void)
{
	divisor = 10;
}

TEST(divide, "#DE through a task gate: DIV is restarted, with what the task has mended")
{
	u32 quotient = 1500;

	begin(plain_task, mend_divisor);
	divisor = 0;
	WITH_TASK_GATE(VECTOR_DE, SEL_TASK) {
		asm volatile("divl %1" : "+a"(quotient)
			     : "m"(divisor), "d"(0) : "memory", "cc");
		expect_visit(1, true);
		EXPECT_EQ(quotient, 150);
		/* INT 0 is no fault: it goes on behind itself. */
		asm volatile("int $0" : : : "memory");
		expect_visit(2, true);
	}
}

TEST(traps, "INTO and INT3 through task gates go on behind themselves")
{
	begin(plain_task, NULL);
	WITH_TASK_GATE(VECTOR_OF, SEL_TASK) {
		asm volatile("movb $0x7f, %%al; addb %%al, %%al; into"
			     : : : "eax", "memory", "cc");
		expect_visit(1, true);
	}
	WITH_TASK_GATE(VECTOR_BP, SEL_TASK) {
		asm volatile("int3" : : : "memory");
		expect_visit(2, true);
	}
}

static u8 page[PAGE_SIZE] __attribute__((aligned(PAGE_SIZE)));
static u32 seen_cr2;

static void mend_page(void)
{
	seen_cr2 = read_cr2();
	page_map(page, (uintptr_t)page, PTE_P | PTE_W | PTE_U);
}

TEST(page_fault, "#PF through a task gate has its error code on the task's own stack")
{
	begin(error_task, mend_page);
	task_error = ~0u;
	WITH_TASK_GATE(VECTOR_PF, SEL_TASK) {
		page_map(page, (uintptr_t)page, PTE_W | PTE_U);
		*(volatile u8 *)(page + 5) = 0x5a;
		expect_visit(1, true);
	}
	EXPECT_EQ(task_error, PF_W);
	EXPECT_EQ(seen_cr2, (uintptr_t)page + 5);
	EXPECT_EQ(page[5], 0x5a);
}

/* Virtual-8086 code at a real-mode address; its #UD leads back to this task. */
#define REAL_CODE	((u8 *)0x42000)
#define REAL_SEGMENT	0x4200

TEST(virtual_8086, "IRET with NT into a virtual-8086 task, whose #UD leads back")
{
	static const u8 code[] = { 0x0f, 0x0b };	/* UD2 */

	begin(plain_task, NULL);
	memcpy(REAL_CODE, code, sizeof(code));
	task.eflags = RFLAGS_FIXED | RFLAGS_VM;
	task.cs = task.ds = task.es = task.fs = task.gs = task.ss = REAL_SEGMENT;
	task.eip = 0;
	task.esp = 0x1000;
	task_own()->link = SEL_TASK;
	task_set_busy(SEL_TASK, true);
	WITH_TASK_GATE(VECTOR_UD, SEL_TSS)
		asm volatile("pushf; orl $0x4000, (%%esp); popf\n"
			     "iret\n"
			     /* Nested in that task now; it stays behind. */
			     "pushf; andl $~0x4000, (%%esp); popf"
			     : : : "memory", "cc");
	asm volatile("clts");
	EXPECT_EQ(task_register(), SEL_TSS);
	EXPECT_EQ(task_own()->link & 0xffff, SEL_TASK);
	EXPECT(task_busy(SEL_TASK));
	EXPECT_EQ(task.eip, 0);
	EXPECT_EQ(task.cs & 0xffff, REAL_SEGMENT);
	EXPECT(task.eflags & RFLAGS_VM);
	task_set_busy(SEL_TASK, false);
}

#define CODE_CONFORMING	0x00cf9f000000ffffull

u32 user_cs, user_runs;
asm(".pushsection .text\n"
    "user_task: mov %cs, user_cs; incl user_runs; iret; jmp user_task\n"
    /* Where the switch fails halfway, its #TS has no stack: back from a third task. */
    "rescue_task: pop task_error; call own_again; ljmp " TO_OWN "\n"
    ".popsection");
void user_task(void);
void rescue_task(void);
void own_again(void);

void own_again(void)
{
	task_set_busy(SEL_TSS, false);
}

TEST(conforming, "a task of CPL 3 in a conforming segment of DPL 0")
{
	u64 descriptor = CODE_CONFORMING;
	static struct tss rescue;

	memcpy(cpu_self()->gdt + SEL_TASK_CODE, &descriptor, 8);
	begin(user_task, NULL);
	user_runs = 0;
	task.cs = SEL_TASK_CODE | 3;
	task.ss = task.ds = task.es = SEL_USER_DS;
	task.fs = task.gs = SEL_USER_DS;
	task.eflags = RFLAGS_FIXED | RFLAGS_IOPL;
	task_make(&rescue, SEL_TASK2, rescue_task,
		  (uintptr_t)cpu_self() + CPU_STACK_MC);
	task_error = 0;
	WITH_TASK_GATE(VECTOR_TS, SEL_TASK2)
		asm volatile("lcall " TO_TASK : : : "memory");
	asm volatile("clts");
	EXPECT_EQ(task_error, 0);
	EXPECT_EQ(user_runs, 1);
	EXPECT_EQ(user_cs & 0xffff, SEL_TASK_CODE | 3);
	EXPECT_EQ(task_register(), SEL_TSS);
	EXPECT(!task_busy(SEL_TASK));
}
