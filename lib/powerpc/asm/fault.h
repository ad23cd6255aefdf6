/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: the vector, what SRR1 or DSISR say, and the address where there is one. */
#ifndef ASM_FAULT_H
#define ASM_FAULT_H

#include <asm/word.h>
#include <base.h>
#include <defs/vector.h>

struct fault {
	bool raised;
	bool at;		/* wanted: the address counts too */
	u16 vector;		/* VECTOR_… */
	/*
	 * Data storage: DSISR.  Instruction storage, program: SRR1 under its mask.
	 * Facility unavailable: FSCR's cause, the uppermost byte.  Else 0.
	 */
	u32 status;
	uintptr_t address;	/* DAR; SRR0 of instruction storage and segment */
};

#define FAULT(number, what)						\
	((struct fault){ .raised = true, .vector = (number), .status = (what) })
#define FAULT_AT(number, what, where)					\
	((struct fault){ .raised = true, .at = true, .vector = (number), \
			 .status = (what), .address = (uintptr_t)(where) })
#define FAULT_NONE		((struct fault){ .raised = false })
#define FAULT_PROGRAM(what)	FAULT(VECTOR_PROGRAM, what)
#define FAULT_TRAP		FAULT_PROGRAM(PROGRAM_TRAP)
#define FAULT_SYSTEM_CALL	FAULT(VECTOR_SYSTEM_CALL, 0)
#define FAULT_ALIGNMENT		FAULT(VECTOR_ALIGNMENT, 0)
#define FAULT_DATA_AT(where, what)	FAULT_AT(VECTOR_DATA_STORAGE, what, where)
#define FAULT_INSN_AT(where, what)	FAULT_AT(VECTOR_INSN_STORAGE, what, where)
#define FAULT_SEGMENT_AT(where)		FAULT_AT(VECTOR_DATA_SEGMENT, 0, where)
#define FAULT_INSN_SEGMENT_AT(where)	FAULT_AT(VECTOR_INSN_SEGMENT, 0, where)

/* To a hypervisor another interrupt tells it (Power ISA 3.1, Book III, 7.5.18). */
struct fault fault_undefined(void);

/* What every architecture has, for neutral tests: docs/architectures.md. */
#define INSN_NOTHING		"nop"
#define INSN_UNDEFINED		".long 0"
#define INSN_PRIVILEGED		"mtsrr0 0"	/* in problem state */
#define FAULT_UNDEFINED		fault_undefined()
#define FAULT_PRIVILEGED	FAULT_PROGRAM(PROGRAM_PRIVILEGED)
#define FAULT_MISSING(address, write)					\
	FAULT_DATA_AT(address, STORAGE_MISSING | ((write) ? STORAGE_STORE : 0))

/* Registers are printed as bare numbers. */
asm(".ifndef .Lfault_entry_defined\n"
    ".set .Lfault_entry_defined, 1\n"
    ".macro fault_entry insn, fixup, reg\n"
    "	.pushsection .faults, \"a\"\n"
    "	.long \\insn - ., \\fixup - ., \\reg\n"
    "	.popsection\n"
    ".endm\n"
    ".endif\n");

#endif
