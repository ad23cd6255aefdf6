/* SPDX-License-Identifier: BSD-2-Clause */
/* Exception syndromes (DDI 0487, D17.2, ESR_EL1). */
#ifndef DEFS_ESR_H
#define DEFS_ESR_H

#define ESR_EC_SHIFT		26
#define ESR_EC_MASK		0xfc000000u
#define ESR_IL			0x02000000u
#define ESR_ISS_MASK		0x01ffffffu

/* Classes */
#define EC_UNKNOWN	0x00
#define EC_WFX		0x01
#define EC_FP		0x07
#define EC_BTI		0x0d
#define EC_ILLEGAL_STATE	0x0e
#define EC_SVC32	0x11
#define EC_SVC64	0x15
#define EC_HVC64	0x16
#define EC_SMC64	0x17
#define EC_SYSREG	0x18
#define EC_SVE		0x19
#define EC_INSN_ABORT_LOWER	0x20
#define EC_INSN_ABORT	0x21
#define EC_PC_ALIGNMENT	0x22
#define EC_DATA_ABORT_LOWER	0x24
#define EC_DATA_ABORT	0x25
#define EC_SP_ALIGNMENT	0x26
#define EC_FP_EXCEPTION	0x2c
#define EC_SERROR	0x2f
#define EC_BREAKPOINT_LOWER	0x30
#define EC_BREAKPOINT	0x31
#define EC_STEP_LOWER	0x32
#define EC_STEP		0x33
#define EC_WATCHPOINT_LOWER	0x34
#define EC_WATCHPOINT	0x35
#define EC_BRK64	0x3c
#define EC_COUNT		0x40

/* X(class, what people say) */
#define EXCEPTION_CLASSES(X)						\
	X(EC_UNKNOWN, "Undefined")					\
	X(EC_WFX, "trapped WFI or WFE")					\
	X(EC_FP, "trapped SIMD and floating point")			\
	X(EC_BTI, "branch target")					\
	X(EC_ILLEGAL_STATE, "illegal execution state")			\
	X(EC_SVC32, "SVC of AArch32")					\
	X(EC_SVC64, "SVC")						\
	X(EC_HVC64, "HVC")						\
	X(EC_SMC64, "SMC")						\
	X(EC_SYSREG, "trapped system register")				\
	X(EC_SVE, "trapped SVE")					\
	X(EC_INSN_ABORT_LOWER, "instruction abort from EL0")		\
	X(EC_INSN_ABORT, "instruction abort")				\
	X(EC_PC_ALIGNMENT, "PC alignment")				\
	X(EC_DATA_ABORT_LOWER, "data abort from EL0")			\
	X(EC_DATA_ABORT, "data abort")					\
	X(EC_SP_ALIGNMENT, "SP alignment")				\
	X(EC_FP_EXCEPTION, "floating-point exception")			\
	X(EC_SERROR, "SError")						\
	X(EC_BREAKPOINT_LOWER, "breakpoint from EL0")			\
	X(EC_BREAKPOINT, "breakpoint")					\
	X(EC_STEP_LOWER, "step from EL0")				\
	X(EC_STEP, "step")						\
	X(EC_WATCHPOINT_LOWER, "watchpoint from EL0")			\
	X(EC_WATCHPOINT, "watchpoint")					\
	X(EC_BRK64, "BRK")

/* ISS of aborts */
#define ISS_FSC			0x03f
#define ISS_WNR			0x040	/* a write, not a read */
#define ISS_S1PTW		0x080
#define ISS_CM			0x100	/* cache maintenance */
#define ISS_ABORT_COMPARED	(ISS_FSC | ISS_WNR | ISS_S1PTW | ISS_CM)

/* ISS of a trapped MSR, MRS or system instruction */
#define ISS_SYSREG(op0, op1, crn, crm, op2, read)			\
	((op0) << 20 | (op2) << 17 | (op1) << 14 | (crn) << 10 | (crm) << 1 | (read))
#define ISS_SYSREG_READ		1
#define ISS_SYSREG_WRITE	0
#define ISS_SYSREG_RT		0x3e0	/* the general register */

#endif
