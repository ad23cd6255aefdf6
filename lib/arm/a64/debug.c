/* SPDX-License-Identifier: BSD-2-Clause */
/* Self-hosted debug: the switches in front of it. */
#include <asm/cpu.h>
#include <debug.h>

void debug_enable(void)
{
	sysreg_write(oslar_el1, 0);
	sysreg_write(osdlr_el1, 0);
	isb();
	sysreg_write(mdscr_el1, MDSCR_KDE | MDSCR_MDE);
	isb();
}

void debug_disable(void)
{
	sysreg_write(mdscr_el1, 0);
	isb();
}

unsigned int debug_breakpoints(void)
{
	return (sysreg_read(id_aa64dfr0_el1) >> 12 & 0xf) + 1;
}

unsigned int debug_watchpoints(void)
{
	return (sysreg_read(id_aa64dfr0_el1) >> 20 & 0xf) + 1;
}
