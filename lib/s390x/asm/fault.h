/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: a program interruption's code, and its translation-exception identification. */
#ifndef ASM_FAULT_H
#define ASM_FAULT_H

#include <asm/word.h>
#include <base.h>
#include <defs/pgm.h>

enum pgm_code {
#define PGM_CONSTANT(constant, code, name) constant = code,
	PGM_CODES(PGM_CONSTANT)
#undef PGM_CONSTANT
};

struct fault {
	bool raised;
	bool at;		/* wanted: teid's address and kind of access count, too */
	bool svc;		/* a supervisor call; code is its number */
	u8 access_id;		/* exception-access identification */
	u16 code;		/* PGM_… */
	u8 dxc;			/* of a data exception */
	u64 teid;		/* where the code has one */
};

#define FAULT(number)							\
	((struct fault){ .raised = true, .code = (number) })
#define FAULT_NONE		((struct fault){ .raised = false })
#define FAULT_SVC(n)							\
	((struct fault){ .raised = true, .svc = true, .code = (n) })
/* Of an address, the page is told; TEID_FETCH or TEID_STORE where facility 75 is. */
#define FAULT_AT(number, where, access)					\
	((struct fault){ .raised = true, .at = true, .code = (number),	\
			 .teid = ((uintptr_t)(where) & TEID_ADDRESS) | (access) })

/* In initialisers of static tables, where a compound literal is no constant. */
#define AS_FAULT(number)	{ .raised = true, .code = (number) }
#define AS_NONE			{ .raised = false }

/* What every architecture has, for neutral tests: docs/architectures.md. */
#define INSN_NOTHING		"bcr 0, 0"
#define INSN_UNDEFINED		".word 0"
#define INSN_PRIVILEGED		"ptlb"
#define FAULT_UNDEFINED		FAULT(PGM_OPERATION)
#define FAULT_PRIVILEGED	FAULT(PGM_PRIVILEGED)
#define FAULT_MISSING(address, write)					\
	FAULT_AT(PGM_PAGE, address, (write) ? TEID_STORE : TEID_FETCH)

asm(".ifndef .Lfault_entry_defined\n"
    ".set .Lfault_entry_defined, 1\n"
    ".macro fault_entry insn, fixup, reg\n"
    "	.pushsection .faults, \"a\"\n"
    "	.long \\insn - ., \\fixup - .\n"
    "	.set .Lgpr, 0\n"
    "	.irp name, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15\n"
    "	.ifc \\reg, %r\\name\n"
    "	.long .Lgpr\n"
    "	.endif\n"
    "	.set .Lgpr, .Lgpr + 1\n"
    "	.endr\n"
    "	.popsection\n"
    ".endm\n"
    ".endif\n");

#endif
