/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Exceptions of AArch32 state, by vector (DDI 0406, B1.8.1), and fault status in the
 * long format (B3.13.2).
 */
#ifndef DEFS_FSR_H
#define DEFS_FSR_H

#define EXCEPTION_UNDEFINED	1
#define EXCEPTION_SVC		2
#define EXCEPTION_INSN_ABORT	3
#define EXCEPTION_DATA_ABORT	4
#define EXCEPTION_HYP_TRAP	5
#define VECTOR_IRQ		6
#define VECTOR_FIQ		7

#define FSR_STATUS		0x0003f
#define FSR_LONG		0x00200
#define FSR_WNR			0x00800		/* a write, not a read */
#define FSR_EXTERNAL		0x01000
#define FSR_CM			0x02000		/* cache maintenance */
#define FSR_COMPARED		(FSR_STATUS | FSR_WNR | FSR_CM)

/* CPSR's modes (B1.3.1) */
#define MODE_MASK		0x1f
#define MODE_USR		0x10
#define MODE_SVC		0x13
#define MODE_HYP		0x1a
#define PSR_MASKED		0x1c0		/* A, I, F */

#endif
