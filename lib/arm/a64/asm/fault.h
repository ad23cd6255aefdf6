/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of AArch64 state: the syndrome, and FAR where it has one. */
#ifndef ASM_FAULT_H
#define ASM_FAULT_H

#include <asm/word.h>
#include <base.h>
#include <defs/esr.h>
#include <defs/page.h>

struct fault {
	bool raised;
	bool at;		/* wanted: the address counts too */
	bool serror;		/* an SError interrupt, not a synchronous exception */
	u32 esr;		/* ESR_ELx, low 32 bits */
	uintptr_t address;	/* FAR_ELx, where the class has an address */
};

/*
 * Of an abort's syndrome WnR, CM, S1PTW and the status code are compared, and of a
 * trapped register access all but the general register: the rest says how the
 * compiler wrote the access.
 */
#define FAULT(ec, iss)							\
	((struct fault){ .raised = true, .esr = (u32)(ec) << ESR_EC_SHIFT | (iss) })
#define FAULT_NONE		((struct fault){ .raised = false })
#define FAULT_UNDEFINED		FAULT(EC_UNKNOWN, 0)
#define FAULT_SVC(n)		FAULT(EC_SVC64, n)
#define FAULT_HVC(n)		FAULT(EC_HVC64, n)
#define FAULT_BRK(n)		FAULT(EC_BRK64, n)
#define FAULT_ILLEGAL_STATE	FAULT(EC_ILLEGAL_STATE, 0)
#define FAULT_PC_ALIGNMENT	FAULT(EC_PC_ALIGNMENT, 0)
#define FAULT_SP_ALIGNMENT	FAULT(EC_SP_ALIGNMENT, 0)
#define FAULT_SYSREG(iss)	FAULT(EC_SYSREG, iss)
#define FAULT_WRITE		ISS_WNR
/* Data and instruction aborts at the handler's own level, and from user mode. */
#define FAULT_DATA(iss)		FAULT(EC_DATA_ABORT, iss)
#define FAULT_DATA_USER(iss)	FAULT(EC_DATA_ABORT_LOWER, iss)
#define FAULT_INSN(iss)		FAULT(EC_INSN_ABORT, iss)
#define FAULT_INSN_USER(iss)	FAULT(EC_INSN_ABORT_LOWER, iss)
#define FAULT_AT(ec, iss, where)					\
	((struct fault){ .raised = true, .at = true,			\
			 .esr = (u32)(ec) << ESR_EC_SHIFT | (iss),	\
			 .address = (uintptr_t)(where) })
#define FAULT_DATA_AT(where, iss)	FAULT_AT(EC_DATA_ABORT, iss, where)
#define FAULT_INSN_AT(where, iss)	FAULT_AT(EC_INSN_ABORT, iss, where)

/* In initialisers of static tables, where a compound literal is no constant. */
#define AS_FAULT(ec, iss)	{ .raised = true, .esr = (u32)(ec) << ESR_EC_SHIFT | (iss) }
#define AS_UNDEFINED		AS_FAULT(EC_UNKNOWN, 0)
#define AS_NONE			{ .raised = false }

/* Stores to the address that is its input. */
#define INSN_STORE		"strb %w0, [%0]"
#define INSN_STORE_WORD		"str %w0, [%0]"

#define INSN_READ_CNTP_CTL	"mrs %0, cntp_ctl_el0"

/* What every architecture has, for neutral tests: docs/architectures.md. */
#define INSN_NOTHING		"nop"
#define INSN_UNDEFINED		"udf #0"
#define INSN_PRIVILEGED		"ic ivau, xzr"	/* in user mode, as SCTLR.UCI is 0 */
#define FAULT_PRIVILEGED						\
	FAULT_SYSREG(ISS_SYSREG(1, 3, 7, 5, 1, ISS_SYSREG_WRITE))
#define FAULT_MISSING(address, write)					\
	FAULT_DATA_AT(address, FSC_TRANSLATION(3) | ((write) ? FAULT_WRITE : 0))

asm(".ifndef .Lfault_entry_defined\n"
    ".set .Lfault_entry_defined, 1\n"
    ".macro fault_entry insn, fixup, reg\n"
    "	.pushsection .faults, \"a\"\n"
    "	.long \\insn - ., \\fixup - .\n"
    "	.set .Lgpr, 0\n"
    "	.irp name, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,"
    "21,22,23,24,25,26,27,28,29,30\n"
    "	.ifc \\reg, x\\name\n"
    "	.long .Lgpr\n"
    "	.endif\n"
    "	.set .Lgpr, .Lgpr + 1\n"
    "	.endr\n"
    "	.popsection\n"
    ".endm\n"
    ".endif\n");

#endif
