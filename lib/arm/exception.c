/* SPDX-License-Identifier: BSD-2-Clause */
/* What becomes of an exception: a TRY's result, a test's handler, or a report. */
#include <boot.h>
#include <exception.h>
#include <gic.h>
#include <smp.h>
#include <test.h>

#define IRQS		1024	/* INTIDs below LPIs, which are hashed to a few */
#define LPIS		64
#define MAX_DEPTH	19

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

/* As the linker counted, so that the image's symbols are found by it. */
static uintptr_t link_address(uintptr_t at)
{
	bool inside = at >= (uintptr_t)image_start && at < (uintptr_t)image_end;

	return inside ? at - (uintptr_t)image_start : at;
}

static void print_stack(const struct frame *frame)
{
	uintptr_t fp = FRAME_POINTER(frame), caller;
	char text[20 * 19 + 24];
	int at = snprintf(text, sizeof(text), "\tSTACK: @%lx",
			  (unsigned long)link_address(frame->pc));

	for (unsigned int depth = 0; depth < MAX_DEPTH &&
	     (caller = frame_caller(frame, &fp)); depth++)
		at += snprintf(text + at, sizeof(text) - at, " %lx",
			       (unsigned long)link_address(caller));
	printf("%s\n", text);
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
			"%s at pc %#lx (image at %#lx), %s mode, CPU %u",
			fault_text(frame_fault(frame), text), frame->pc,
			(unsigned long)image_start,
			frame_from_user(frame) ? "user" : "kernel",
			cpu_self()->index);
	frame_print(frame);
	print_stack(frame);
	reporting = 0;
	if (!cpu_self()->escape)
		panic("fault outside of any TEST");
	test_leave();
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
		check_explained(CHECK_HERE("no unexpected interrupt"), false,
				"INTID %u at pc %#lx, CPU %u", intid, frame->pc,
				cpu_self()->index);
		print_stack(frame);
		if (!cpu_self()->escape)
			panic("interrupt outside of any TEST");
		test_leave();
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
	if (!try_fault(frame))
		unexpected(frame);
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
