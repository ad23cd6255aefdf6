/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an interrupt: a TRY's result, a test's handler, or a report. */
#include <abi/image.h>
#include <boot.h>
#include <exception.h>
#include <smp.h>
#include <test.h>

#define MAX_DEPTH	19

extern char code_end[];

_Static_assert(CPU_STACK_MAIN_ASM == CPU_STACK_MAIN, "start.S");
_Static_assert(ABI_TEST_WORDS_ASM == ABI_TEST_WORDS, "start.S");

static exception_handler *handlers[VECTORS_END / VECTORS_STEP];

exception_handler *exception_handle(unsigned int vector, exception_handler *handler)
{
	exception_handler **at = &handlers[vector / VECTORS_STEP], *old = *at;

	*at = handler;
	return old;
}

bool frame_from_user(const struct frame *frame)
{
	return frame->msr & MSR_PR;
}

/* A system call returns behind itself, and so does a traced instruction. */
static uintptr_t frame_insn(const struct frame *frame)
{
	return frame->vector == VECTOR_SYSTEM_CALL ? frame->pc - 4 : frame->pc;
}

static bool try_fault(struct frame *frame)
{
	const struct fault_entry *entry = fault_entry_find(frame_insn(frame));

	if (!entry)
		return false;
	*(struct fault *)frame->gpr[entry->reg] = frame_fault(frame);
	frame->pc = fault_entry_fixup(entry);
	return true;
}

/* As the linker counted, so that the image's symbols are found by it. */
static uintptr_t link_address(uintptr_t at)
{
	bool inside = at >= (uintptr_t)image_start && at < (uintptr_t)image_end;

	return inside ? at - (uintptr_t)image_start : at;
}

static bool readable(const uintptr_t *at)
{
	return (uintptr_t)at % sizeof(*at) == 0 && !try_load(at).raised;
}

static bool is_code(uintptr_t at)
{
	return at >= (uintptr_t)image_start && at < (uintptr_t)code_end;
}

/*
 * Each frame has the address of its caller's, in which the return address is, once it
 * has been saved: where the interrupt came, it may still be in LR.
 */
static void print_stack(const struct frame *frame)
{
	const uintptr_t *sp = (const uintptr_t *)frame->gpr[1];
	char text[20 * 19 + 24];
	int at = snprintf(text, sizeof(text), "\tSTACK: @%lx",
			  (unsigned long)link_address(frame->pc));

	for (unsigned int depth = 0; depth < MAX_DEPTH; depth++) {
		const uintptr_t *caller;

		if (!readable(sp))
			break;
		caller = (const uintptr_t *)*sp;
		if (caller <= sp || !readable(caller + 2) || !*caller)
			break;
		at += snprintf(text + at, sizeof(text) - at, " %lx",
			       (unsigned long)link_address(!depth && !is_code(caller[2]) ?
							   frame->lr : caller[2]));
		sp = caller;
	}
	printf("%s\n", text);
}

static void frame_print(const struct frame *frame)
{
	for (unsigned int i = 0; i < GPR_COUNT; i++)
		printf("%sr%-2u " WORD_FMT "%s", i % 4 ? "  " : "\t", i,
		       frame->gpr[i], i % 4 == 3 ? "\n" : "");
	printf("\tlr  " WORD_FMT "  ctr " WORD_FMT "  cr %08lx  xer %08lx\n", frame->lr,
	       frame->ctr, frame->cr, frame->xer);
	printf("\tpc  " WORD_FMT "  msr " WORD_FMT "  dar " WORD_FMT "  dsisr %08lx\n",
	       frame->pc, frame->msr, frame->dar, frame->dsisr);
}

static void unexpected(struct frame *frame)
{
	static u32 reporting;
	char text[FAULT_TEXT];

	/* A fault in here is told in one line, and is the end. */
	if (atomic_add(&reporting, 1) > 1)
		panic("fault while a fault was reported: %s at %#lx",
		      fault_text(frame_fault(frame), text), frame->pc);
	check_explained(CHECK_HERE("no unexpected fault"), false,
			"%s at pc %#lx (image at %#lx), %s state, CPU %u",
			fault_text(frame_fault(frame), text), frame->pc,
			(unsigned long)image_start,
			frame_from_user(frame) ? "problem" : "privileged",
			cpu_self()->index);
	frame_print(frame);
	print_stack(frame);
	reporting = 0;
	if (!cpu_self()->escape)
		panic("fault outside of any TEST");
	test_leave();
}

void vectors_dispatch(struct frame *frame)
{
	exception_handler *handler = handlers[frame->vector / VECTORS_STEP];

	if (frame->pc == (uintptr_t)user_done && frame_from_user(frame))
		user_return(frame + 1);
	if (handler && handler(frame))
		return;
	switch (frame->vector) {
	case VECTOR_DECREMENTER:
		spr_write(SPR_DEC, DEC_FAR);
		return;
	case VECTOR_HDECREMENTER:
		spr_write(SPR_HDEC, DEC_FAR);
		return;
	}
	if (!try_fault(frame))
		unexpected(frame);
}
