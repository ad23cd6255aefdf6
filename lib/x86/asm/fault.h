/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A fault as a value, and instructions that may raise one.
 *
 * TRY(insn, inputs…) runs one instruction and returns its fault.  The compiler
 * picks a register for the address of the result; a table entry next to the
 * instruction records which; the exception handler finds the entry by the
 * instruction pointer, writes the fault through that register and resumes behind
 * the instruction.  No register and no state is reserved, operand numbers stay
 * the author's, and it works at any CPL.
 */
#ifndef ASM_FAULT_H
#define ASM_FAULT_H

#include <asm/word.h>
#include <base.h>
#include <defs/vector.h>

struct fault {
	bool raised;
	u8 vector;
	bool rf;		/* got: RFLAGS.RF as pushed */
	bool at;		/* wanted: the address counts too */
	u32 error;
	uintptr_t address;	/* CR2, page faults only */
};

#define FAULT(vec, ec)							\
	((struct fault){ .raised = true, .vector = (vec), .error = (ec) })
#define FAULT_NONE	((struct fault){ .raised = false })
#define FAULT_DE	FAULT(VECTOR_DE, 0)
#define FAULT_DB	FAULT(VECTOR_DB, 0)
#define FAULT_BP	FAULT(VECTOR_BP, 0)
#define FAULT_OF	FAULT(VECTOR_OF, 0)
#define FAULT_UD	FAULT(VECTOR_UD, 0)
#define FAULT_NM	FAULT(VECTOR_NM, 0)
#define FAULT_NP(ec)	FAULT(VECTOR_NP, ec)
#define FAULT_SS(ec)	FAULT(VECTOR_SS, ec)
#define FAULT_GP(ec)	FAULT(VECTOR_GP, ec)
#define FAULT_PF(ec)	FAULT(VECTOR_PF, ec)
#define FAULT_PF_AT(where, ec)						\
	((struct fault){ .raised = true, .vector = VECTOR_PF,		\
			 .error = (ec), .at = true,			\
			 .address = (uintptr_t)(where) })
#define FAULT_AC	FAULT(VECTOR_AC, 0)

/* In initialisers of static tables, where a compound literal is no constant. */
#define AS_GP(ec)	{ .raised = true, .vector = VECTOR_GP, .error = (ec) }
#define AS_UD		{ .raised = true, .vector = VECTOR_UD }
#define AS_NONE		{ .raised = false }

#define FAULT_TEXT	64	/* bytes that fault_text() needs at most */

/**
 * fault_text() - "#GP(0)", "#PF(P|W) at 0x1234", "no fault"
 * @to: FAULT_TEXT bytes
 *
 * Returns @to.
 */
const char *fault_text(struct fault fault, char *to);

/**
 * fault_matches() - is @got what @want says?
 */
bool fault_matches(struct fault want, struct fault got);

/* Offsets are relative to themselves: the table needs no relocation. */
struct fault_entry {
	int32_t insn, fixup, reg;
};

asm(".ifndef .Lfault_entry_defined\n"
    ".set .Lfault_entry_defined, 1\n"
    ".macro fault_entry insn, fixup, reg\n"
    "	.pushsection .faults, \"a\"\n"
    "	.long \\insn - ., \\fixup - .\n"
    "	.set .Lgpr, 0\n"
    "	.irp name, " GPR_LIST "\n"
    "	.ifc \\reg, %\\name\n"
    "	.long .Lgpr\n"
    "	.endif\n"
    "	.set .Lgpr, .Lgpr + 1\n"
    "	.endr\n"
    "	.popsection\n"
    ".endm\n"
    ".endif\n");

/* KVM's forced-emulation prefix: UD2 and "kvm" (kvm.force_emulation_prefix). */
#define FORCE		".Lforce%=: ud2; .byte 'k', 'v', 'm'\n"
/* Where there is no emulator behind it, the prefix itself is what faults. */
#define FORCE_ENTRY	"fault_entry .Lforce%=, .Lend%=, %[try_]\n"

/**
 * TRY() - run one instruction with input operands
 * TRY_OUT() - the same with outputs, given as OUT(…), in front
 * TRY_FORCED(), TRY_OUT_FORCED() - the same through KVM's emulator
 *
 * An instruction that jumps ends at its target if it does not fault.
 */
#define TRY(insn, ...)							\
	TRY_ASM("", "", insn, OUT(), ##__VA_ARGS__)
#define TRY_OUT(insn, outputs, ...)					\
	TRY_ASM("", "", insn, outputs, ##__VA_ARGS__)
#define TRY_FORCED(insn, ...)						\
	TRY_ASM(FORCE, FORCE_ENTRY, insn, OUT(), ##__VA_ARGS__)
#define TRY_OUT_FORCED(insn, outputs, ...)				\
	TRY_ASM(FORCE, FORCE_ENTRY, insn, outputs, ##__VA_ARGS__)

/* Parenthesised, so that the list survives being passed on as one argument. */
#define OUT(...)	(__VA_ARGS__)
#define UNWRAP(...)	__VA_ARGS__

#define TRY_ASM(prefix, entry, insn, outputs, ...) ({			\
	struct fault try_ = FAULT_NONE;					\
	asm volatile(prefix ".Ltry%=:	" insn "\n"			\
		     ".Lend%=:\n"					\
		     "fault_entry .Ltry%=, .Lend%=, %[try_]\n" entry	\
		     : UNWRAP outputs					\
		     : __VA_ARGS__ __VA_OPT__(,) [try_] "r"(&try_)	\
		     : "memory", "cc");					\
	try_;								\
})

#endif
