/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults: the cause, and STVAL where the test asks for it. */
#ifndef ASM_FAULT_H
#define ASM_FAULT_H

#include <asm/word.h>
#include <base.h>
#include <defs/csr.h>

struct fault {
	bool raised;
	bool at;		/* wanted: the value counts too */
	u32 cause;		/* EXCEPTION_… */
	uintptr_t value;	/* STVAL: an address, or the instruction, or 0 */
};

enum exception {
#define EXCEPTION_CONSTANT(code, tail, name) EXCEPTION_##tail = code,
	EXCEPTIONS(EXCEPTION_CONSTANT)
#undef EXCEPTION_CONSTANT
	EXCEPTIONS_MAX = 64
};

#define FAULT(exception)						\
	((struct fault){ .raised = true, .cause = EXCEPTION_##exception })
#define FAULT_AT(exception, where)					\
	((struct fault){ .raised = true, .at = true,			\
			 .cause = EXCEPTION_##exception,		\
			 .value = (uintptr_t)(where) })
#define FAULT_NONE		((struct fault){ .raised = false })
#define FAULT_ILLEGAL		FAULT(ILLEGAL)
#define FAULT_LOAD_PAGE(where)	FAULT_AT(LOAD_PAGE, where)
#define FAULT_STORE_PAGE(where)	FAULT_AT(STORE_PAGE, where)
#define FAULT_INSN_PAGE(where)	FAULT_AT(INSN_PAGE, where)

/*
 * What every architecture has, for neutral tests: docs/architectures.md.  Old KVM never
 * gives a guest its illegal instructions, so that the harness and those have EBREAK and
 * ECALL.
 */
#define INSN_NOTHING		"nop"
#define INSN_UNDEFINED		"ebreak"
#define INSN_PRIVILEGED		"ecall"
#define FAULT_UNDEFINED		FAULT(BREAKPOINT)
#define FAULT_PRIVILEGED	FAULT(ECALL_USER)
#define FAULT_MISSING(address, write)					\
	((write) ? FAULT_STORE_PAGE(address) : FAULT_LOAD_PAGE(address))

/*
 * In an entry's register: going on in supervisor mode; with 0 for the register, there is
 * no fault, but a way back to there.
 */
#define FAULT_ENTRY_KERNEL	0x20

asm(".ifndef .Lfault_entry_defined\n"
    ".set .Lfault_entry_defined, 1\n"
    ".macro fault_entry insn, fixup, reg, more=0\n"
    "	.pushsection .faults, \"a\"\n"
    "	.4byte \\insn - ., \\fixup - .\n"
    "	.set .Lgpr, 0\n"
    "	.irp name, zero,ra,sp,gp,tp,t0,t1,t2,s0,s1,a0,a1,a2,a3,a4,a5,a6,a7,"
    "s2,s3,s4,s5,s6,s7,s8,s9,s10,s11,t3,t4,t5,t6\n"
    "	.ifc \\reg, \\name\n"
    "	.4byte .Lgpr + \\more\n"
    "	.endif\n"
    "	.set .Lgpr, .Lgpr + 1\n"
    "	.endr\n"
    "	.popsection\n"
    ".endm\n"
    ".endif\n");

#endif
