/* SPDX-License-Identifier: BSD-2-Clause */
/* Reports of faults and interrupts that nobody asked for. */
#include <smp.h>
#include <test.h>
#include <unexpected.h>

static void trace_print(struct frame *frame)
{
	uintptr_t trace[FRAME_TRACE];
	unsigned int count = frame_trace(frame, trace);
	char text[20 * FRAME_TRACE + 24];
	int at = snprintf(text, sizeof(text), "\tSTACK: @%lx", (unsigned long)trace[0]);

	for (unsigned int n = 1; n < count; n++)
		at += snprintf(text + at, sizeof(text) - at, " %lx",
			       (unsigned long)trace[n]);
	printf("%s\n", text);
}

void unexpected_fault(struct frame *frame)
{
	static u32 reporting;
	char text[FAULT_TEXT], where[FRAME_WHERE];

	fault_text(frame_fault(frame), text);
	frame_where(frame, where);
	if (atomic_add(&reporting, 1) > 1)
		panic("fault while a fault was reported: %s at %s", text, where);
	check_explained(CHECK_HERE("no unexpected fault"), false, "%s at %s, CPU %u", text,
			where, cpu_self()->index);
	frame_print(frame);
	trace_print(frame);
	reporting = 0;
}

void unexpected_irq(struct frame *frame, const char *fmt, ...)
{
	char text[FAULT_TEXT], where[FRAME_WHERE];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	check_explained(CHECK_HERE("no unexpected interrupt"), false, "%s at %s, CPU %u",
			text, frame_where(frame, where), cpu_self()->index);
	trace_print(frame);
}

void unexpected_leave(const char *what)
{
	if (!cpu_self()->escape)
		panic("%s outside of any TEST", what);
	test_leave();
}
