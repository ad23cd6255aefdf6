/* SPDX-License-Identifier: BSD-2-Clause */
/* Trials (trial.h): an IDT of their own, and one frame that all of them end in. */
#include <asm/cpu.h>
#include <defs/segment.h>
#include <defs/vector.h>
#include <test.h>
#include <trial.h>

#define TRIAL_VECTORS	32
#define TRIAL_IST	4
#define TSS_ESP0	4
#define TSS_IST(n)	(36 + ((n) - 1) * 8)
#define GATE_BYTES	(2 * WORD_BYTES)
#define GATE_DPL3	0x60

/* NMI and machine checks are never a trial's outcome. */
#define OTHERS_BUSINESS	(1u << VECTOR_NMI | 1u << VECTOR_MC)
/* INT3 and INTO are for all. */
#define FOR_ALL		(1u << VECTOR_BP | 1u << VECTOR_OF)

extern const u8 idt[], trial_vectors[];
void trial_enter(const struct frame *frame);

/* Trials end on this stack: the frame fills it.  trial_vectors.S knows these. */
struct trial trial_end;
extern unsigned long trial_kernel_sp, trial_at;
unsigned long trial_kernel_sp, trial_at;

#define TRIAL_TOP	((uintptr_t)(&trial_end.frame + 1))
_Static_assert(offsetof(struct trial, selectors) ==
	       (IS_64BIT ? 8 : 0) + sizeof(struct frame), "trial_vectors.S");

static u8 trial_idt[256 * GATE_BYTES] __attribute__((aligned(16)));

static void gate_divert(unsigned int vector)
{
	u8 *gate = trial_idt + vector * GATE_BYTES;
	uintptr_t entry = (uintptr_t)trial_vectors + 16 * vector;
	u16 low = entry, high = entry >> 16;

	memcpy(gate, idt, GATE_BYTES);	/* #DE's: an interrupt gate */
	memcpy(gate, &low, 2);
	memcpy(gate + 6, &high, 2);
	if (IS_64BIT)
		gate[4] = TRIAL_IST;
	if (FOR_ALL >> vector & 1)
		gate[5] |= GATE_DPL3;
}

static void trial_prepare(void)
{
	static bool prepared;
	uintptr_t top = TRIAL_TOP;

	if (prepared)
		return;
	prepared = true;
	memcpy(trial_idt, idt, sizeof(trial_idt));
	for (unsigned int vector = 0; vector < TRIAL_VECTORS; vector++)
		if (!(OTHERS_BUSINESS >> vector & 1))
			gate_divert(vector);
	if (IS_64BIT)
		memcpy(cpu_self()->tss + TSS_IST(TRIAL_IST), &top, 8);
}

/* Where the last trial changed one; GS and FS may have bases of a test. */
static void load_segments(void)
{
	static const u16 ours[] = {
		SEL_USER_DS, SEL_USER_DS, SEL_USER_DS, SEL_USER_DS
	};
	u64 want, have, fs, gs;

	__builtin_memcpy(&want, ours, sizeof(want));
	__builtin_memcpy(&have, trial_end.selectors, sizeof(have));
	/* On the way in, vectors.S sets those of 32-bit code. */
	if (IS_64BIT && want == have)
		return;
	if (IS_64BIT) {
		fs = rdmsr(MSR_FS_BASE);
		gs = rdmsr(MSR_GS_BASE);
	}
	asm volatile("mov %w0, %%ds; mov %w0, %%es\n"
		     "mov %w0, %%fs; mov %w0, %%gs"
		     : : "r"(SEL_USER_DS) : "memory");
	if (IS_64BIT) {
		wrmsr(MSR_FS_BASE, fs);
		wrmsr(MSR_GS_BASE, gs);
	}
}

static bool from_cpl0(const struct frame *frame)
{
	return !(frame->cs & 3);
}

/* Where the way in pops @start from: CPL 0 in 32-bit code stays on that stack. */
static const struct frame *way_in(const struct frame *start)
{
	struct frame *frame;

	if (IS_64BIT || !from_cpl0(start))
		return start;
	frame = (void *)(start->sp - offsetof(struct frame, sp));
	memcpy(frame, start, offsetof(struct frame, sp));
	return frame;
}

/* The way out of 32-bit CPL 0 has no stack pointer in its frame. */
static void complete(struct frame *frame)
{
	if (!IS_64BIT && from_cpl0(frame)) {
		frame->sp = trial_at + offsetof(struct frame, sp);
		frame->ss = trial_end.selectors[4];
	}
	frame->gpr[4] = frame->sp;
	if (!(VECTOR_ERROR_CODES >> frame->vector & 1))
		frame->error = 0;
}

struct trial *trial_run(const struct frame *start)
{
	struct table_register ours = {
		sizeof(trial_idt) - 1, (uintptr_t)trial_idt
	}, idtr = read_idtr();
	uintptr_t stack = TRIAL_TOP;
	u32 esp0;

	trial_prepare();
	load_segments();
	if (!IS_64BIT) {
		memcpy(&esp0, cpu_self()->tss + TSS_ESP0, 4);
		memcpy(cpu_self()->tss + TSS_ESP0, &stack, 4);
	}
	write_cr2(TRIAL_CR2);
	write_idtr(&ours);
	trial_enter(way_in(start));
	write_idtr(&idtr);
	trial_end.cr2 = read_cr2();
	if (!IS_64BIT)
		memcpy(cpu_self()->tss + TSS_ESP0, &esp0, 4);
	complete(&trial_end.frame);
	return &trial_end;
}

struct fault trial_fault(const struct trial *end, const void *landing)
{
	const struct frame *frame = &end->frame;

	if (frame->vector == VECTOR_UD && frame->ip == (uintptr_t)landing)
		return FAULT_NONE;
	return (struct fault){
		.raised = true, .vector = frame->vector, .error = frame->error,
		.rf = frame->flags & RFLAGS_RF,
		.address = frame->vector == VECTOR_PF ? end->cr2 : 0,
	};
}
