/* SPDX-License-Identifier: BSD-2-Clause */
/* Debug exceptions into a list. */
#include <debug_events.h>
#include <exception.h>

struct debug_events debug_events;

void write_dr(unsigned int n, unsigned long value)
{
	switch (n) {
	case 0:
		asm volatile("mov %0, %%dr0" : : "r"(value));
		break;
	case 1:
		asm volatile("mov %0, %%dr1" : : "r"(value));
		break;
	case 2:
		asm volatile("mov %0, %%dr2" : : "r"(value));
		break;
	case 3:
		asm volatile("mov %0, %%dr3" : : "r"(value));
		break;
	default:
		panic("no DR%u for an address", n);
	}
}

static bool on_debug(struct frame *frame)
{
	struct debug_events *e = &debug_events;

	if (e->count < DEBUG_EVENTS_MAX)
		e->events[e->count] = (struct debug_event){
			frame->ip, frame->flags, read_dr6()
		};
	e->count++;
	write_dr6(DR6_FIXED | e->keep);
	if (e->retry)
		frame->flags |= RFLAGS_RF;
	/* What never ends would fill no list, but time. */
	if (e->count > 4 * DEBUG_EVENTS_MAX)
		frame->flags &= ~RFLAGS_TF;
	return true;
}

static bool on_breakpoint(struct frame *frame)
{
	debug_events.breakpoints++;
	debug_events.breakpoint_ip = frame->ip;
	return true;
}

/* Addresses, too: DR6 may tell of breakpoints that are not enabled. */
static void reset_registers(void)
{
	write_dr7(DR7_FIXED);
	write_dr6(DR6_FIXED);
	for (unsigned int n = 0; n < 4; n++)
		write_dr(n, 0);
}

static void debug_events_leave(struct scope *scope)
{
	(void)scope;
	reset_registers();
	exception_handle(VECTOR_DB, NULL);
	exception_handle(VECTOR_BP, NULL);
}

void debug_events_enter(struct debug_scope *scope)
{
	memset(&debug_events, 0, sizeof(debug_events));
	scope_enter(&scope->scope, debug_events_leave);
	exception_handle(VECTOR_DB, on_debug);
	exception_handle(VECTOR_BP, on_breakpoint);
	reset_registers();
}
