/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trials: code that starts in a machine state given whole, and the state that it
 * ends in.  A trial ends at its first exception, so that a fault's outcome and a
 * normal end's (a UD2 behind the code) are the same kind of thing: every register
 * as the exception's frame has it.
 */
#ifndef TRIAL_H
#define TRIAL_H

#include <asm/word.h>
#include <exception.h>

struct trial {
#if IS_64BIT
	u64 pad;		/* the frame ends at a multiple of 16 */
#endif
	struct frame frame;
	u16 selectors[5];	/* DS ES FS GS SS */
	unsigned long cr2;
} __attribute__((aligned(16)));

/* What CR2 holds when a trial starts: only a page fault may change it. */
#define TRIAL_CR2	0x5a5a0000ul

/**
 * trial_run() - start in @start, and end at the first exception
 * @start: vector and error do not count.  With a CS of CPL 0 in a 32-bit image,
 *	three words below its stack pointer are used on the way in, and the
 *	exception's own frame goes below the stack pointer of the end.
 *
 * DS, ES, FS and GS hold a flat data segment of DPL 3; bases that a test gave FS
 * and GS through their MSRs stay.  Exceptions arrive on a stack of their own, NMI
 * and #MC as ever.  Boot CPU only, with interrupts off.
 *
 * Returns trial_end, which the next trial replaces.
 */
struct trial *trial_run(const struct frame *start);
extern struct trial trial_end;

/**
 * trial_fault() - the fault that a trial ended with
 * @landing: the UD2 that is its normal end: no fault
 */
struct fault trial_fault(const struct trial *end, const void *landing);

#endif
