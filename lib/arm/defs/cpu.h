/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * CPU features, each as one integer constant: a field of an ID register that is at
 * least so large (DDI 0487, D17.2; for AArch32 G8.2).
 */
#ifndef DEFS_CPU_H
#define DEFS_CPU_H

#define MPIDR_AFFINITY	0xff00ffffffull
#define MPIDR_AFFINITY_32	0xffffffull	/* in AArch32 state */

#define PSTATE_FLAGS	0xf0000000ull	/* N, Z, C, V */

/* User mode with all interrupts masked, in SPSR: EL0t, or User mode. */
#define PSTATE_USER	(IS_64BIT ? 0x3c0 : 0x1d0)

/*
 * bit 31: set, so that no feature is 0; 30: the field is signed, and none is below
 * 0; 23-16: register; 13-8: lowest bit; 3-0: at least
 */
#define CPU_ID(reg, shift, least)					\
	(0x80000000u | (reg) << 16 | (shift) << 8 | (least))
#define CPU_ID_SIGNED(reg, shift, least)				\
	(0x40000000u | CPU_ID(reg, shift, least))
#define CPU_ID_IS_SIGNED(f)	((f) >> 30 & 1u)
#define CPU_ID_REG(f)		((f) >> 16 & 0xffu)
#define CPU_ID_SHIFT(f)		((f) >> 8 & 0x3fu)
#define CPU_ID_LEAST(f)		((f) & 0xfu)

/* X(number, name): the registers, as cpu.c reads them in AArch64 state. */
#define CPU_ID_REGISTERS(X)						\
	X(0, id_aa64pfr0_el1)						\
	X(1, id_aa64pfr1_el1)						\
	X(2, id_aa64dfr0_el1)						\
	X(3, id_aa64isar0_el1)						\
	X(4, id_aa64isar1_el1)						\
	X(5, id_aa64mmfr0_el1)						\
	X(6, id_aa64mmfr1_el1)
#define ID_AA64PFR0	0
#define ID_AA64PFR1	1
#define ID_AA64DFR0	2
#define ID_AA64ISAR0	3
#define ID_AA64ISAR1	4
#define ID_AA64MMFR0	5
#define ID_AA64MMFR1	6
/* In AArch32 state. */
#define ID_PFR1		16
#define ID_DFR0		17
/* None of a CPU's: reads as zero. */
#define ID_NONE		255

#define CPU_NEVER	CPU_ID(ID_NONE, 0, 1)	/* no CPU has it */

#define CPU_EL0_32	CPU_ID(ID_AA64PFR0, 0, 2)
#define CPU_EL1_32	CPU_ID(ID_AA64PFR0, 4, 2)
#define CPU_EL2		CPU_ID(ID_AA64PFR0, 8, 1)
#define CPU_EL3		CPU_ID(ID_AA64PFR0, 12, 1)
#define CPU_FP		CPU_ID_SIGNED(ID_AA64PFR0, 16, 0)
#define CPU_SIMD	CPU_ID_SIGNED(ID_AA64PFR0, 20, 0)
#define CPU_GIC_SYSREG	CPU_ID(ID_AA64PFR0, 24, 1)
#define CPU_SVE		CPU_ID(ID_AA64PFR0, 32, 1)
#define CPU_BTI		CPU_ID(ID_AA64PFR1, 0, 1)
#define CPU_SSBS	CPU_ID(ID_AA64PFR1, 4, 1)
#define CPU_MTE		CPU_ID(ID_AA64PFR1, 8, 1)
#define CPU_MTE2	CPU_ID(ID_AA64PFR1, 8, 2)
#define CPU_MTE3	CPU_ID(ID_AA64PFR1, 8, 3)
#define CPU_LSE		CPU_ID(ID_AA64ISAR0, 20, 2)
#define CPU_RNDR	CPU_ID(ID_AA64ISAR0, 60, 1)
#define CPU_PAN		CPU_ID(ID_AA64MMFR1, 20, 1)
#define CPU_VHE		CPU_ID(ID_AA64MMFR1, 8, 1)

#endif
