/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupt lines that pc-testdev drives, and their entries in the I/O APIC. */
#include <apic.h>
#include <irq.h>
#include <line.h>

#define LINES		0x2000		/* the port of line 0 */

void line_set(unsigned int line, u8 level)
{
	out8(LINES + line, level);
}

void line_pulse(unsigned int line)
{
	line_set(line, 1);
	line_set(line, 0);
}

static void route_leave(struct scope *scope)
{
	unsigned int line = ((struct route_scope *)scope)->line;

	ioapic_route(line, IOAPIC_MASKED, 0);
	line_set(line, 0);
	irq_let_in();		/* what it still sent has a handler now */
}

void route_enter(struct route_scope *s, unsigned int line, u32 entry, u8 to)
{
	s->line = line;
	apic_enable();
	line_set(line, 0);
	scope_enter(&s->scope, route_leave);
	ioapic_route(line, entry, to);
}

bool line_is_remote(unsigned int line)
{
	return ioapic_read(IOAPIC_REG_ENTRY + 2 * line) & IOAPIC_REMOTE_IRR;
}
