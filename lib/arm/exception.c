/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an exception: a TRY's result, a test's handler, or a report. */
#include <boot.h>
#include <exception.h>
#include <gic.h>
#include <smp.h>

#define IRQS		1024	/* INTIDs below LPIs, which are hashed to a few */
#define LPIS		64

static bool (*handlers[EXCEPTION_CLASSES_MAX])(struct frame *frame);
static struct irq irqs[IRQS], lpis[LPIS];

const char *fault_status_text(u32 code, char *to)
{
	static const char *const kinds[] = {
		"address size", "translation", "access flag", "permission",
	};

	if (code < 4 * ARRAY_SIZE(kinds))
		snprintf(to, FAULT_STATUS_TEXT, "%s, level %u", kinds[code / 4],
			 code % 4);
	else
		snprintf(to, FAULT_STATUS_TEXT, "%s%#x",
			 code == FSC_EXTERNAL ? "external " :
			 code == FSC_ALIGNMENT ? "alignment " :
			 code == FSC_TAG_CHECK ? "tag check " : "status ", code);
	return to;
}

static struct irq *irq_of(unsigned int intid)
{
	return intid < IRQS ? &irqs[intid] : &lpis[intid % LPIS];
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

const char *frame_where(const struct frame *frame, char *to)
{
	snprintf(to, FRAME_WHERE, "pc %#lx (image at %#lx), %s mode",
		 (unsigned long)frame->pc, (unsigned long)image_start,
		 frame_from_user(frame) ? "user" : "kernel");
	return to;
}

unsigned int frame_trace(struct frame *frame, uintptr_t *to)
{
	uintptr_t fp = FRAME_POINTER(frame), caller;
	unsigned int n = 0;

	to[n++] = image_offset(frame->pc);
	while (n < FRAME_TRACE && (caller = frame_caller(frame, &fp)))
		to[n++] = image_offset(caller);
	return n;
}

static void irq_dispatch(struct frame *frame)
{
	u32 iar = gic_acknowledge(), intid = gic_intid(iar);
	const struct irq *irq = irq_of(intid);

	/* Withdrawn before it was taken (IHI 0048, 3.2.1). */
	if (intid == GIC_SPURIOUS)
		return;
	if (!irq->fn) {
		gic_eoi(iar);
		unexpected_irq(frame, "INTID %u", intid);
		unexpected_leave("interrupt");
	}
	cpu_self()->gic.iar = iar;
	irq->fn(irq->arg);
	if (!irq->no_eoi)
		gic_eoi(iar);
}

void vectors_dispatch(struct frame *frame)
{
	unsigned int class = frame_class(frame);

	if (frame->pc == (uintptr_t)user_done && frame_from_user(frame))
		user_return(frame + 1);
	if (class == EXCEPTION_IRQ)
		return irq_dispatch(frame);
	if (handlers[class] && handlers[class](frame))
		return;
	if (try_fault(frame))
		return;
	unexpected_fault(frame);
	unexpected_leave("fault");
}

void exception_handle(unsigned int class, bool (*handler)(struct frame *frame))
{
	handlers[class] = handler;
}

struct irq irq_set(unsigned int intid, struct irq irq)
{
	struct irq *at = irq_of(intid), old = *at;

	*at = irq;
	return old;
}
