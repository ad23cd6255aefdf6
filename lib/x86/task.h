/* SPDX-License-Identifier: BSD-2-Clause */
/* Hardware tasks of 32-bit images (SDM 3A, "Task Management"). */
#ifndef TASK_H
#define TASK_H

#include <test.h>

struct tss {
	u32 link;		/* selector of the task that was left by CALL, INT … */
	u32 esp0, ss0, esp1, ss1, esp2, ss2;
	u32 cr3, eip, eflags;
	u32 eax, ecx, edx, ebx, esp, ebp, esi, edi;
	u32 es, cs, ss, ds, fs, gs, ldt;
	u16 trap, io_map;
};
_Static_assert(sizeof(struct tss) == 104, "SDM 3A, 32-bit TSS");

/* Selectors for tasks and their segments: slots that nothing else has. */
#define SEL_TASK	0x58
#define SEL_TASK2	0x68
#define SEL_TASK_CODE	0x70

/**
 * task_make() - a task that begins at @entry, in the harness's kernel segments
 * @selector: where its descriptor goes; it is available
 * @stack: the end of its stack, within the CPU's block
 *
 * It also completes this CPU's own TSS, so that tasks can return to it.
 */
void task_make(struct tss *tss, u16 selector, void (*entry)(void), uintptr_t stack);

/**
 * task_own() - the TSS of the harness itself
 */
struct tss *task_own(void);

/**
 * task_busy(), task_set_busy() - the busy bit of a TSS's descriptor
 */
bool task_busy(u16 selector);
void task_set_busy(u16 selector, bool busy);

/**
 * task_register() - the selector in TR
 */
u16 task_register(void);

/**
 * WITH_TASK_GATE(vector, selector) - the vector leads to a task
 */
struct gate_scope {
	struct scope scope;
	unsigned int vector;
	u64 gate;
};
#define WITH_TASK_GATE(vector, selector)				\
	SCOPE(gate_scope, task_gate_enter, vector, selector)
void task_gate_enter(struct gate_scope *scope, unsigned int vector, u16 selector);

#endif
