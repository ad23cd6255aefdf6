/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault as a value, and instructions that may raise one.
 *
 * TRY(insn, inputs…) runs one instruction and returns its fault.  The compiler
 * picks a register for the address of the result; a table entry next to the
 * instruction records which; the exception handler finds the entry by the
 * instruction pointer, writes the fault through that register and resumes behind
 * the instruction.  No register and no state is reserved, operand numbers stay
 * the author's, and it works at any privilege level.
 *
 * <asm/fault.h> has struct fault, whose first member is `raised`, its constants
 * FAULT_…, and the assembler's macro fault_entry, which makes the table's entry.
 */
#ifndef FAULT_H
#define FAULT_H

#include <asm/fault.h>
#include <base.h>

#define FAULT_TEXT	64	/* bytes that fault_text() needs at most */

/**
 * fault_text() - as the architecture's manual writes it: "#GP(0)", "no fault"
 * @to: FAULT_TEXT bytes
 *
 * Returns @to.
 */
const char *fault_text(struct fault fault, char *to);

/**
 * fault_matches() - is @got what @want says?
 */
bool fault_matches(struct fault want, struct fault got);

/**
 * fault_falsify() - another fault, that fault_matches() tells from @fault
 * @kind: the exception becomes another one; otherwise a detail of it does
 */
struct fault fault_falsify(struct fault fault, bool kind);

/* Offsets are relative to themselves: the table needs no relocation. */
struct fault_entry {
	int32_t insn, fixup;
	int32_t reg;		/* number of the register with the address */
};

/**
 * fault_entry_find() - the TRY whose instruction is at @ip, or NULL
 * fault_entry_fixup() - where it goes on
 */
const struct fault_entry *fault_entry_find(uintptr_t ip);
uintptr_t fault_entry_fixup(const struct fault_entry *entry);

/**
 * TRY() - run one instruction with input operands
 * TRY_OUT() - the same with outputs, given as OUT(…), in front
 *
 * An instruction that jumps ends at its target if it does not fault.
 */
#define TRY(insn, ...)							\
	TRY_ASM("", "", insn, OUT(), ##__VA_ARGS__)
#define TRY_OUT(insn, outputs, ...)					\
	TRY_ASM("", "", insn, outputs, ##__VA_ARGS__)

/**
 * try_load(), try_store() - the fault of reading, writing a byte
 */
struct fault try_load(const void *address);
struct fault try_store(void *address);

/* Parenthesised, so that the list survives being passed on as one argument. */
#define OUT(...)	(__VA_ARGS__)
#define UNWRAP(...)	__VA_ARGS__

/* <asm/fault.h> may add what an exception overwrites. */
#ifndef TRY_CLOBBERS
#define TRY_CLOBBERS	"memory", "cc"
#endif

/* @prefix: in front of the instruction; @entry: of further table entries */
#define TRY_ASM(prefix, entry, insn, outputs, ...) ({			\
	struct fault try_ = FAULT_NONE;					\
	asm volatile(prefix ".Ltry%=:	" insn "\n"			\
		     ".Lend%=:\n"					\
		     "fault_entry .Ltry%=, .Lend%=, %[try_]\n" entry	\
		     : UNWRAP outputs					\
		     : __VA_ARGS__ __VA_OPT__(,) [try_] "r"(&try_)	\
		     : TRY_CLOBBERS);					\
	try_;								\
})

#endif
