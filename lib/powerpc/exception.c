/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an interrupt: a TRY's result, a test's handler, or a report. */
#include <abi/image.h>
#include <boot.h>
#include <exception.h>
#include <smp.h>

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

static bool readable(const uintptr_t *at)
{
	return (uintptr_t)at % sizeof(*at) == 0 && !try_load(at).raised;
}

/*
 * Each frame has the address of its caller's, in which the return address is, once it
 * has been saved: where the interrupt came, it may still be in LR.
 */
unsigned int frame_trace(struct frame *frame, uintptr_t *to)
{
	const uintptr_t *sp = (const uintptr_t *)frame->gpr[1];
	unsigned int n = 0;

	to[n++] = image_offset(frame->pc);
	while (n < FRAME_TRACE && readable(sp)) {
		const uintptr_t *caller = (const uintptr_t *)*sp;

		if (caller <= sp || !readable(caller + 2) || !*caller)
			break;
		to[n] = image_offset(n == 1 && !image_has_code(caller[2]) ? frame->lr :
				     caller[2]);
		n++;
		sp = caller;
	}
	return n;
}

const char *frame_where(const struct frame *frame, char *to)
{
	snprintf(to, FRAME_WHERE, "pc %#lx (image at %#lx), %s state",
		 (unsigned long)frame->pc, (unsigned long)image_start,
		 frame_from_user(frame) ? "problem" : "privileged");
	return to;
}

void frame_print(const struct frame *frame)
{
	for (unsigned int i = 0; i < GPR_COUNT; i++)
		printf("%sr%-2u " WORD_FMT "%s", i % 4 ? "  " : "\t", i,
		       frame->gpr[i], i % 4 == 3 ? "\n" : "");
	printf("\tlr  " WORD_FMT "  ctr " WORD_FMT "  cr %08lx  xer %08lx\n", frame->lr,
	       frame->ctr, frame->cr, frame->xer);
	printf("\tpc  " WORD_FMT "  msr " WORD_FMT "  dar " WORD_FMT "  dsisr %08lx\n",
	       frame->pc, frame->msr, frame->dar, frame->dsisr);
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
	if (try_fault(frame))
		return;
	unexpected_fault(frame);
	unexpected_leave("fault");
}
