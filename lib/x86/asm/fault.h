/* SPDX-License-Identifier: BSD-2-Clause */
/* x86's faults: a vector, its error code, and CR2. */
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
#define FAULT_MF	FAULT(VECTOR_MF, 0)
#define FAULT_CP(ec)	FAULT(VECTOR_CP, ec)
#define FAULT_AC	FAULT(VECTOR_AC, 0)

/* In initialisers of static tables, where a compound literal is no constant. */
#define AS_GP(ec)	{ .raised = true, .vector = VECTOR_GP, .error = (ec) }
#define AS_CP(ec)	{ .raised = true, .vector = VECTOR_CP, .error = (ec) }
#define AS_PF(ec)	{ .raised = true, .vector = VECTOR_PF, .error = (ec) }
#define AS_SS(ec)	{ .raised = true, .vector = VECTOR_SS, .error = (ec) }
#define AS_UD		{ .raised = true, .vector = VECTOR_UD }
#define AS_NONE		{ .raised = false }

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

/* What every architecture has, for neutral tests: docs/architectures.md. */
#define INSN_NOTHING		"nop"
#define INSN_UNDEFINED		"ud2"
#define INSN_PRIVILEGED		"hlt"		/* in user mode */
#define FAULT_UNDEFINED		FAULT_UD
#define FAULT_PRIVILEGED	FAULT_GP(0)
#define FAULT_MISSING(address, write)					\
	FAULT_PF_AT(address, (write) ? PF_W : 0)

/**
 * TRY_FORCED(), TRY_OUT_FORCED() - TRY() and TRY_OUT() through KVM's emulator
 */
#define TRY_FORCED(insn, ...)						\
	TRY_ASM(FORCE, FORCE_ENTRY, insn, OUT(), ##__VA_ARGS__)
#define TRY_OUT_FORCED(insn, outputs, ...)				\
	TRY_ASM(FORCE, FORCE_ENTRY, insn, outputs, ##__VA_ARGS__)

#endif
