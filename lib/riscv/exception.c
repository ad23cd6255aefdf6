/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of a trap: a TRY's result, a test's handler, or a report. */
#include <boot.h>
#include <exception.h>
#include <paging.h>
#include <smp.h>

#define IRQS		64

static bool (*handlers[EXCEPTIONS_MAX])(struct frame *frame);
static struct irq irqs[IRQS];

bool frame_is_irq(const struct frame *frame)
{
	return (long)frame->cause < 0;
}

bool frame_from_user(const struct frame *frame)
{
	return !(frame->status & SSTATUS_SPP);
}

uintptr_t frame_insn(const struct frame *frame)
{
	return kernel_address(frame->pc);
}

struct fault frame_fault(const struct frame *frame)
{
	return (struct fault){
		.raised = true, .cause = frame->cause, .value = frame->tval,
	};
}

/* Instructions are two bytes long, or four if the lowest two bits are ones (1.5). */
void frame_skip(struct frame *frame)
{
	const u16 *insn = (const u16 *)frame_insn(frame);

	frame->pc += (*insn & 3) == 3 ? 4 : 2;
}

static bool try_fault(struct frame *frame)
{
	uintptr_t insn = frame_insn(frame);
	const struct fault_entry *entry = fault_entry_find(insn);
	unsigned int reg;

	if (!entry)
		return false;
	reg = entry->reg & (GPR_COUNT - 1);
	if (reg)
		*(struct fault *)kernel_address(*frame_gpr(frame, reg)) =
			frame_fault(frame);
	frame->pc += fault_entry_fixup(entry) - insn;
	if (entry->reg & FAULT_ENTRY_KERNEL && frame_from_user(frame)) {
		frame->pc = kernel_address(frame->pc);
		frame->status |= SSTATUS_SPP;
	}
	return true;
}

/* User mode sees the image elsewhere. */
static uintptr_t link_address(uintptr_t at)
{
	return image_offset(kernel_address(at));
}

static bool is_code(uintptr_t at)
{
	return image_has_code(kernel_address(at));
}

/*
 * A frame pointer points above the return address and the caller's frame pointer; of a
 * function that calls none, only the latter is there.
 */
static uintptr_t caller_of(struct frame *frame, uintptr_t *fp)
{
	const uintptr_t *record = (const uintptr_t *)*fp - 2;
	uintptr_t caller, outer;

	if (!*fp || *fp % sizeof(*record) ||
	    try_load(record).raised || try_load(record + 1).raised)
		return 0;
	caller = record[1];
	outer = record[0];
	if (!is_code(caller) && *fp == *frame_gpr(frame, GPR_FP)) {
		outer = caller;
		caller = *frame_gpr(frame, GPR_RA);
	}
	/* Stacks grow down: callers' records are above. */
	*fp = outer > *fp ? outer : 0;
	return is_code(caller) ? caller : 0;
}

unsigned int frame_trace(struct frame *frame, uintptr_t *to)
{
	uintptr_t fp = *frame_gpr(frame, GPR_FP), caller;
	unsigned int n = 0;

	to[n++] = link_address(frame->pc);
	while (n < FRAME_TRACE && (caller = caller_of(frame, &fp)))
		to[n++] = link_address(caller);
	return n;
}

const char *frame_where(const struct frame *frame, char *to)
{
	snprintf(to, FRAME_WHERE, "pc %#lx (image at %#lx), %s mode",
		 (unsigned long)frame->pc, (unsigned long)image_start,
		 frame_from_user(frame) ? "user" : "supervisor");
	return to;
}

void frame_print(const struct frame *frame)
{
	static const char names[][4] = {
		"ra", "sp", "gp", "tp", "t0", "t1", "t2", "s0", "s1", "a0", "a1", "a2",
		"a3", "a4", "a5", "a6", "a7", "s2", "s3", "s4", "s5", "s6", "s7", "s8",
		"s9", "s10", "s11", "t3", "t4", "t5", "t6",
	};

	for (unsigned int i = 0; i < GPR_COUNT - 1; i++)
		printf("%s%-3s " WORD_FMT "%s", i % 4 ? "  " : "\t", names[i],
		       frame->gpr[i], i % 4 == 3 ? "\n" : "");
	printf("\n\tpc  " WORD_FMT "  status " WORD_FMT "  cause " WORD_FMT "\n",
	       frame->pc, frame->status, frame->cause);
	printf("\ttval " WORD_FMT "  satp " WORD_FMT "  hart %lu\n", frame->tval,
	       csr_read(CSR_SATP), cpu_self()->hart);
}

static void irq_dispatch(struct frame *frame)
{
	unsigned int code = frame->cause & (IRQS - 1);

	if (irqs[code].fn)
		return irqs[code].fn(irqs[code].arg);
	unexpected_irq(frame, "interrupt %u", code);
	/* It would be there again at once. */
	csr_clear(CSR_SIE, IRQ_BIT(code));
	unexpected_leave("interrupt");
}

/* Ways back from user mode, which no handler of a test sees. */
static bool user_has_done(struct frame *frame)
{
	const struct fault_entry *entry;

	if (!frame_from_user(frame))
		return false;
	if (frame_insn(frame) == (uintptr_t)user_done)
		user_return(frame + 1);
	entry = fault_entry_find(frame_insn(frame));
	return entry && entry->reg == FAULT_ENTRY_KERNEL && try_fault(frame);
}

void vectors_dispatch(struct frame *frame)
{
	unsigned int cause = frame->cause & (EXCEPTIONS_MAX - 1);

	if (frame_is_irq(frame))
		return irq_dispatch(frame);
	if (cause == EXCEPTION_BREAKPOINT && user_has_done(frame))
		return;
	if (handlers[cause] && handlers[cause](frame))
		return;
	if (try_fault(frame))
		return;
	unexpected_fault(frame);
	unexpected_leave("fault");
}

void exception_handle(unsigned int cause, bool (*handler)(struct frame *frame))
{
	handlers[cause] = handler;
}

struct irq irq_set(unsigned int code, struct irq irq)
{
	struct irq old = irqs[code];

	irqs[code] = irq;
	return old;
}
