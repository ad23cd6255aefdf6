/* SPDX-License-Identifier: BSD-2-Clause */
/* One access at a time: what goes into touch_run.S, and what its end means. */
#include <asm/cpu.h>
#include <asm/start.h>
#include <paging.h>
#include <touch.h>

const char *const touch_names[] = {
#define TOUCH_NAME(constant, name) [TOUCH_##constant] = #name,
	TOUCHES(TOUCH_NAME)
#undef TOUCH_NAME
};

#define NO_VECTOR	0xff

extern const struct touch_code {
	uintptr_t begin, access, end;
} touch_codes[TOUCH_KINDS][2][2];	/* [][forced][user] */

extern char touch_vectors[], touch_task[];
extern uintptr_t touch_state, touch_tss;
extern const u8 idt[];

#define GATE_SIZE	(2 * WORD_BYTES)
#define EXCEPTIONS	32
#define TSS_CR3		28
#define TSS_IST4	60
#define TSS_LDT		96
#define IST4		4
#define SEL_PF_TSS	0x50	/* 32-bit: no second half of SEL_TSS there */

static u8 touch_idt[256 * GATE_SIZE] __attribute__((aligned(16)));
static u8 pf_tss[104];

void touch_target(void *address)
{
	static const u8 ud2[TOUCH_FETCH_BYTES] = { 0x0f, 0x0b };

	memcpy(address, ud2, sizeof(ud2));
}

static u8 *gate_of(unsigned int vector)
{
	return touch_idt + vector * GATE_SIZE;
}

static void gate_lead_to(unsigned int vector)
{
	uintptr_t to = (uintptr_t)touch_vectors + 16 * vector;

	memcpy(gate_of(vector), &to, 2);
	memcpy(gate_of(vector) + 6, (u8 *)&to + 2, 2);
}

/* A task switch saves neither CR3 nor LDTR, but loads both (SDM 3A 7.3). */
static void task_resumable(void)
{
	unsigned long cr3 = read_cr3();
	u8 *tss = cpu_self()->tss;

	memcpy(tss + TSS_CR3, &cr3, 4);
	asm volatile("sldt %0" : "=m"(tss[TSS_LDT]));
}

/* #PF, and #SS of a stack that is nowhere, need another one: by IST, or by a task. */
static void faults_on_other_stack(bool other)
{
	static bool now;

	if (other == now)
		return;
	now = other;
	if (IS_64BIT) {
		gate_of(VECTOR_PF)[4] = gate_of(VECTOR_SS)[4] = other ? IST4 : 0;
		return;
	}
	memcpy(gate_of(VECTOR_PF), idt + VECTOR_PF * GATE_SIZE, GATE_SIZE);
	gate_lead_to(VECTOR_PF);
	if (other) {
		cpu_task_prepare(pf_tss, (uintptr_t)touch_task,
				 (uintptr_t)cpu_self() + CPU_STACK_TRAP);
		cpu_task_gate(gate_of(VECTOR_PF), SEL_PF_TSS, pf_tss);
		task_resumable();
	}
}

static const struct touch_code *code_of(const struct touch *touch)
{
	return &touch_codes[touch->kind][touch->forced][touch->user];
}

void touch_prepare(const struct touch *touch, struct touch_words *words)
{
	const struct touch_code *code = code_of(touch);

	*words = (struct touch_words){
		.code = code->begin + (touch->user ? USER_ALIAS : 0),
		.address = (uintptr_t)touch->address,
		.value = touch->value,
		.flags = touch->flags | RFLAGS_FIXED,
		.user = touch->user,
		.vector = NO_VECTOR,
	};
	/* User mode need not jump: the return to it is the fetch. */
	if (touch->user && touch->kind == TOUCH_FETCH)
		words->code = words->address;
}

struct fault touch_finish(const struct touch *touch,
			  const struct touch_words *words)
{
	const struct touch_code *code = code_of(touch);
	uintptr_t alias = touch->user ? USER_ALIAS : 0;
	bool fetch = touch->kind == TOUCH_FETCH;
	unsigned long end = fetch ? words->address : code->end + alias;
	unsigned long access = fetch ? words->address : code->access + alias;

	if (words->vector == NO_VECTOR ||
	    (words->vector == VECTOR_UD && words->ip == end))
		return FAULT_NONE;
	/* A jump to an address that is none faults itself. */
	if (words->ip != access && !(fetch && words->ip == code->access))
		check_explained(CHECK_HERE("a fault is that of its instruction"),
				false, "vector %lu at ip %#lx, not at %#lx",
				words->vector, words->ip, access);
	return (struct fault){
		.raised = true, .vector = words->vector, .error = words->error,
		.address = words->vector == VECTOR_PF ? words->cr2 : 0,
	};
}

struct fault touch(struct touch *touch)
{
	struct touch_words words;

	touch_prepare(touch, &words);
	faults_on_other_stack(touch->other_stack ||
			  (touch->kind == TOUCH_PUSH && !touch->user));
	touch_run(&words);
	touch->value = words.value;
	return touch_finish(touch, &words);
}

static u8 *ist4(void)
{
	return cpu_self()->tss + TSS_IST4;
}

static void touch_leave(struct scope *scope)
{
	struct touch_scope *s = (struct touch_scope *)scope;

	touch_state = 0;	/* one may have been abandoned */
	write_idtr(&s->old);
	if (IS_64BIT)
		memcpy(ist4(), &s->old_stack, sizeof(s->old_stack));
}

void touch_enter(struct touch_scope *s)
{
	struct table_register idtr = { sizeof(touch_idt) - 1,
				       (uintptr_t)touch_idt };
	uintptr_t stack = (uintptr_t)cpu_self() + CPU_STACK_TRAP;

	memcpy(touch_idt, idt, sizeof(touch_idt));
	for (unsigned int vector = 0; vector < EXCEPTIONS; vector++)
		if (vector != VECTOR_NMI && vector != VECTOR_MC &&
		    (IS_64BIT || vector != VECTOR_DF))
			gate_lead_to(vector);
	if (IS_64BIT) {
		memcpy(&s->old_stack, ist4(), sizeof(s->old_stack));
		memcpy(ist4(), &stack, sizeof(stack));
	}
	touch_tss = (uintptr_t)cpu_self()->tss;
	s->old = read_idtr();
	scope_enter(&s->scope, touch_leave);
	write_idtr(&idtr);
}

#if IS_64BIT
void touch_run_alias(struct touch_words *words, unsigned long cr4, u64 alias);

/* Offsets in a 64-bit TSS (SDM 3A 7.7) and in a gate. */
#define TSS_RSP0	4
#define GATE_HIGH	8

/* GDT, TSS, IDT and the stacks that these name, at their addresses plus @alias. */
static void tables_load(u64 alias)
{
	struct cpu *cpu = cpu_self();
	uintptr_t block = (uintptr_t)cpu + alias;
	u64 stack = block + CPU_STACK_TRAP;
	u32 high = alias >> 32;
	struct table_register gdtr = { SEL_LIMIT, (uintptr_t)cpu->gdt + alias };
	struct table_register idtr = { sizeof(touch_idt) - 1,
				       (uintptr_t)touch_idt + alias };

	for (unsigned int vector = 0; vector < EXCEPTIONS; vector++)
		memcpy(gate_of(vector) + GATE_HIGH, &high, sizeof(high));
	memcpy(cpu->tss + TSS_RSP0, &stack, sizeof(stack));
	memcpy(ist4(), &stack, sizeof(stack));
	cpu_tss_descriptor(SEL_TSS, cpu->tss + alias);
	asm volatile("lgdt %0" : : "m"(gdtr));
	asm volatile("ltr %w0" : : "r"(SEL_TSS));
	write_idtr(&idtr);
}

static void upper_leave(struct scope *scope)
{
	(void)scope;
	tables_load(0);
}

void upper_enter(struct upper_scope *s)
{
	struct space space = space_current();
	u64 entry = pte_read(space_entry(&space, NULL, 4));

	pte_write(space_entry(&space, (void *)UPPER_HALF, 4), entry & ~(u64)PTE_U);
	scope_enter(&s->scope, upper_leave);
	tables_load(UPPER_HALF);
}

struct fault touch_upper(struct touch *touch, unsigned long cr4)
{
	void (*run)(struct touch_words *words, unsigned long cr4, u64 alias) =
		(void *)((uintptr_t)touch_run_alias + UPPER_HALF);
	struct touch_words words;

	touch_prepare(touch, &words);
	if (!touch->user)
		words.code += UPPER_HALF;
	faults_on_other_stack(touch->kind == TOUCH_PUSH && !touch->user);
	run((void *)((uintptr_t)&words + UPPER_HALF), read_cr4() | cr4, UPPER_HALF);
	touch->value = words.value;
	/* touch_finish() knows its code by its own address. */
	if (words.ip >= UPPER_HALF && words.ip != words.address)
		words.ip -= UPPER_HALF;
	return touch_finish(touch, &words);
}
#endif
