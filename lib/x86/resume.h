/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A way back for the boot CPU from real mode: after INIT (through the shutdown
 * code in CMOS) or a sleep (through ACPI's waking vector).
 */
#ifndef RESUME_H
#define RESUME_H

#include <asm/setjmp.h>
#include <base.h>

#define RESUME_PAGE	0x7000u		/* physical; free RAM on every machine */

/**
 * resume_prepare() - real-mode code at RESUME_PAGE that ends in jump_to(@jump, 1)
 *
 * Paging, EFER, CR0 and CR4 are then as they are now, and so are the descriptor
 * tables; the local APIC is enabled anew by apic_enable().
 */
void resume_prepare(struct jump *jump);

#endif
