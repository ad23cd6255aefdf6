/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Control and status registers that supervisor and user mode see, and what is in them
 * (RISC-V privileged ISA 1.13, chapters 2 and 12; unprivileged ISA, Zicntr).
 */
#ifndef DEFS_CSR_H
#define DEFS_CSR_H

/* Traps: where they lead, and what they tell. */
#define CSR_STVEC	0x105
#define CSR_SCAUSE	0x142
#define CSR_STVAL	0x143
#define CSR_SEPC	0x141
#define CSR_SSCRATCH	0x140
#define CSR_SSTATUS	0x100
/* Interrupts, and the timer's. */
#define CSR_SIP		0x144
#define CSR_SIE		0x104
#define CSR_STIMECMP	0x14d
#define CSR_STIMECMPH	0x15d
/* Translation, and what user mode may do. */
#define CSR_SATP	0x180
#define CSR_SENVCFG	0x10a
#define CSR_SSTATEEN0	0x10c
#define CSR_SCOUNTEREN	0x106
/* User mode's: counters, floating point, vectors, entropy. */
#define CSR_TIME	0xc01
#define CSR_TIMEH	0xc81
#define CSR_INSTRET	0xc02
#define CSR_CYCLE	0xc00
#define CSR_HPMCOUNTER3	0xc03
#define CSR_FCSR	0x003
#define CSR_VLENB	0xc22
#define CSR_VSTART	0x008
#define CSR_SEED	0x015
/* Of other modes. */
#define CSR_MSTATUS	0x300
#define CSR_HSTATUS	0x600
#define CSR_HGATP	0x680
#define CSR_VSSTATUS	0x200

#define SSTATUS_SIE	0x00000002	/* interrupts in supervisor mode */
#define SSTATUS_SPIE	0x00000020	/* the same, before the trap */
#define SSTATUS_UBE	0x00000040	/* user mode's data is big-endian */
#define SSTATUS_SPP	0x00000100	/* the trap came from supervisor mode */
#define SSTATUS_VS	0x00000600	/* state of the vector unit, */
#define SSTATUS_FS	0x00006000	/* of floating point: */
#define SSTATUS_FS_INITIAL	0x2000
#define SSTATUS_FS_CLEAN	0x4000
#define SSTATUS_VS_INITIAL	0x0200
#define SSTATUS_SUM	0x00040000	/* may access pages of user mode */
#define SSTATUS_MXR	0x00080000	/* may read what may be executed */
#define SSTATUS_SDT	0x01000000	/* Ssdbltrp: a trap now is a double trap */

/* SCAUSE: the top bit tells interrupts from exceptions. */
#define IRQ_SOFTWARE	1
#define IRQ_TIMER	5
#define IRQ_EXTERNAL	9
#define IRQ_COUNTER	13		/* Sscofpmf */
#define IRQ_BIT(code)	(1ul << (code))

/* X(code, constant's tail, name): exceptions */
#define EXCEPTIONS(X)							\
	X(0, INSN_MISALIGNED, "instruction address misaligned")		\
	X(1, INSN_ACCESS, "instruction access fault")			\
	X(2, ILLEGAL, "illegal instruction")				\
	X(3, BREAKPOINT, "breakpoint")					\
	X(4, LOAD_MISALIGNED, "load address misaligned")		\
	X(5, LOAD_ACCESS, "load access fault")				\
	X(6, STORE_MISALIGNED, "store address misaligned")		\
	X(7, STORE_ACCESS, "store access fault")			\
	X(8, ECALL_USER, "environment call from U-mode")		\
	X(9, ECALL, "environment call from S-mode")			\
	X(12, INSN_PAGE, "instruction page fault")			\
	X(13, LOAD_PAGE, "load page fault")				\
	X(15, STORE_PAGE, "store page fault")				\
	X(16, DOUBLE_TRAP, "double trap")				\
	X(18, SOFTWARE_CHECK, "software check")				\
	X(19, HARDWARE_ERROR, "hardware error")

#define SATP_MODE_SHIFT	(IS_64BIT ? 60 : 31)
#define SATP_ASID_SHIFT	(IS_64BIT ? 44 : 22)
#define SATP_ASID_BITS	(IS_64BIT ? 16 : 9)
#define SATP_SV32	1
#define SATP_SV39	8
#define SATP_SV48	9
#define SATP_SV57	10

#define SENVCFG_FIOM	0x01
#define SENVCFG_CBIE	0x30		/* CBO.INVAL in user mode: */
#define SENVCFG_CBIE_FLUSH	0x10	/* does a flush, */
#define SENVCFG_CBIE_INVAL	0x30	/* does what it says */
#define SENVCFG_CBCFE	0x40		/* CBO.CLEAN and CBO.FLUSH */
#define SENVCFG_CBZE	0x80		/* CBO.ZERO */

#define COUNTEREN_CY	1
#define COUNTEREN_TM	2
#define COUNTEREN_IR	4

#endif
