/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults of AArch32 state: the vector, and of aborts FSR and FAR. */
#ifndef ASM_FAULT_H
#define ASM_FAULT_H

#include <asm/word.h>
#include <base.h>
#include <defs/fsr.h>
#include <defs/page.h>

struct fault {
	bool raised;
	bool at;		/* wanted: the address counts too */
	u8 vector;		/* EXCEPTION_… */
	u32 status;		/* DFSR or IFSR, long format; SVC: the immediate */
	uintptr_t address;	/* DFAR or IFAR */
};

/* Of a status, the code, WnR and CM are compared. */
#define FAULT(exception, fsr)						\
	((struct fault){ .raised = true, .vector = (exception), .status = (fsr) })
#define FAULT_NONE		((struct fault){ .raised = false })
#define FAULT_UNDEFINED		FAULT(EXCEPTION_UNDEFINED, 0)
#define FAULT_SVC(n)		FAULT(EXCEPTION_SVC, n)
#define FAULT_WRITE		FSR_WNR
#define FAULT_DATA(fsr)		FAULT(EXCEPTION_DATA_ABORT, fsr)
#define FAULT_INSN(fsr)		FAULT(EXCEPTION_INSN_ABORT, fsr)
/* Where an abort came from is not in its status here. */
#define FAULT_DATA_USER(fsr)	FAULT_DATA(fsr)
#define FAULT_INSN_USER(fsr)	FAULT_INSN(fsr)
#define FAULT_AT(exception, fsr, where)					\
	((struct fault){ .raised = true, .at = true, .vector = (exception), \
			 .status = (fsr), .address = (uintptr_t)(where) })
#define FAULT_DATA_AT(where, fsr)	FAULT_AT(EXCEPTION_DATA_ABORT, fsr, where)
#define FAULT_INSN_AT(where, fsr)	FAULT_AT(EXCEPTION_INSN_ABORT, fsr, where)

/* In initialisers of static tables, where a compound literal is no constant. */
#define AS_UNDEFINED		{ .raised = true, .vector = EXCEPTION_UNDEFINED }
#define AS_NONE			{ .raised = false }

/* Stores to the address that is its input. */
#define INSN_STORE		"strb %0, [%0]"
#define INSN_STORE_WORD		"str %0, [%0]"

#define INSN_READ_CNTP_CTL	"mrc p15, 0, %0, c14, c2, 1"

/* What every architecture has, for neutral tests: docs/architectures.md. */
#define INSN_NOTHING		"nop"
#define INSN_UNDEFINED		"udf #0"
#define INSN_PRIVILEGED		"mcr p15, 0, r0, c7, c5, 0"	/* in user mode */
#define FAULT_PRIVILEGED	FAULT_UNDEFINED
#define FAULT_MISSING(address, write)					\
	FAULT_DATA_AT(address, FSC_TRANSLATION(3) | ((write) ? FAULT_WRITE : 0))

/* SVC in Supervisor mode overwrites the LR of that mode. */
#define TRY_CLOBBERS	"memory", "cc", "lr"

/* Assemblers have several names for some registers, and compilers use any. */
asm(".ifndef .Lfault_entry_defined\n"
    ".set .Lfault_entry_defined, 1\n"
    ".macro fault_entry insn, fixup, reg\n"
    "	.pushsection .faults, \"a\"\n"
    "	.long \\insn - ., \\fixup - .\n"
    "	.set .Lgpr, 0\n"
    "	.irp name, r0,r1,r2,r3,r4,r5,r6,r7,r8,r9,r10,r11,r12,sp,lr,"
    "0,1,2,3,4,5,6,7,8,sb,sl,fp,ip\n"
    "	.ifc \\reg, \\name\n"
    "	.long .Lgpr % 15\n"
    "	.endif\n"
    "	.set .Lgpr, .Lgpr + 1\n"
    "	.endr\n"
    "	.popsection\n"
    ".endm\n"
    ".endif\n");

#endif
