/* SPDX-License-Identifier: BSD-2-Clause */
/* Some instructions as one piece of code that a trial runs at CPL 3. */
#ifndef SNIPPET_H
#define SNIPPET_H

#include <test.h>
#include <trial.h>

struct snippet {
	const char *name;
	const char *begin, *end;	/* of the code; a UD2 is at its end */
};

/**
 * SNIPPET(id, "insns") - define it; its code may name id_end, where it is over
 */
#define SNIPPET(id, insns)						\
	extern const char id##_begin[], id##_end[];			\
	asm(".pushsection .text\n"					\
	    #id "_begin: " insns "\n"					\
	    #id "_end: ud2\n"						\
	    ".popsection\n");						\
	static const struct snippet id = { #id, id##_begin, id##_end }

/* A far pointer to 1: is at (%rsp), with an offset of 32 bits: AMD has no wider ones. */
#define FAR_POINTER							\
	"lea 1f(%rip), %rax; push $0; mov %eax, (%rsp); movw $0x2b, 4(%rsp); "
_Static_assert(SEL_USER_CS == 0x2b, "FAR_POINTER");

/**
 * snippet_run() - run it at CPL 3, on this CPU's user stack
 * @argument: in RDI
 *
 * Returns its fault; trial_end has the rest.
 */
static inline struct fault snippet_run(const struct snippet *snippet,
				       unsigned long argument)
{
	struct frame start = {
		.ip = (uintptr_t)snippet->begin, .cs = SEL_USER_CS,
		.flags = RFLAGS_FIXED, .ss = SEL_USER_DS,
		.sp = (uintptr_t)cpu_self() + CPU_STACK_USER - 64,
		.gpr[7] = argument,
	};

	return trial_fault(trial_run(&start), snippet->end);
}

#endif
