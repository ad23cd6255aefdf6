/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardware tasks: their state segments, descriptors and gates. */
#include <asm/cpu.h>
#include <task.h>

#if !IS_64BIT
extern u8 idt[];

#define TYPE_BYTE	5	/* of a descriptor */
#define TYPE_TSS	0x89	/* present, available */
#define TYPE_TASK_GATE	0xe5	/* present, for all levels */
#define TYPE_BUSY	0x02

struct tss *task_own(void)
{
	return (struct tss *)cpu_self()->tss;
}

static u8 *descriptor(u16 selector)
{
	return cpu_self()->gdt + (selector & ~7);
}

bool task_busy(u16 selector)
{
	return descriptor(selector)[TYPE_BYTE] & TYPE_BUSY;
}

void task_set_busy(u16 selector, bool busy)
{
	u8 *type = &descriptor(selector)[TYPE_BYTE];

	*type = busy ? *type | TYPE_BUSY : *type & ~TYPE_BUSY;
}

u16 task_register(void)
{
	u16 selector;

	asm volatile("str %0" : "=r"(selector));
	return selector;
}

void task_make(struct tss *tss, u16 selector, void (*entry)(void), uintptr_t stack)
{
	u32 base = (uintptr_t)tss;
	u64 made = (sizeof(*tss) - 1) | (u64)(base & 0xffffff) << 16 |
		(u64)TYPE_TSS << 40 | (u64)(base >> 24) << 56;

	*tss = (struct tss){
		.ss0 = SEL_KERNEL_DS, .esp0 = stack, .cr3 = read_cr3(),
		.eip = (uintptr_t)entry, .eflags = RFLAGS_FIXED, .esp = stack,
		.es = SEL_KERNEL_DS, .cs = SEL_KERNEL_CS, .ss = SEL_KERNEL_DS,
		.ds = SEL_KERNEL_DS, .fs = SEL_KERNEL_DS, .gs = SEL_KERNEL_DS,
		.io_map = sizeof(*tss),
	};
	memcpy(descriptor(selector), &made, sizeof(made));
	/* A switch stores all that changes into the old TSS, and CR3 is not that. */
	task_own()->cr3 = read_cr3();
}

static void task_gate_leave(struct scope *scope)
{
	struct gate_scope *s = (struct gate_scope *)scope;

	memcpy(idt + 8 * s->vector, &s->gate, 8);
}

void task_gate_enter(struct gate_scope *s, unsigned int vector, u16 selector)
{
	u64 gate = (u64)selector << 16 | (u64)TYPE_TASK_GATE << 40;

	s->vector = vector;
	memcpy(&s->gate, idt + 8 * vector, 8);
	scope_enter(&s->scope, task_gate_leave);
	memcpy(idt + 8 * vector, &gate, 8);
}
#endif
