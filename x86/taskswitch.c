/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault that enters a hardware task (SDM 3A, "Task Switching" and "Exception and
 * Interrupt Handling through a Task Gate"): the whole state is in the old TSS, the error
 * code on the new task's stack, and two ways lead back.
 */
#include <task.h>

ONLY_ON(i386);

#define BAD_SELECTOR	0x1230

static struct tss handler;
u32 error_code;
static u32 runs, seen_link, seen_flags;
static bool seen_busy, seen_own_busy;

void task_body(void);

void task_body(void)
{
	runs++;
	seen_link = handler.link;
	seen_flags = read_rflags();
	seen_busy = task_busy(SEL_TASK);
	seen_own_busy = task_busy(SEL_TSS);
	/* Behind the instruction that faulted: MOV to ES from AX is two bytes. */
	task_own()->eip += 2;
}

/* Each is entered again behind its last instruction. */
asm(".pushsection .text\n"
    "task_by_iret: pop error_code; call task_body; iret; jmp task_by_iret\n"
    /* The way back by JMP wants the other task available. */
    "task_by_jump: pop error_code; call task_body\n"
    "	call leave_busy; ljmp $0x48, $0xf4f4f4f4; jmp task_by_jump\n"
    ".popsection");
void task_by_iret(void);
void task_by_jump(void);
void leave_busy(void);
_Static_assert(SEL_TSS == 0x48, "task_by_jump");

void leave_busy(void)
{
	task_set_busy(SEL_TSS, false);
}

/* TS is set by every switch; NT may come back set. */
static void clean_up(void)
{
	asm volatile("clts");
	write_rflags(read_rflags() & ~RFLAGS_NT);
}

static void load_bad_selector(u16 *es)
{
	asm volatile("mov %w1, %%es; mov %%es, %0"
		     : "=r"(*es) : "a"(BAD_SELECTOR) : "memory");
}

static void check_visit(u32 number)
{
	EXPECT_EQ(runs, number);
	EXPECT_EQ(error_code, BAD_SELECTOR);
	EXPECT_EQ(seen_link & 0xffff, SEL_TSS);
	EXPECT(seen_flags & RFLAGS_NT);
	EXPECT(seen_busy);
	EXPECT(seen_own_busy);
	EXPECT_EQ(task_register(), SEL_TSS);
	EXPECT(read_cr0() & CR0_TS);
}

TEST(iret, "#GP through a task gate, and back by IRET, twice: the task goes on behind it")
{
	u16 es;

	task_make(&handler, SEL_TASK, task_by_iret,
		  (uintptr_t)cpu_self() + CPU_STACK_USER);
	runs = 0;
	WITH_TASK_GATE(VECTOR_GP, SEL_TASK)
		for (u32 visit = 1; visit <= 2; visit++)
			SUBTEST("visit %u", visit) {
				load_bad_selector(&es);
				check_visit(visit);
				EXPECT_EQ(es, SEL_KERNEL_DS);
				EXPECT(!task_busy(SEL_TASK));
				EXPECT(task_busy(SEL_TSS));
				EXPECT(!(read_rflags() & RFLAGS_NT));
				clean_up();
			}
}

TEST(jump, "#GP through a task gate, and back by a far JMP to the TSS that was left")
{
	u16 es;

	task_make(&handler, SEL_TASK, task_by_jump,
		  (uintptr_t)cpu_self() + CPU_STACK_USER);
	runs = 0;
	WITH_TASK_GATE(VECTOR_GP, SEL_TASK) {
		load_bad_selector(&es);
		check_visit(1);
		EXPECT_EQ(es, SEL_KERNEL_DS);
		EXPECT(!task_busy(SEL_TASK));
		EXPECT(task_busy(SEL_TSS));
		clean_up();
	}
}

TEST(state, "the old TSS has every register as it was")
{
	const struct tss *own = task_own();
	u32 ebx, esi, flags;

	task_make(&handler, SEL_TASK, task_by_iret,
		  (uintptr_t)cpu_self() + CPU_STACK_USER);
	WITH_TASK_GATE(VECTOR_GP, SEL_TASK) {
		asm volatile("mov $0x12345678, %%ebx; mov $0x9abcdef0, %%esi\n"
			     "stc; mov %w3, %%es; pushf; pop %2"
			     : "=&b"(ebx), "=&S"(esi), "=r"(flags)
			     : "a"(BAD_SELECTOR) : "memory", "cc");
		clean_up();
	}
	EXPECT_EQ(own->ebx, 0x12345678);
	EXPECT_EQ(own->esi, 0x9abcdef0);
	EXPECT_EQ(own->eax & 0xffff, BAD_SELECTOR);
	EXPECT_EQ(own->cs & 0xffff, SEL_KERNEL_CS);
	EXPECT_EQ(own->es & 0xffff, SEL_KERNEL_DS);
	EXPECT(own->eflags & RFLAGS_CF);
	EXPECT_EQ(ebx, 0x12345678);
	EXPECT_EQ(esi, 0x9abcdef0);
	EXPECT(flags & RFLAGS_CF);
}
