/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts by the offset of their vector (Power ISA 3.1, Book III, 7.5). */
#ifndef DEFS_VECTOR_H
#define DEFS_VECTOR_H

/* X(vector, NAME, text) */
#define VECTORS(X)							\
	X(0x100, SYSTEM_RESET, "system reset")				\
	X(0x200, MACHINE_CHECK, "machine check")			\
	X(0x300, DATA_STORAGE, "data storage")				\
	X(0x380, DATA_SEGMENT, "data segment")				\
	X(0x400, INSN_STORAGE, "instruction storage")			\
	X(0x480, INSN_SEGMENT, "instruction segment")			\
	X(0x500, EXTERNAL, "external")					\
	X(0x600, ALIGNMENT, "alignment")				\
	X(0x700, PROGRAM, "program")					\
	X(0x800, FP_UNAVAILABLE, "floating-point unavailable")		\
	X(0x900, DECREMENTER, "decrementer")				\
	X(0x980, HDECREMENTER, "hypervisor decrementer")		\
	X(0xa00, DOORBELL, "doorbell")					\
	X(0xc00, SYSTEM_CALL, "system call")				\
	X(0xd00, TRACE, "trace")					\
	X(0xe00, HDATA_STORAGE, "hypervisor data storage")		\
	X(0xe20, HINSN_STORAGE, "hypervisor instruction storage")	\
	X(0xe40, HEMULATION, "hypervisor emulation assistance")		\
	X(0xe60, HMAINTENANCE, "hypervisor maintenance")		\
	X(0xe80, HDOORBELL, "hypervisor doorbell")			\
	X(0xea0, HVIRTUALIZATION, "hypervisor virtualization")		\
	X(0xf00, PERFORMANCE, "performance monitor")			\
	X(0xf20, VECTOR_UNAVAILABLE, "vector unavailable")		\
	X(0xf40, VSX_UNAVAILABLE, "VSX unavailable")			\
	X(0xf60, FACILITY, "facility unavailable")			\
	X(0xf80, HFACILITY, "hypervisor facility unavailable")		\
	X(0x1500, SOFT_PATCH, "soft patch")

#define VECTOR_SYSTEM_RESET	0x100
#define VECTOR_MACHINE_CHECK	0x200
#define VECTOR_DATA_STORAGE	0x300
#define VECTOR_DATA_SEGMENT	0x380
#define VECTOR_INSN_STORAGE	0x400
#define VECTOR_INSN_SEGMENT	0x480
#define VECTOR_EXTERNAL		0x500
#define VECTOR_ALIGNMENT	0x600
#define VECTOR_PROGRAM		0x700
#define VECTOR_FP_UNAVAILABLE	0x800
#define VECTOR_DECREMENTER	0x900
#define VECTOR_HDECREMENTER	0x980
#define VECTOR_DOORBELL		0xa00
#define VECTOR_SYSTEM_CALL	0xc00
#define VECTOR_TRACE		0xd00
#define VECTOR_HDATA_STORAGE	0xe00
#define VECTOR_HEMULATION	0xe40
#define VECTOR_HDOORBELL	0xe80
#define VECTOR_HVIRTUALIZATION	0xea0
#define VECTOR_FACILITY		0xf60
#define VECTOR_HFACILITY	0xf80

#define VECTORS_FIRST	0x100
#define VECTORS_STEP	0x20
#define VECTORS_END	0x1800

/* SRR1 of a program interrupt (7.5.9). */
#define PROGRAM_ILLEGAL		0x80000
#define PROGRAM_PRIVILEGED	0x40000
#define PROGRAM_TRAP		0x20000
#define PROGRAM_MASK		0x1f0000

/* DSISR of a data storage interrupt (7.5.3); SRR1 of an instruction's (7.5.5). */
#define STORAGE_MISSING		0x40000000u	/* no translation */
#define STORAGE_NO_EXEC		0x10000000u	/* SRR1 only */
#define STORAGE_PROTECTED	0x08000000u
#define STORAGE_STORE		0x02000000u	/* DSISR only */
#define STORAGE_INSN_MASK	0x783f0000u

/* A prefixed instruction, in SRR1 (7.5.1). */
#define SRR1_PREFIXED		0x20000000u

#endif
